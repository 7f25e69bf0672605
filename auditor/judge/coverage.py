"""How much of what should have been judged was judged.

Coverage is the mean over the selected (policy, kind) pairs of evaluated / known documents: 0 where
the kind or a relation that the policy needs was unreadable, 1 where it was read and is empty. A
broken manifest is a known document of its kind. One too broken to tell its kind may have been
anything, so the mean is lowered by its share: the documents that could be read over all documents.
What nobody expected to be readable is out of reach: such pairs are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from auditor.document.kinds import WORKLOADS
from auditor.document.relations.table import relation_kinds
from auditor.judge.results import Results
from auditor.model import Gap, Status
from auditor.rules import Policy


def unreadable(policy: Policy, kind: str, gaps: Iterable[Gap]) -> str:
    """Say why a policy could judge nothing of a kind, or not its live pods; "" if it could."""
    wanted = _wanted(policy, kind)
    for gap in gaps:
        if gap.kind in wanted and not gap.out_of_reach and gap.origin is None:
            return gap.reason
    return ""


def blind(policy: Policy, gaps: Iterable[Gap]) -> bool:
    """Tell whether a fault may have been missed, since something is missing that the policy looks at.

    Without what only excuses it misses none.
    """
    wanted = _wished(policy).union(*(_wanted(policy, kind) for kind in policy.kinds))
    return any(gap.kind is None or gap.kind in wanted for gap in gaps)


def coverage(
    policies: Collection[Policy], results: Iterable[Results], gaps: Sequence[Gap], documents: int
) -> float:
    """Return the coverage, 0 to 1; 0 when no policy was selected, or all of it is out of reach.

    The kind of a result is that of its document; `documents` is how many there are.
    """
    known: Counter[tuple[str, str]] = Counter()
    verdicts: dict[str, Counter[str]] = {}
    for one in results:
        kind = one.document.ref.kind
        counted = verdicts.setdefault(kind, Counter())
        counted.update(one.passed)
        counted.update(one.skipped.keys())
        for result in one.told:
            counted[result.policy.id] += result.status is not Status.NOT_EVALUATED
            known[result.policy.id, kind] += result.status is Status.NOT_EVALUATED
    evaluated = {(name, kind): number for kind, found in verdicts.items() for name, number in found.items()}
    known.update(evaluated)
    for gap in gaps:
        if gap.kind and gap.origin:
            known.update((policy.id, gap.kind) for policy in policies if gap.kind in policy.kinds)
    ratios = [
        _ratio(known, evaluated, (policy.id, kind), unreadable(policy, kind, gaps))
        for policy in policies
        for kind in policy.kinds
        if not _out_of_reach(policy, kind, gaps)
    ]
    if not ratios:
        return 0.0
    broken = sum(gap.kind is None for gap in gaps)
    legible = documents / (documents + broken) if broken else 1.0
    return sum(ratios) / len(ratios) * legible


def _wanted(policy: Policy, kind: str) -> frozenset[str]:
    """The kinds that must be read for a policy to judge this one.

    A workload is judged by its template and by its live pods, which are found through their owners:
    where those are kinds that the policy does not judge, nobody else would miss them.
    """
    needed = (one for need in policy.needs for one in relation_kinds(need))
    silent = (one for one in WORKLOADS if kind in WORKLOADS and one not in policy.kinds)
    return frozenset((kind, *needed, *silent))


def _wished(policy: Policy) -> frozenset[str]:
    """The kinds of the relations that a policy wants, and looks at: without them nothing passes."""
    seen = (name for name in policy.wants if f"related.{name}" in policy.reads)
    return frozenset(kind for name in seen for kind in relation_kinds(name))


def _out_of_reach(policy: Policy, kind: str, gaps: Iterable[Gap]) -> bool:
    wanted = _wanted(policy, kind) | _wished(policy)
    return any(gap.out_of_reach and gap.kind in wanted for gap in gaps)


def _ratio(
    known: Mapping[tuple[str, str], int],
    evaluated: Mapping[tuple[str, str], int],
    pair: tuple[str, str],
    reason: str,
) -> float:
    if reason:
        return 0.0
    return evaluated.get(pair, 0) / known[pair] if known[pair] else 1.0
