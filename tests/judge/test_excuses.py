"""What the shipped policies say of their samples without what only excuses: never less, and never nothing.

That is what `excuses` in their METADATA promises, and why an audit without it is not blind.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from auditor import data
from auditor.collect.manifests import ManifestSource
from auditor.document.relations.table import relation_kinds
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.judge.selection import Selection
from auditor.model import Gap, ResourceRef, Result, Snapshot, Status
from auditor.pipeline import collect, judge
from auditor.rules import Bundle, Policy
from auditor.trial import NOW
from tests import factories as make
from tools.build import tool_bin

Loaded = tuple[Bundle, OpaEngine]


@pytest.fixture(scope="module")
def loaded() -> Iterator[Loaded]:
    binary = tool_bin("opa") / "opa"
    with load_bundle(binary) as bundle, OpaEngine(binary, bundle) as engine:
        yield bundle, engine


def read(sample: Path, selection: Selection) -> Snapshot:
    """The sample as a cluster."""
    found = collect(ManifestSource([str(sample)], io.BytesIO()), selection, now=NOW)
    return msgspec.structs.replace(found, facts=msgspec.structs.replace(found.facts, kind="cluster"))


def forbidden(snapshot: Snapshot, kinds: frozenset[str]) -> Snapshot:
    return msgspec.structs.replace(
        snapshot,
        resources=tuple(one for one in snapshot.resources if one.ref.kind not in kinds),
        gaps=(*snapshot.gaps, *(Gap(kind, "403: forbidden", "nothing") for kind in sorted(kinds))),
    )


def judged(snapshot: Snapshot, engine: OpaEngine, selection: Selection) -> Mapping[ResourceRef, Result]:
    found = make.each(judge(snapshot, engine, selection)[1], selection.policies)
    return {one.document.ref: one for one in found}


def test_without_its_excuses_a_policy_finds_more_and_says_so(loaded: Loaded) -> None:
    bundle, engine = loaded
    matters: Counter[str] = Counter()
    for policy in bundle.policies.values():
        for name in filter(relation_kinds, policy.excuses):  # what programs say is of no kind
            matters[name] += excused(policy, name, engine)
    # others may be named since the library reads them, and make no difference to the policy
    assert {name for name, number in matters.items() if number} >= {"limit_range", "nodes", "volume_claims"}


def excused(policy: Policy, name: str, engine: OpaEngine) -> int:
    """How many documents of the samples have another verdict without one relation."""
    selection = Selection({policy.id: policy}, (), ())
    number = 0
    for sample in sorted((data.policies() / "k8s" / policy.id / "samples").glob("*.yaml")):
        whole = read(sample, selection)
        with_it = judged(whole, engine, selection)
        without = judged(forbidden(whole, frozenset(relation_kinds(name))), engine, selection)
        assert with_it.keys() == without.keys()
        for ref, before in with_it.items():
            after = without[ref]
            number += before.status is not after.status
            if after.status is Status.NOT_EVALUATED:
                assert not [one for one in after.reasons if one.startswith("judged without")]
                continue
            assert set(before.keys) <= set(after.keys), f"{sample}: {ref}"
            for violation in after.violations:
                assert violation.evidence["judged_without"][name].endswith("403: forbidden")
    return number
