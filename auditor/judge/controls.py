"""What the results say about the controls of a framework, and its score.

Controls are about the user's own workloads: results in system namespaces stand in a section of
their own, and decide none; save those about the control plane, which is nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from auditor.judge.families import in_system
from auditor.judge.results import Results
from auditor.record import ControlEntry, ControlStatus, Finding
from auditor.rules import Control, Framework, Policy


def control_names(frameworks: Iterable[Framework]) -> dict[str, tuple[str, ...]]:
    """Return `framework/control` names by policy id."""
    names: dict[str, tuple[str, ...]] = {}
    for framework in frameworks:
        for control in framework.controls:
            for policy in control.policies:
                names[policy] = (*names.get(policy, ()), f"{framework.id}/{control.id}")
    return names


def controls(
    frameworks: Iterable[Framework],
    policies: Mapping[str, Policy],
    results: Iterable[Results],
    findings: Iterable[Finding],
    incomplete: Collection[str],
    attested: Collection[str] = (),
) -> list[ControlEntry]:
    """Judge every control by what the policies, by id, found.

    `incomplete` are the policies without a verdict for something: not selected, a kind that could
    not be read, a document that could not be judged. `attested` are the controls that a person has
    answered, as `framework/control`: that counts only where no policy does.
    """
    everywhere = {policy.id for policy in policies.values() if policy.decides_everywhere}
    passed: set[str] = set()
    for one in results:
        passed.update(everywhere.intersection(one.passed) if in_system(one.document.ref) else one.passed)
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if not finding.system or finding.policy in everywhere:
            found.setdefault(finding.policy, []).append(finding)
    return [
        _entry(framework, control, passed, found, incomplete, attested)
        for framework in frameworks
        for control in framework.controls
    ]


def scores(entries: Iterable[ControlEntry]) -> dict[str, float | None]:
    """Return passed / (passed + failed) controls by framework; waived ones count as failed.

    None when nothing is decided.
    """
    decided: dict[str, list[bool]] = {}
    for entry in entries:
        votes = decided.setdefault(entry.framework, [])
        if entry.status in ("pass", "attested"):
            votes.append(True)
        elif entry.status in ("fail", "pass_with_waivers"):
            votes.append(False)
    return {name: sum(votes) / len(votes) if votes else None for name, votes in decided.items()}


def _entry(
    framework: Framework,
    control: Control,
    passed: Collection[str],
    found: Mapping[str, Sequence[Finding]],
    incomplete: Collection[str],
    attested: Collection[str],
) -> ControlEntry:
    answered = f"{framework.id}/{control.id}" in attested
    behind = [finding for policy in control.policies for finding in found.get(policy, ())]
    passes = any(policy in passed for policy in control.policies)
    return ControlEntry(
        framework=framework.id,
        control=control.id,
        title=control.title,
        status=_status(control, behind, incomplete, passes=passes, answered=answered),
        partial=control.partial,
        policies=control.policies,
        failing=sum(finding.status != "waived" for finding in behind),
        level=control.level,
        manual=control.manual,
    )


def _status(
    control: Control,
    behind: Sequence[Finding],
    incomplete: Collection[str],
    *,
    passes: bool,
    answered: bool,
) -> ControlStatus:
    if not control.policies:
        return "attested" if answered else "manual"
    if any(finding.status != "waived" for finding in behind):
        return "fail"
    if any(policy in incomplete for policy in control.policies):
        return "incomplete"
    if behind:
        return "pass_with_waivers"
    return "pass" if passes else "not_applicable"
