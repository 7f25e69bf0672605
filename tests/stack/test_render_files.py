"""Every file of deploy/ is used, holds one object, and every component says what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stack.render import COMPONENTS, DEPLOY, LAST, objects
from tools import build

UNREACHED = ("README.md", "alerts.yaml", "components.yaml", "certificates.sh", "tests/", "waivers/")
"""What is not there to be rendered."""


def is_rendered(path: Path) -> bool:
    return path.name != "README.md" and not str(path.relative_to(DEPLOY)).startswith(UNREACHED)


def test_one_object_in_each_file() -> None:
    for path in DEPLOY.rglob("*.yaml"):
        if path.name == "kustomization.yaml" or not is_rendered(path):
            continue
        documents: list[Any] = objects(path.read_text())
        if isinstance(documents[0], list):
            continue  # a JSON patch, or replacements
        assert len(documents) == 1, path
        [one] = documents
        if path.parent.parent.name == "overlays":
            continue
        kind, _, name = path.stem.partition("-")
        assert kind == one["kind"].lower(), path
        # Names of what belongs to no namespace say whose it is; two namespaces may have the same names.
        assert name.startswith(one["metadata"]["name"].removeprefix("monitoring-")) or (
            name == one["metadata"]["name"]
        ), path


def reached(folder: Path) -> Iterator[Path]:
    """Every file that rendering a folder reads."""
    kustomization = folder / "kustomization.yaml"
    yield kustomization
    read = yaml.safe_load(kustomization.read_text())
    named = [*read.get("resources", ()), *read.get("components", ())]
    named += [one["path"] for one in [*read.get("patches", ()), *read.get("replacements", ())]]
    for generator in [*read.get("configMapGenerator", ()), *read.get("secretGenerator", ())]:
        named += [file.rpartition("=")[2] for file in generator.get("files", ())]
    for name in named:
        path = (folder / name).resolve()
        if path.is_dir():
            yield from reached(path)
        else:
            yield path


def test_every_file_is_reached() -> None:
    roots = [*DEPLOY.glob("overlays/*/"), *DEPLOY.glob("components/*/")]
    read = {path for root in roots for path in reached(root)}
    there = {path for path in DEPLOY.rglob("*") if path.is_file() and is_rendered(path)}
    assert there - read == set()
    assert read - there == set()


@pytest.mark.parametrize("component", [*COMPONENTS, *LAST])
def test_components_have_a_readme(component: str) -> None:
    readme = (DEPLOY / "components" / component / "README.md").read_text()
    assert readme.startswith(f"# {component}\n")
    for link in re.findall(r"\]\(([^)#]+)\)", readme):
        assert (DEPLOY / "components" / component / link).exists(), link


PAGE = build.ROOT / "docs/reference-stack.md"
STATES = ("proven", "configured", "not provable here", "not provided", "not yet")


def test_the_page_speaks_of_every_requirement() -> None:
    rows = re.findall(
        r"^\| (R\d+)(?: to (R\d+))? \| [^|]+ \| ([^|]+) \| [^|\n]", PAGE.read_text(), re.MULTILINE
    )
    spoken_of: list[int] = []
    for first, last, state in rows:
        spoken_of += range(int(first[1:]), int((last or first)[1:]) + 1)
        assert state.startswith(STATES), f"{first}: {state}"
    assert spoken_of == list(range(1, 59))


def test_the_page_names_what_is_there() -> None:
    text = PAGE.read_text()
    named = set(re.findall(r"`((?:deploy|docs|tests|tools)/[\w./-]+)`", text))
    named |= {f"tests/stack/{name}" for name in re.findall(r"`(test_\w+\.py)`", text)}
    named |= {f"docs/{link}" for link in re.findall(r"\]\((\.\.[^)#]+)\)", text)}
    assert len(named) > 10
    assert [name for name in named if not (build.ROOT / name).resolve().exists()] == []
