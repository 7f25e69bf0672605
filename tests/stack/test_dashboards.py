"""The Grafana dashboards: made from one place, with queries that parse and ask for what exists."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stack import rules
from tools import dashboards
from tools.build import tool_bin

FOLDER = dashboards.FOLDER
FILES = sorted(FOLDER.glob("*.json"))
by_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
VARIABLES = {"$__rate_interval": "5m"}
"""What Grafana fills in outside of strings."""


def panels(path: Path) -> Iterator[dict[str, Any]]:
    """Every panel of a dashboard."""
    yield from json.loads(path.read_text())["panels"]


def queries(path: Path) -> list[str]:
    """Every expression of a dashboard, as Prometheus gets it but for the values in strings."""
    found = []
    for panel in panels(path):
        for target in panel["targets"]:
            expr = target["expr"]
            for name, value in VARIABLES.items():
                expr = expr.replace(name, value)
            found.append(expr)
    return found


def test_files_are_what_the_source_makes() -> None:
    made = dashboards.dashboards()
    assert {path.stem: path.read_text() for path in FILES} == made
    assert set(made) >= {
        *(
            "api-server",
            "nodes",
            "workloads",
            "prometheus",
            "mlflow",
            "postgresql",
            "kserve",
            "slo",
            "auditor",
        )
    }


def test_every_file_is_in_a_config_map() -> None:
    generated = rules.load(FOLDER / "kustomization.yaml")["configMapGenerator"]
    assert [(one["name"], one["files"]) for one in generated] == [
        (f"grafana-dashboard-{path.stem}", [path.name]) for path in FILES
    ]


@by_file
def test_can_be_imported(path: Path) -> None:
    dashboard = json.loads(path.read_text())
    assert re.fullmatch(r"[a-z-]{1,40}", dashboard["uid"]), "Grafana takes 40 characters"
    assert [one["name"] for one in dashboard["templating"]["list"]][:2] == ["datasource", "cluster"]
    [link] = dashboard["links"]
    assert link["tags"] == dashboard["tags"], "the others are found by this tag"
    for panel in dashboard["panels"]:
        assert panel["datasource"]["uid"] == "${datasource}"
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@by_file
def test_panels_do_not_overlap(path: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels(path):
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= dashboards.COLUMNS
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


@by_file
def test_variables_are_defined_and_used(path: Path) -> None:
    dashboard = json.loads(path.read_text())
    defined = {one["name"] for one in dashboard["templating"]["list"]} - {"datasource"}
    used = {name for expr in queries(path) for name in re.findall(r"\$(\w+)", expr)}
    assert used == defined


@by_file
def test_every_series_is_of_the_chosen_cluster(path: Path) -> None:
    for expr in queries(path):
        selectors = re.findall(r"([a-zA-Z_:][\w:]*)\{([^{}]*)\}", expr)
        assert {name for name, _ in selectors} == rules.metrics(expr)
        assert all('cluster=~"$cluster"' in inside for _, inside in selectors)


@by_file
def test_legends_name_labels_that_are_left(path: Path) -> None:
    """Of an aggregation, the labels after its outermost `by`; of a record, any."""
    for panel in panels(path):
        for target in panel["targets"]:
            kept = set(re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", target["expr"]))))
            recorded = any(":" in name for name in rules.metrics(target["expr"]))
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                assert recorded or label in kept, f"{panel['title']}: {label}"


def test_queries_parse(tmp_path: Path) -> None:
    records = [
        {"record": f"dashboard:{path.stem.replace('-', '_')}:query{n}", "expr": expr}
        for path in FILES
        for n, expr in enumerate(queries(path))
    ]
    written = tmp_path / "queries.yml"
    written.write_text(yaml.safe_dump({"groups": [{"name": "dashboards", "rules": records}]}))
    promtool = tool_bin("prometheus") / "promtool"
    run = subprocess.run([promtool, "check", "rules", written], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
