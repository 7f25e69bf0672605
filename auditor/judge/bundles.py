"""The rules of two audits side by side: what changed in them is told apart from what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from auditor.judge.waiver_findings import BUILT_IN
from auditor.past import KnownFinding, RuleChanges
from auditor.record import BundleEntry, RuleEntry


class Rules:
    """The policies of one bundle, found by the id that they have or by the one they had first."""

    def __init__(self, bundle: BundleEntry) -> None:
        """Index what the record says; older records name only the policies that were selected."""
        self._by_first = by_first_id(bundle)
        self._by_id = {one.policy: one for one in bundle.rules}
        self._selected = frozenset(bundle.policies)
        self.told = bool(bundle.rules)
        """The record lists every policy of the bundle."""

    def rule(self, finding: KnownFinding) -> RuleEntry | None:
        """Return the policy behind a finding as it was in force, None if the record has no such rule."""
        first = self._by_first.get(finding.first_id or finding.policy)
        return first or self._by_id.get(finding.policy)

    def selected(self, finding: KnownFinding) -> str:
        """Return the id under which the policy behind a finding was judged, "" if it was not."""
        rule = self.rule(finding)
        names = (rule.policy,) if rule else (finding.policy, finding.first_id)
        return next((name for name in names if name in self._selected), "")

    def first_id(self, policy: str) -> str:
        """Return the id that a policy had first, "" if it still has it or the record does not say."""
        rule = self._by_id.get(policy)
        return rule.first_id if rule and rule.first_id != policy else ""

    def judges(self, finding: KnownFinding) -> bool:
        """Tell whether the policy behind a finding judged its kind of object, as far as the record says."""
        rule = self.rule(finding)
        return rule is None or not rule.kinds or finding.resource.kind in rule.kinds

    def known(self, finding: KnownFinding) -> bool:
        """Tell whether there was the policy at all, as far as the record says."""
        return finding.policy in BUILT_IN or self.rule(finding) is not None or self.selected(finding) != ""


def by_first_id(bundle: BundleEntry) -> dict[str, RuleEntry]:
    """Return the rules by the id that is part of fingerprints."""
    return {one.first_id or one.policy: one for one in bundle.rules}


def same_rule(one: RuleEntry, other: RuleEntry) -> bool:
    """Tell whether both find the same faults: their severity, which they may differ in, finds none."""
    return (one.digest, one.parameters, one.namespaces) == (other.digest, other.parameters, other.namespaces)


def rule_changes(before: BundleEntry, after: BundleEntry) -> RuleChanges:
    """Return what differs between the rules of an earlier and a later audit, renamed policies matched.

    Where a record does not list its rules, only the selected policies can be compared.
    """
    if not (before.rules and after.rules):
        return _selections(before, after)
    old, new = by_first_id(before), by_first_id(after)
    both = {new[first].policy: (old[first], new[first]) for first in old.keys() & new.keys()}
    judged = {name: one.policy in before.policies for name, (one, _) in both.items()}
    return RuleChanges(
        added=_ids(new[first] for first in new.keys() - old.keys()),
        removed=_ids(old[first] for first in old.keys() - new.keys()),
        changed=_those(both, lambda one: one.digest),
        parameters=_those(both, lambda one: (one.parameters, one.namespaces)),
        severity=_those(both, lambda one: one.severity),
        selected=tuple(sorted(name for name in both if name in after.policies and not judged[name])),
        deselected=tuple(sorted(name for name in both if name not in after.policies and judged[name])),
    )


def _selections(before: BundleEntry, after: BundleEntry) -> RuleChanges:
    old, new = frozenset(before.policies), frozenset(after.policies)
    more, less = tuple(sorted(new - old)), tuple(sorted(old - new))
    if before.digest == after.digest:
        return RuleChanges(selected=more, deselected=less)
    return RuleChanges(added=more, removed=less)


def _ids(rules: Iterable[RuleEntry]) -> tuple[str, ...]:
    return tuple(sorted(one.policy for one in rules))


def _those(
    both: Mapping[str, tuple[RuleEntry, RuleEntry]], aspect: Callable[[RuleEntry], object]
) -> tuple[str, ...]:
    """The policies that differ in something."""
    return tuple(sorted(name for name, (old, new) in both.items() if aspect(old) != aspect(new)))
