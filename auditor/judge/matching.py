"""The one matcher: which findings a waiver fits, and whether it could have fitted others unseen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Generic, TypeVar

import msgspec

from auditor.document.home import home
from auditor.document.kinds import KINDS
from auditor.judge.families import bearer_of, resource_ref
from auditor.judge.patterns import is_exact, matcher
from auditor.objects import ResourceEntry
from auditor.record import Audit, Finding, GapEntry, NotEvaluated
from auditor.waiver import Match, Waiver

T = TypeVar("T")


class Looked(msgspec.Struct, frozen=True):
    """What an audit looked at: by this a waiver that fits nothing is told from one that saw nothing."""

    policies: Mapping[str, Collection[str]]
    """Ids of the policies that judged, each with every id that it ever had."""
    others: Mapping[str, Collection[str]] = {}
    """The same for those that are known and did not judge."""
    controls: Mapping[str, Collection[str]] = {}
    """Ids of policies by `framework/control`."""
    clusters: Collection[str] = ()
    """The names of the cluster: its context, and its id where it is known."""
    namespaces: Collection[str] = ()
    """Those that the audit was limited to; empty means all."""
    not_evaluated: Mapping[str, Sequence[NotEvaluated]] = {}
    """By policy."""
    gaps: Sequence[GapEntry] = ()
    """All that hides objects, whether or not anybody expected to see them."""


def looked_by(audit: Audit) -> Looked:
    """Return what an audit of the record looked at."""
    bundle = audit.audit.bundle
    ids = {rule.policy: {rule.policy, rule.first_id or rule.policy} for rule in bundle.rules}
    return Looked(
        policies={name: ids.get(name, {name}) for name in bundle.policies},
        others={name: known for name, known in ids.items() if name not in bundle.policies},
        controls={f"{one.framework}/{one.control}": one.policies for one in audit.controls},
        clusters=cluster_names(audit.audit.source),
        namespaces=audit.audit.source.get("namespaces", ()),
        not_evaluated=by_policy(audit.not_evaluated),
        gaps=hiding(audit.gaps, audit.out_of_reach),
    )


def by_policy(entries: Iterable[NotEvaluated]) -> dict[str, list[NotEvaluated]]:
    """Group what has no verdict by the policy that has none."""
    grouped: dict[str, list[NotEvaluated]] = {}
    for one in entries:
        grouped.setdefault(one.policy, []).append(one)
    return grouped


def hiding(gaps: Iterable[GapEntry], out_of_reach: Iterable[GapEntry]) -> tuple[GapEntry, ...]:
    """Return what objects may hide behind; behind a policy that was not to judge, none does."""
    return (*gaps, *(one for one in out_of_reach if not one.policy))


def cluster_names(source: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names by which a waiver may call the cluster of this source; manifests have none."""
    return tuple(str(source[key]) for key in ("cluster_id", "name") if source.get(key))


class Matcher:
    """Tells whether a finding is one of those that a waiver describes; its policy is not looked at."""

    def __init__(self, match: Match) -> None:
        """Take the patterns."""
        self._path, self._fingerprint = matcher(match.path), matcher(match.fingerprint)
        self._namespace, self._kind, self._name = map(matcher, (match.namespace, match.kind, match.name))

    def fits(self, finding: Finding) -> bool:
        """Tell it."""
        return (
            self._fingerprint(finding.fingerprint)
            and self._path(finding.path)
            and self.object_fits(finding.resource)
        )

    def object_fits(self, resource: ResourceEntry) -> bool:
        """Tell whether it is one of the objects."""
        return self._namespace(namespace(resource)) and any(
            self._kind(kind) and self._name(name) for kind, name in bearers(resource)
        )


def namespace(resource: ResourceEntry) -> str:
    """Return the namespace that an object lies in; what a manifest leaves out is `default`."""
    if resource.kind == "Namespace":
        return ""
    return home(resource_ref(resource))


def bearers(resource: ResourceEntry) -> Iterator[tuple[str, str]]:
    """Yield kind and name of who bears the findings of an object: itself, or its outside owner."""
    yield resource.kind, resource.name
    if resource.managed_by:
        who = bearer_of(resource)
        yield who.kind, who.name


def policy_fits(waiver: Waiver, ids: Iterable[str]) -> bool:
    """Tell whether a waiver is about the policy that has, or had, these ids."""
    return any(map(matcher(waiver.policy), ids))


class Index(Generic[T]):
    """Finds the waivers that may fit a finding among thousands, without asking each of them."""

    def __init__(self, waivers: Iterable[tuple[Waiver, T]], looked: Looked | None) -> None:
        """Take the waivers of this cluster, each with what stands for it."""
        clusters = looked.clusters if looked else ()
        self._ids = {**looked.policies, **looked.others} if looked else {}
        self._waivers = [(waiver, one) for waiver, one in waivers if here(waiver, clusters)]
        self._slots: dict[str, dict[tuple[str, str], list[T]]] = {}

    def candidates(self, finding: Finding) -> Iterator[T]:
        """Yield what stands for each waiver of the finding's policy that may fit it."""
        slots = self._slots.get(finding.policy)
        if slots is None:
            slots = self._slots[finding.policy] = self._of(finding.policy)
        keys = (("fingerprint", finding.fingerprint), ("namespace", namespace(finding.resource)), ("", ""))
        for key in keys:
            yield from slots.get(key, ())

    def _of(self, policy: str) -> dict[tuple[str, str], list[T]]:
        slots: dict[tuple[str, str], list[T]] = {}
        for waiver, one in self._waivers:
            if policy_fits(waiver, self._ids.get(policy, (policy,))):
                slots.setdefault(_slot(waiver.match), []).append(one)
        return slots


def _slot(match: Match) -> tuple[str, str]:
    """The exact value that a finding must have to be fitted, of that which most findings have not."""
    for field in ("fingerprint", "namespace"):
        value: str = getattr(match, field)
        if value and is_exact(value):
            return field, value
    return "", ""


def here(waiver: Waiver, clusters: Iterable[str]) -> bool:
    """Tell whether a waiver is meant for the cluster that has these names."""
    return not waiver.match.cluster or any(map(matcher(waiver.match.cluster), clusters))


def unseen(waiver: Waiver, looked: Looked) -> str:
    """Say why findings that the waiver fits may be there although the audit has none; "" if they cannot."""
    match = waiver.match
    if not here(waiver, looked.clusters):
        return f"it is for cluster {match.cluster}"
    judged = [name for name, ids in looked.policies.items() if policy_fits(waiver, ids)]
    if not judged or any(policy_fits(waiver, ids) for ids in looked.others.values()):
        return f"policy {waiver.policy} was not judged" if not judged else "not all its policies were judged"
    if looked.namespaces and match.namespace not in looked.namespaces:
        return f"the audit was limited to namespaces {', '.join(looked.namespaces)}"
    fits = Matcher(match).object_fits
    for one in chain.from_iterable(looked.not_evaluated.get(name, ()) for name in judged):
        if fits(one.resource) if one.resource else _may_be(match, one.kind):
            what = one.resource or (f"every {one.kind}" if one.kind else "anything")
            return f"{one.policy} has no verdict on {what}"
    for gap in looked.gaps:
        if _hides(match, gap):
            where = f" in {gap.namespace}" if gap.namespace and gap.kind else ""
            what = gap.kind or (f"namespace {gap.namespace}" if gap.namespace else "a document")
            return f"{what}{where} was not read"
    return ""


def _hides(match: Match, gap: GapEntry) -> bool:
    """Whether an object of the match may be among what was not read."""
    return _may_be(match, gap.kind) and (not gap.namespace or _overlap(match.namespace, gap.namespace))


def _overlap(one: str, other: str) -> bool:
    """Whether two patterns may match the same text; of two that are open, nobody asks."""
    return matcher(one)(other) or matcher(other)(one) or not (is_exact(one) or is_exact(other))


def _may_be(match: Match, kind: str | None) -> bool:
    """Whether an object of the match may be of this kind: an owner that we do not list stands behind any."""
    known = KINDS.get(kind or "")
    if not (kind and known):
        return True
    if match.namespace and not known.namespaced:
        return False
    fits = matcher(match.kind)
    return fits(kind) or not any(map(fits, KINDS))
