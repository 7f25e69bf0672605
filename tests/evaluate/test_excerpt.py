"""A part of a bundle: what it has answers as in the whole, what it has not is not taken for clean."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from auditor.collect.manifests import ManifestSource
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.excerpt import excerpt
from auditor.judge.selection import Selection
from auditor.model import Failure, Verdict
from auditor.pipeline import collect, judge
from auditor.rules import Bundle
from tests import factories as make
from tests.evaluate.conftest import Bundler
from tests.evaluate.custom import write_policy
from tests.evaluate.questions import HARMLESS, ask, document, named

EXAMPLES = Path(__file__).parents[2] / "examples"


def files(archive: str) -> set[str]:
    with tarfile.open(archive) as opened:
        return {name.rpartition("/")[2] for name in opened.getnames()}


def verdicts(opa: Path, bundle: Bundle, policies: Collection[str]) -> list[Mapping[str, Verdict | Failure]]:
    with OpaEngine(opa, bundle) as engine:
        return [one.verdicts for one in engine.evaluate(ask(list(policies), [document("a"), document("b")]))]


@pytest.mark.parametrize(
    ("chosen", "topics"),
    [
        (["host_pid"], set()),
        (["seccomp_unconfined"], {"seccomp", "pod_security", "pointer"}),
        (["prometheus_retention_short", "host_pid"], {"prometheus", "program", "flags", "duration"}),
    ],
)
def test_every_policy_answers_as_in_the_whole(opa: Path, chosen: list[str], topics: set[str]) -> None:
    with load_bundle(opa) as bundle:
        part = excerpt(bundle, chosen)
        assert part.digest == bundle.digest
        assert (part.policies, part.frameworks) == (bundle.policies, bundle.frameworks)
        assert {f"{name}.rego" for name in (*chosen, *topics, "main")} <= files(part.archive)
        assert "host_ipc.rego" not in files(part.archive)
        selection = Selection({name: bundle.policies[name] for name in chosen}, (), ())
        snapshot = collect(ManifestSource([str(EXAMPLES)], io.BytesIO()), selection)
        found = []
        for one in (bundle, part):
            with OpaEngine(opa, one) as engine:
                results = judge(snapshot, engine, selection)[1]
            told = make.each(results, selection.policies)
            found.append([(str(each.document.ref), each.status, each.violations) for each in told])
    assert found[0] == found[1]
    assert found[0]


def test_a_policy_that_was_left_out_has_no_verdict(opa: Path) -> None:
    with load_bundle(opa) as bundle:
        answers = verdicts(opa, excerpt(bundle, ["host_pid"]), ["host_pid", "host_ipc"])
    assert [one["host_pid"] for one in answers] == [Verdict(), Verdict()]
    assert all(isinstance(one["host_ipc"], Failure) for one in answers)


def test_a_custom_policy_brings_its_library(opa: Path, tmp_path: Path) -> None:
    rules = f"import data.lib.image\n\n{HARMLESS}\n\nskip contains one if some one in image.unnamed"
    write_policy(tmp_path / "mine", "mine", rules)
    with load_bundle(opa, [tmp_path / "mine"]) as bundle:
        part = excerpt(bundle, ["mine"])
        assert files(part.archive) == {"data.json", ".manifest", "main.rego", "mine.rego", "image.rego"}
        assert verdicts(opa, part, ["mine"]) == [{"mine": named("a")}, {"mine": named("b")}]


def test_all_policies_are_the_bundle_itself(opa: Path, bundle_of: Bundler) -> None:
    bundle = bundle_of({"a": HARMLESS})
    assert excerpt(bundle, []) is bundle  # it says of no policy that it has it
    with load_bundle(opa) as shipped:
        assert excerpt(shipped, [*shipped.policies, "another"]) is shipped
