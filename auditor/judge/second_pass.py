"""Verdicts about verdicts: what the first pass found in each namespace, as the input `results`.

Which level could this namespace enforce? Only who knows what its workloads fail can tell. Policies
that need `results` judge in a second pass; those of the first pass never see it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from auditor.document.relations.relation import part
from auditor.judge.coverage import blind
from auditor.judge.results import Results
from auditor.judge.selection import Selection
from auditor.model import Document, Gap, ResourceRef, Status
from auditor.rules import Policy

NEED = "results"
"""How METADATA `needs` names it."""

MAX_NAMED = 20
"""Objects that are named for each policy; how many there are is told too."""


def passes(selection: Selection) -> tuple[Selection, Selection]:
    """Return what judges objects, those that are only counted among them, and what judges these results."""
    first = {name: one for name, one in selection.judging.items() if NEED not in one.needs}
    second = {name: one for name, one in selection.policies.items() if NEED in one.needs}
    replace = msgspec.structs.replace
    return replace(selection, policies=first, counted={}), replace(selection, policies=second, counted={})


class Tally:
    """The results of the first pass by namespace."""

    def __init__(self, selection: Selection, results: Iterable[Results], gaps: Sequence[Gap]) -> None:
        """Count the results of the policies of the first pass.

        A policy that something was hidden from has one more result that is not evaluated, wherever
        one asks: what could not be read may have been in any namespace.
        """
        self._policies = selection.policies
        self._hidden = {one.id for one in selection.policies.values() if blind(one, gaps)}
        self._seen: dict[str, dict[Status, Counter[str]]] = {}
        self._failing: dict[tuple[str, str], set[ResourceRef]] = {}
        for one in results:
            ref = one.document.ref
            seen = self._seen.setdefault(ref.namespace, {status: Counter() for status in Status})
            seen[Status.PASS].update(one.passed)
            seen[Status.NOT_APPLICABLE].update(one.skipped.keys())
            for result in one.told:
                seen[result.status][result.policy.id] += 1
                if result.status is Status.FAIL:
                    self._failing.setdefault((ref.namespace, result.policy.id), set()).add(ref)

    def with_results(self, document: Document) -> Document:
        """Return the document with the part `results`: of its namespace, or of the one that it is."""
        ref = document.ref
        namespace = ref.name if ref.kind == "Namespace" else ref.namespace
        seen = {name: self._of(policy, namespace) for name, policy in self._policies.items()}
        return msgspec.structs.replace(document, parts={**document.parts, NEED: part(seen)})

    def _of(self, policy: Policy, namespace: str) -> Mapping[str, Any]:
        """How many results of each status a policy has in a namespace, and which objects fail it."""
        seen = self._seen.get(namespace, {})
        counts = {status.value: seen[status][policy.id] if seen else 0 for status in Status}
        if policy.id in self._hidden:
            counts[Status.NOT_EVALUATED.value] += 1
        failing = sorted(self._failing.get((namespace, policy.id), ()))
        named = [{"kind": ref.kind, "name": ref.name} for ref in failing[:MAX_NAMED]]
        return {**counts, "failing": named, "objects_failing": len(failing)}
