"""Which configuration files a workload mounts, and where its containers see them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from auditor.collect.lists import resource as listed_resource
from auditor.collect.manifests import ManifestSource
from auditor.collect.yaml import only_value
from auditor.document.assemble import assemble
from auditor.document.keep import keep
from auditor.document.kinds import KINDS
from auditor.model import Body, Document, Gap, Resource, ResourceRef, Snapshot, SourceFacts
from tests import factories as make

PART = "related.configuration_files"
NAMES = frozenset({"configuration_files"})
FILE = "global: {}\n"


def config_map(name: str = "metrics", namespace: str = "shop", **data: str) -> Body:
    return {**make.obj("ConfigMap", name=name, namespace=namespace), "data": data or {"a.yml": FILE}}


def resource(body: Body) -> Resource:
    metadata = body["metadata"]
    ref = ResourceRef(body["apiVersion"], body["kind"], metadata["name"], metadata.get("namespace", ""))
    return keep(ref, body, parse=only_value)


def document(*bodies: Body, gaps: tuple[Gap, ...] = ()) -> Document:
    """Return the document of the first object."""
    snapshot = Snapshot(SourceFacts("cluster"), tuple(map(resource, bodies)), gaps)
    found = assemble(snapshot, frozenset({bodies[0]["kind"]}), NAMES, frozenset({PART}))
    return next(one for one in found if one.ref.name == bodies[0]["metadata"]["name"])


def files(*bodies: Body) -> Any:
    seen = document(*bodies)
    return make.part(seen, PART) if PART in seen.parts else None


def paths(*bodies: Body) -> list[str]:
    return [one["path"] for one in files(*bodies)["items"]]


def runs(volume: Body, *mounts: Body, image: str = "prom/prometheus:v3", **more: Any) -> Body:
    mounts = mounts or ({"mountPath": "/etc/metrics"},)
    one = make.container(image=image, volumeMounts=[{"name": "config", **mount} for mount in mounts])
    return make.deployment(make.pod_spec(containers=[one], volumes=[{"name": "config", **volume}], **more))


MOUNTED = {"configMap": {"name": "metrics"}}


def test_a_file() -> None:
    assert files(runs(MOUNTED), config_map()) == {
        "total": 1,
        "items": [
            {
                "container": "web",
                "volume": "config",
                "path": "/etc/metrics/a.yml",
                "source": "a.yml of ConfigMap metrics",
                "settings": {},
            }
        ],
    }


def test_a_file_that_cannot_be_read() -> None:
    (found,) = files(runs(MOUNTED), config_map(**{"a.yml": "global: ["}))["items"]
    assert found["fault"] == "line 1: did not find expected node content"
    assert "settings" not in found


@pytest.mark.parametrize(
    ("volume", "mounts", "seen"),
    [
        (MOUNTED, [{"mountPath": "/etc//metrics/"}], ["/etc/metrics/a.yml", "/etc/metrics/b.yml"]),
        (
            MOUNTED,
            [{"mountPath": "/x"}, {"mountPath": "/y"}],
            ["/x/a.yml", "/x/b.yml", "/y/a.yml", "/y/b.yml"],
        ),
        (MOUNTED, [{"mountPath": "/etc/one.yml", "subPath": "b.yml"}], ["/etc/one.yml"]),
        (MOUNTED, [{"mountPath": "/etc/one.yml", "subPath": "none.yml"}], []),
        (MOUNTED, [{"mountPath": "/x", "subPathExpr": "$(NAME)"}], []),
        ({"configMap": {"name": "metrics", "items": []}}, [{"mountPath": "/x"}], ["/x/a.yml", "/x/b.yml"]),
        (
            {"configMap": {"name": "metrics", "items": [{"key": "a.yml", "path": "in/here.yml"}]}},
            [{"mountPath": "/x"}],
            ["/x/in/here.yml"],
        ),
        (
            {"configMap": {"name": "metrics", "items": [{"key": "a.yml", "path": "in/here.yml"}]}},
            [{"mountPath": "/x", "subPath": "in"}],
            ["/x/here.yml"],
        ),
        (
            {
                "configMap": {
                    "name": "metrics",
                    "items": [{"key": "a.yml", "path": "1"}, {"key": "a.yml", "path": "2"}],
                }
            },
            [{"mountPath": "/x"}],
            ["/x/1", "/x/2"],
        ),
        (
            {"projected": {"sources": [{"secret": {"name": "metrics"}}, {"configMap": {"name": "metrics"}}]}},
            [{"mountPath": "/x"}],
            ["/x/a.yml", "/x/b.yml"],
        ),
        ({"configMap": {"name": "other"}}, [{"mountPath": "/x"}], []),
        ({"secret": {"secretName": "metrics"}}, [{"mountPath": "/x"}], []),
        ({"configMap": {}}, [{"mountPath": "/x"}], []),
        ({"configMap": {"name": "metrics", "items": ["a.yml", 5]}}, [{"mountPath": "/x"}], []),
        ({"configMap": "metrics"}, [{"mountPath": "/x"}], []),
        ({"projected": {"sources": [{"configMap": 5}]}}, [{"mountPath": "/x"}], []),
    ],
)
def test_where_it_is_seen(volume: Body, mounts: list[Body], seen: list[str]) -> None:
    assert paths(runs(volume, *mounts), config_map(**{"a.yml": FILE, "b.yml": FILE, "c": "no file"})) == seen


def test_another_namespace_is_another_map() -> None:
    assert paths(runs(MOUNTED), config_map(namespace="bank")) == []


def test_workloads_without_these_programs_are_not_looked_at() -> None:
    assert files(runs(MOUNTED, image="shop/web:1"), config_map()) is None
    assert files(config_map(), runs(MOUNTED)) is None
    assert paths(runs(MOUNTED, image="grafana/loki:3"), config_map()) == ["/etc/metrics/a.yml"]


def test_a_map_that_is_broken_is_named() -> None:
    broken = {**config_map(), "data": {"a.yml": 5}}
    seen = document(runs(MOUNTED), broken)
    assert seen.missing == {
        "configuration_files": "ConfigMap shop/metrics: data[...] must be text, not whole number"
    }
    assert document(runs({"configMap": {"name": "other"}}), broken).missing == {}


def test_a_gap_is_told() -> None:
    gap = Gap("ConfigMap", "403: forbidden", "")
    seen = document(runs(MOUNTED), gaps=(gap,))
    assert seen.missing == {"configuration_files": "ConfigMap could not be read: 403: forbidden"}
    assert PART not in seen.parts


def test_the_list_is_bounded() -> None:
    many = {f"{number:03}.yml": FILE for number in range(50)}
    found = files(runs(MOUNTED), config_map(**many))
    assert (found["total"], len(found["items"])) == (50, 20)


def test_what_is_read_from_files_and_from_a_server_is_parsed(tmp_path: Path) -> None:
    body = config_map()
    (tmp_path / "map.yaml").write_text(json.dumps(body))
    (read,) = ManifestSource([str(tmp_path)], io.BytesIO()).read(frozenset({"ConfigMap"}))
    listed = listed_resource("ConfigMap", KINDS["ConfigMap"], body)
    assert isinstance(read, Resource)
    assert read.body["configuration"] == listed.body["configuration"] == {"a.yml": {"settings": {}}}
