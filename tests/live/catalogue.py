"""What the shipped policies read, by their METADATA: read here on our own, to compare the program with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from auditor.document.kinds import KIND_SETS, KINDS, WORKLOADS
from auditor.document.relations.table import OBSERVED, RELATIONS
from tools.build import ROOT


class Policy(NamedTuple):
    """The kinds that a policy judges, and those of the relations that it cannot or can do without."""

    kinds: frozenset[str]
    needs: frozenset[str]
    others: frozenset[str] = frozenset()
    observes: bool = False
    """It needs what a running program says of itself: where none is asked it is out of reach."""

    def blind(self, kind: str) -> frozenset[str]:
        """The kinds that it cannot judge where this one is missing.

        A template is judged together with its live pods, which are found through their owners.
        """
        if kind in self.needs:
            return self.kinds
        owners = self.kinds & set(WORKLOADS) if kind in WORKLOADS and kind not in self.kinds else frozenset()
        return owners | (self.kinds & {kind})


def _policies() -> Iterator[tuple[str, Policy]]:
    for path in sorted((ROOT / "policies/k8s").glob("*/*.rego")):
        if path.stem == path.parent.name:
            comment = path.read_text().partition("# METADATA\n")[2].partition("\npackage ")[0]
            text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in comment.splitlines())
            custom = yaml.safe_load(text)["custom"]
            # those that read Secrets wait for --with-secrets (test_secrets.py)
            if custom.get("enabled", True) and "Secret" not in custom["kinds"]:
                yield path.stem, _policy(custom)


def _policy(custom: Mapping[str, Any]) -> Policy:
    kinds = [one for name in custom["kinds"] for one in KIND_SETS.get(name, (name,))]
    joins = {name: _related(custom.get(name, ())) for name in ("needs", "wants", "excuses")}
    observes = not OBSERVED.keys().isdisjoint(custom.get("needs", ()))
    return Policy(frozenset(kinds), joins["needs"], joins["wants"] | joins["excuses"], observes)


def _related(names: list[str]) -> frozenset[str]:
    return frozenset(kind for name in names if name in RELATIONS for kind in RELATIONS[name].kinds)


POLICIES: Mapping[str, Policy] = dict(_policies())
"""By id; those that are off, or read Secrets, left out."""

READ = tuple(
    sorted(frozenset(WORKLOADS).union(*(one.kinds | one.needs | one.others for one in POLICIES.values())))
)
"""The kinds that an audit reads, those of operators among them."""
BUILT_IN = tuple(kind for kind in READ if not KINDS[kind].custom)
"""Those that every server has."""
NAMESPACED = tuple(kind for kind in BUILT_IN if KINDS[kind].namespaced)
PLURALS = {kind: KINDS[kind].plural for kind in BUILT_IN}


def blinded(kind: str, policies: Mapping[str, Policy] = POLICIES) -> set[tuple[str, str]]:
    """Return the (policy, kind) pairs without a verdict where a kind may not be read."""
    judging = {name: policy for name, policy in policies.items() if not policy.observes}
    return {(name, lost) for name, policy in judging.items() for lost in policy.blind(kind)}
