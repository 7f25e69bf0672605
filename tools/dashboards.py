"""Makes the Grafana dashboards of the reference stack from tools/dashboards.yaml.

    python -m tools.dashboards

writes deploy/components/grafana-dashboards/<name>.json. The form is the one that Grafana imports by
hand, by provisioning and by its sidecar; the data source is a variable.
https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tools" / "dashboards.yaml"
FOLDER = ROOT / "deploy" / "components" / "grafana-dashboards"
TAG = "reference-stack"
"""What the dashboards find each other by."""
CLUSTER = 'cluster=~"$cluster"'
"""Also matches series without the label: Prometheus adds it only for others to see."""
COLUMNS = 24
"""Grafana's grid."""
WIDTHS = {"stat": 6, "timeseries": 12, "table": 12}
HEIGHTS = {"stat": 5, "timeseries": 8, "table": 8}
SCHEMA_VERSION = 39
DATA_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def source() -> dict[str, Any]:
    """Return what the dashboards show: name -> title, panels, variables."""
    loaded: dict[str, Any] = yaml.safe_load(SOURCE.read_text())
    return loaded


def dashboards() -> dict[str, str]:
    """Return the text of each dashboard's file: name -> JSON."""
    return {
        name: json.dumps(_dashboard(name, shown), indent=1, ensure_ascii=False) + "\n"
        for name, shown in source().items()
    }


def _dashboard(name: str, shown: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "uid": f"{TAG}-{name}",
        "title": shown["title"],
        "tags": [TAG],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "",
        "links": [
            {
                "type": "dashboards",
                "title": "",
                "tags": [TAG],
                "asDropdown": False,
                "includeVars": True,
                "keepTime": True,
                "targetBlank": False,
            }
        ],
        "templating": {"list": _variables(shown.get("variables", {}))},
        "panels": _panels(shown["panels"]),
    }


def _variables(more: Mapping[str, str]) -> list[dict[str, Any]]:
    """The data source and the cluster, hidden as the stack has one of each; then those of the dashboard."""
    hidden = 2
    data_source = {"name": "datasource", "type": "datasource", "query": "prometheus", "hide": hidden}
    return [
        data_source,
        _variable("cluster", "label_values(up, cluster)") | {"hide": hidden},
        *(_variable(name, query.replace("CLUSTER", CLUSTER)) for name, query in more.items()),
    ]


def _variable(name: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "query",
        "datasource": DATA_SOURCE,
        "query": query,
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _panels(listed: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """From left to right, then down; a row is as high as its first panel."""
    made = []
    x = y = height = 0
    for number, panel in enumerate(listed, start=1):
        kind = panel.get("kind", "timeseries")
        if x + WIDTHS[kind] > COLUMNS:
            x, y, height = 0, y + height, 0
        place = {"x": x, "y": y, "w": WIDTHS[kind], "h": height or HEIGHTS[kind]}
        made.append(_panel(number, kind, panel) | {"gridPos": place})
        x, height = x + WIDTHS[kind], place["h"]
    return made


def _panel(number: int, kind: str, panel: Mapping[str, Any]) -> dict[str, Any]:
    targets = [
        {
            "refId": chr(ord("A") + index),
            "datasource": DATA_SOURCE,
            "expr": expression.replace("CLUSTER", CLUSTER),
            "legendFormat": legend,
            "instant": kind != "timeseries",
            "range": kind == "timeseries",
            "format": "table" if kind == "table" else "time_series",
        }
        for index, (legend, expression) in enumerate(panel["queries"].items())
    ]
    return {
        "id": number,
        "type": kind,
        "title": panel["title"],
        "datasource": DATA_SOURCE,
        "fieldConfig": {"defaults": {"unit": panel["unit"]}, "overrides": []},
        "targets": targets,
    }


def main() -> None:
    """Write every dashboard, and delete those that are no more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = dashboards()
    for path in FOLDER.glob("*.json"):
        if path.stem not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / f"{name}.json").write_text(text)


if __name__ == "__main__":
    main()
