"""Writes docs/policies.md, the catalogue, and docs/policies/ID.md, the page of each shipped policy.

Of the frameworks docs/frameworks/ID.md, and their list at the end of docs/frameworks.md. The names at the
end of docs/writing-policies.md too, and at the end of docs/reference-stack.md which policies judge each
requirement.

    .venv/bin/python -m tools.policy_pages          write them
    .venv/bin/python -m tools.policy_pages --check  exit 1 if they are not what would be written

The pages are what `auditor explain ID` prints: they come from METADATA, samples and frameworks, and
are changed there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

from auditor.cli.answer import markdown_of
from auditor.cli.explain import example_of
from auditor.document.kinds import KIND_SETS, KINDS
from auditor.document.relations.table import INPUTS, RELATIONS
from auditor.errors import AuditorError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.metadata import Category
from auditor.report import framework_page, markdown, policy_page
from auditor.report.policy_page import severity
from auditor.report.view import plural
from auditor.rules import Bundle, Policy
from tools.build import ROOT, BuildError, tool_bin

DOCS = ROOT / "docs"

HEAD = """\
# The policies

{count}, by category and worst first. `auditor explain ID` prints the page of one,
`auditor policies list` this list; [configuration.md](configuration.md) says how to switch policies on
and off and change their severities and parameters, [writing-policies.md](writing-policies.md) how to
write one. Written by `python -m tools.policy_pages`; change METADATA and samples in `policies/k8s/`.
"""

MARK = "<!-- Written by python -m tools.policy_pages from here on. -->\n"
"""Where the written part of a page begins that is otherwise by hand."""

FOLDERS = ("policies", "frameworks")
"""Of docs, which hold nothing but written pages."""

TITLES = {"rbac": "RBAC"}
"""Of categories whose name in words is not enough."""


def pages(bundle: Bundle) -> dict[str, str]:
    """Return the text of every page, by path in docs."""
    return {
        "policies.md": "\n".join(_catalogue(bundle)) + "\n",
        "writing-policies.md": _by_hand("writing-policies.md") + MARK + "\n".join(_names()) + "\n",
        "reference-stack.md": _by_hand("reference-stack.md") + MARK + "\n".join(_requirements(bundle)) + "\n",
        "frameworks.md": _by_hand("frameworks.md") + MARK + "\n".join(_frameworks(bundle)) + "\n",
        **{f"policies/{one.id}.md": _page(one, bundle) for one in bundle.policies.values()},
        **{
            f"frameworks/{one.id}.md": markdown_of(framework_page.page(one, bundle))
            for one in bundle.frameworks.values()
        },
    }


def stale(docs: Path, wanted: Mapping[str, str]) -> Iterator[str]:
    """Yield the paths in docs that hold something else than they should, or should not be there."""
    there = {path.relative_to(docs).as_posix() for folder in FOLDERS for path in docs.glob(f"{folder}/*")}
    for name in sorted({*wanted, *there}):
        path = docs / name
        text = path.read_text(encoding="utf-8") if path.is_file() else None
        if name not in wanted or text != wanted[name]:
            yield name


def write(docs: Path, wanted: Mapping[str, str]) -> None:
    """Write the pages, and take away those of policies and frameworks that are gone."""
    for folder in FOLDERS:
        (docs / folder).mkdir(exist_ok=True)
    for name in stale(docs, wanted):
        if name in wanted:
            (docs / name).write_text(wanted[name], encoding="utf-8")
        else:
            (docs / name).unlink()


def _page(policy: Policy, bundle: Bundle) -> str:
    return markdown_of(policy_page.page(policy, bundle, example_of(policy, ())))


def _catalogue(bundle: Bundle) -> Iterator[str]:
    yield HEAD.format(count=plural(len(bundle.policies), "policy"))
    for category in get_args(Category):
        policies = [one for one in bundle.policies.values() if one.category == category]
        if policies:
            title = TITLES.get(category, category.replace("_", " ").capitalize())
            yield f"## {title}\n\n| policy | severity | what it finds | on by default |\n|---|---|---|---|"
            yield from map(_row, sorted(policies, key=lambda one: (one.severity.rank, one.id)))
            yield ""


def _names() -> Iterator[str]:
    """What `kinds`, `needs` and `wants` may name."""
    yield f"\n`kinds`: {', '.join(KINDS)}. Others are not read. Or a set:\n"
    yield from (f"- `{name}`: {', '.join(kinds)}" for name, kinds in KIND_SETS.items())
    yield "\n`needs` and `wants`; what each looks like in Rego is told in `auditor/document/relations/`:\n"
    yield "| relation | what it tells | kinds that are read for it |\n|---|---|---|"
    for one in RELATIONS.values():
        yield f"| `{one.name}` | {one.words} | {', '.join(one.kinds)} |"
    yield "\n`needs` only:\n"
    yield from (f"- `{name}`: {words}" for name, words in INPUTS.items())


def _by_hand(name: str) -> str:
    """The part of a page that is not written here."""
    return (DOCS / name).read_text(encoding="utf-8").partition(MARK)[0]


def _frameworks(bundle: Bundle) -> Iterator[str]:
    """Which frameworks there are, and how their controls are answered."""
    yield "\n| framework | version | controls | by policies | in part | by people | judged | what it is |"
    yield f"|{'---|' * 8}"
    for one in bundle.frameworks.values():
        found = framework_page.counts(one)
        figures = (found.controls, found.automated, found.partial, found.manual)
        judged = "by default" if one.default else "when asked"
        link = f"[`{one.id}`](frameworks/{one.id}.md)"
        cells = (link, one.version, *map(str, figures), judged, markdown.escape(one.title))
        yield f"| {' | '.join(cells)} |"


def _requirements(bundle: Bundle) -> Iterator[str]:
    """Which policies judge each requirement of the reference stack."""
    controls = bundle.frameworks["reference_stack"].controls
    judged = sum(bool(one.policies) for one in controls)
    yield f"\n{judged} of {len(controls)} are judged by policies, some in part. The others are for people.\n"
    yield "| | requirement, as the framework says it | judged by |\n|---|---|---|"
    for one in controls:
        links = ", ".join(f"[`{name}`](policies/{name}.md)" for name in one.policies)
        answer = f"{'in part: ' if one.partial else ''}{links}" if links else "no policy"
        yield f"| {one.id} | {markdown.escape(one.title)} | {answer} |"


def _row(policy: Policy) -> str:
    link = f"[`{policy.id}`](policies/{policy.id}.md)"
    cells = (link, severity(policy), markdown.escape(policy.title), "yes" if policy.enabled else "no")
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the pages and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.policy_pages", description="The policy pages.")
    parser.add_argument("--check", action="store_true", help="only say which pages are not current")
    check = parser.parse_args(arguments).check
    try:
        with load_bundle(tool_bin("opa") / "opa") as bundle:
            wanted = pages(bundle)
    except (AuditorError, BuildError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not check:
        write(DOCS, wanted)
        return 0
    old = list(stale(DOCS, wanted))
    for name in old:
        print(f"docs/{name}: is not current; python -m tools.policy_pages writes it")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
