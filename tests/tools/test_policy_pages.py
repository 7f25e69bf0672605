"""tools/policy_pages.py: the pages are those of the policies, and what is stale is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from auditor import data
from auditor.document.relations.table import INPUTS, RELATIONS
from auditor.evaluate.bundle import load_bundle
from auditor.report.markdown import escape
from auditor.rules import Bundle, Parameter
from tools import policy_pages
from tools.build import tool_bin
from tools.policy_rules import broken_rules


@pytest.fixture(scope="module")
def bundle() -> Iterator[Bundle]:
    with load_bundle(tool_bin("opa") / "opa") as found:
        yield found


@pytest.fixture
def docs(bundle: Bundle, tmp_path: Path) -> Path:
    """The pages, written where they may be spoiled."""
    policy_pages.write(tmp_path, policy_pages.pages(bundle))
    return tmp_path


def test_every_policy_has_a_page_and_a_row(bundle: Bundle, docs: Path) -> None:
    assert {path.stem for path in docs.glob("policies/*.md")} == set(bundle.policies)
    rows = [line for line in (docs / "policies.md").read_text().splitlines() if line.startswith("| [`")]
    assert sorted(row.split("`")[1] for row in rows) == sorted(bundle.policies)
    for row in rows:
        target = row.split("](")[1].split(")")[0]
        assert (docs / target).is_file()


def test_what_is_stale_is_found_and_mended(bundle: Bundle, docs: Path) -> None:
    wanted = policy_pages.pages(bundle)
    assert list(policy_pages.stale(docs, wanted)) == []
    (docs / "policies/host_pid.md").write_text("changed")
    (docs / "policies/host_ipc.md").unlink()
    (docs / "policies/gone.md").write_text("of a policy that is no more")
    (docs / "frameworks/gone.md").write_text("of a framework that is no more")
    spoiled = ["frameworks/gone.md", "policies/gone.md", "policies/host_ipc.md", "policies/host_pid.md"]
    assert list(policy_pages.stale(docs, wanted)) == spoiled
    policy_pages.write(docs, wanted)
    assert list(policy_pages.stale(docs, wanted)) == []
    assert not list(docs.glob("*/gone.md"))


def test_links_between_pages_lead_somewhere(bundle: Bundle, docs: Path) -> None:
    followed = 0
    for path in docs.rglob("*.md"):
        text = path.read_text()
        if path.parent == docs:
            text = text.partition(policy_pages.MARK)[2]  # what is by hand leads to pages that are not here
        for name in (piece.split(")")[0] for piece in text.split("`](")[1:]):
            assert (path.parent / name).is_file(), f"{path.name}: {name}"
            followed += 1
    assert followed


def test_the_page_of_a_framework_has_both_titles_of_each_pair(bundle: Bundle, docs: Path) -> None:
    for framework in bundle.frameworks.values():
        text = (docs / f"frameworks/{framework.id}.md").read_text()
        sections = text.split("\n## ")[1:]
        for control, section in zip(framework.controls, sections, strict=False):
            assert section.startswith(f"{escape(control.id)}: {escape(control.title)}\n")
            rows = [line for line in section.splitlines() if line.startswith("| policy |")]
            assert rows == [
                f"| policy | [`{name}`](../policies/{name}.md), {escape(bundle.policies[name].title)} |"
                for name in control.policies
            ]
            assert ("| by hand |" in section) is bool(control.manual)


def test_every_relation_and_input_has_words() -> None:
    assert [one.name for one in RELATIONS.values() if not one.words] == []
    assert all(INPUTS.values())


def test_what_ships_has_an_example(bundle: Bundle, docs: Path) -> None:
    for policy in bundle.policies:
        text = (docs / f"policies/{policy}.md").read_text()
        assert text.count("\n```yaml\n") == 2, policy


def test_a_parameter_needs_a_description(bundle: Bundle) -> None:
    """Those that ship have one, and the rules of the house see to it."""
    bare = msgspec.structs.replace(bundle.policies["single_replica"], declared={"minimum": Parameter(2)})
    spoiled = msgspec.structs.replace(bundle, policies={**bundle.policies, bare.id: bare})
    found = [set(broken_rules(data.policies(), one)) for one in (bundle, spoiled)]
    [line] = found[1] - found[0]
    assert line.endswith("single_replica.rego: parameter minimum has no description")
    assert not [line for line in found[0] if "no description" in line]
