"""What an audit looked at, as far as its record tells: only there does no finding mean no fault.

A record names what it could not look at, not every object that passed. So a finding that is gone was
looked for, unless something in the record may have hidden it: its policy, its object, its kind, its
namespace or its file. Where the record leaves it open, it was not looked at.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from auditor.document.home import home
from auditor.document.kinds import WORKLOADS
from auditor.judge.bundles import Rules
from auditor.judge.families import Bearer, bearer_of, resource_ref
from auditor.judge.waiver_findings import BUILT_IN
from auditor.objects import ResourceEntry
from auditor.past import KnownFinding
from auditor.record import Audit, Finding, GapEntry, NotEvaluated

_UNSAID = "no reason was given"

_FOREIGN = "no policy judges the kind "
"""So the manifests source begins to say that a document is of another kind than all that are judged."""


class Sight:
    """One audit, indexed by what it could not look at."""

    def __init__(self, audit: Audit) -> None:
        """Index the record once; it may hold very many findings and results without a verdict."""
        self.rules = Rules(audit.audit.bundle)
        # an empty folder, or the wrong one, is no proof that everything was repaired
        self._nothing = "" if audit.summary.documents else "nothing was collected that the policies judge"
        self._waivers = audit.audit.waivers
        self._scope = _Scope(audit)
        self._unread = _Unread(audit.gaps, audit.out_of_reach)
        self._unjudged = _Unjudged(audit.not_evaluated, audit.findings)

    def missed(self, finding: KnownFinding) -> str:
        """Say why a finding of another audit could not have been found here, "" if it was looked for."""
        if finding.policy in BUILT_IN:
            return "" if self._waivers else "no waivers were read"
        resource, place = finding.resource, home(resource_ref(finding.resource))
        return (
            self._nothing
            or self._not_selected(finding)
            or self._scope.outside(resource, place)
            or self._unread.reason(resource, place)
            or self._unjudged.reason(self.rules.selected(finding), resource)
            or self._whole_kind(finding, place)
        )

    def mistaken(self, resource: ResourceEntry) -> bool:
        """Tell whether an object only seems to have an owner outside, as that could not be read here."""
        owner = resource.managed_by
        return (
            owner is not None
            and owner.kind in WORKLOADS
            and self._unread.kind(owner.kind, home(resource_ref(resource)))
        )

    def _not_selected(self, finding: KnownFinding) -> str:
        """The policy is told of each finding anyway: without its id, fewer reasons tell of more of them."""
        name, rule = self.rules.selected(finding), self.rules.rule(finding)
        if name:
            judges = self.rules.judges(finding)
            return "" if judges else f"its policy does not judge the kind {finding.resource.kind}"
        if declined := self._unread.declined(rule.policy if rule else finding.policy):
            return f"its policy {declined}"
        gone = self.rules.told and rule is None
        return "its policy is not in the bundle" if gone else "its policy was not selected"

    def _whole_kind(self, finding: KnownFinding, place: str) -> str:
        """A policy without a verdict for a kind: for all of it, or where it could not be read."""
        reasons = self._unjudged.whole(self.rules.selected(finding), finding.resource.kind)
        return next((one or _UNSAID for one in reasons if not self._unread.only_elsewhere(one, place)), "")


class _Scope:
    """Where the audit was to look."""

    def __init__(self, audit: Audit) -> None:
        source = audit.audit.source
        self._manifests = source.get("kind") == "manifests"
        self._namespaces = tuple(source.get("namespaces", ()))
        self._paths = tuple(source.get("paths", ()))
        self._skipped = {
            posixpath.normpath(one.path): one.reason
            for one in audit.skipped_files
            if not one.reason.startswith(_FOREIGN)
        }

    def outside(self, resource: ResourceEntry, place: str) -> str:
        """Say why an object is beyond what the audit was to look at, "" if it is not."""
        file = resource.source
        if self._manifests and file is None:
            return "it was found in a cluster, and this is an audit of manifests"
        if not self._manifests and file is not None:
            return "it was found in manifests, and this is an audit of a cluster"
        if file and self._paths and not any(_is_below(file.path, top) for top in self._paths):
            return f"{file.path} is not among the manifests of this audit"
        if self._namespaces and place not in self._namespaces:
            return f"the audit was limited to namespaces: {', '.join(self._namespaces)}"
        return self._skipped_file(file.path) if file else ""

    def _skipped_file(self, path: str) -> str:
        """A file that was no manifest any more, or lies in a folder that was passed over."""
        here = posixpath.normpath(path)
        while here:
            if reason := self._skipped.get(here):
                return f"{here} was skipped: {reason}"
            here = here.rpartition("/")[0]
        return ""


class _Unread:
    """What could not be read, or was not to be, found by kind and namespace."""

    def __init__(self, gaps: Iterable[GapEntry], out_of_reach: Iterable[GapEntry]) -> None:
        self._any: dict[tuple[str | None, str | None], str] = {}
        self._lists: dict[tuple[str | None, str | None], str] = {}
        self._places: dict[str, set[str | None]] = {}
        """By reason, the namespaces that could not be read because of it; None is all of them."""
        self._excluded: dict[str, str] = {}
        """By namespace."""
        self._policies: dict[str, str] = {}
        for gap in gaps:
            told = gap.reason if gap.source or not gap.kind else f"{gap.kind} could not be read: {gap.reason}"
            self._add(gap, told)
        for gap in out_of_reach:
            if gap.policy:
                self._policies[gap.policy] = gap.reason.removeprefix(f"policy {gap.policy} ") or _UNSAID
            elif gap.kind is None and gap.namespace:
                self._excluded.setdefault(gap.namespace, gap.reason or _UNSAID)
            else:
                self._add(gap, f"{gap.kind or 'a document'} is out of reach: {gap.reason}")

    def _add(self, gap: GapEntry, reason: str) -> None:
        self._any.setdefault((gap.kind, gap.namespace), reason or _UNSAID)
        if gap.source is None:
            self._lists.setdefault((gap.kind, gap.namespace), reason)
            self._places.setdefault(gap.reason, set()).add(gap.namespace)

    def reason(self, resource: ResourceEntry, place: str) -> str:
        """Say what may have hidden an object, "" if nothing was.

        A workload is judged by its live pods too, which are found through its ReplicaSets or Jobs:
        without a list of one of these kinds, nobody knows whose pods were missed.
        """
        if reason := self._excluded.get(place, ""):
            return reason
        workloads = WORKLOADS if resource.kind in WORKLOADS else ()
        for where in (None, place):
            for kind in (None, resource.kind):
                if reason := self._any.get((kind, where), ""):
                    return reason
            for kind in workloads:
                if reason := self._lists.get((kind, where), ""):
                    return reason
        return ""

    def kind(self, kind: str, place: str) -> bool:
        """Tell whether a list of a kind could not be read."""
        return any((kind, where) in self._lists for where in (None, place))

    def declined(self, policy: str) -> str:
        """Return what the record says of a policy that was not judged, "" if it says nothing."""
        return self._policies.get(policy, "")

    def only_elsewhere(self, reason: str, place: str) -> bool:
        """Tell whether all that could not be read for a reason lies in other namespaces."""
        places = self._places.get(reason, {None})
        return None not in places and place not in places


class _Unjudged:
    """What policies have no verdict, or only half of one, about."""

    def __init__(self, entries: Iterable[NotEvaluated], findings: Iterable[Finding]) -> None:
        self._objects: dict[tuple[str, Bearer], str] = {}
        self._kinds: dict[tuple[str, str | None], list[str]] = {}
        for entry in entries:
            if entry.resource:
                self._objects.setdefault((entry.policy, bearer_of(entry.resource)), entry.reason or _UNSAID)
            else:
                self._kinds.setdefault((entry.policy, entry.kind), []).append(entry.reason)
        for finding in findings:
            if doubt := _doubt(finding):
                self._objects.setdefault((finding.policy, bearer_of(finding.resource)), doubt)

    def reason(self, policy: str, resource: ResourceEntry) -> str:
        """Say why a policy has no whole verdict about who bears the findings of an object, "" if it has."""
        return self._objects.get((policy, bearer_of(resource)), "")

    def whole(self, policy: str, kind: str) -> list[str]:
        """Return why a policy has no verdict about a kind as a whole."""
        return self._kinds.get((policy, kind), []) + self._kinds.get((policy, None), [])


def _doubt(finding: Finding) -> str:
    """What else a failed result could not tell; evidence that was cut may have said something."""
    evidence: Mapping[str, object] = finding.evidence
    if unknown := evidence.get("unknown"):
        told = "; ".join(map(str, unknown)) if isinstance(unknown, list | tuple) else str(unknown)
        return told or _UNSAID
    return "its evidence was too long to be kept whole" if "truncated" in evidence else ""


def _is_below(path: str, top: str) -> bool:
    """Tell whether a file is what `-f` names, or lies in it."""
    inner, outer = posixpath.normpath(path), posixpath.normpath(top)
    if outer == ".":
        return not inner.startswith(("/", "../"))
    return inner == outer or inner.startswith(f"{outer.rstrip('/')}/")
