"""Files that config-reloader fills in: what the program beside it reads is told."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.model import Body
from tests import factories as make
from tests.document.test_configuration_files import config_map, files

FILE = """\
global: {external_labels: {cluster: $(CLUSTER), replica: $(POD_NAME)}}
storage: {tsdb: {retention: {time: $(TIME), size: "1$(UNIT)", percentage: $(SHARE)}}}
"""
ARGS = ["--watch-interval=0", "--config-file=/in/a.yml", "--config-envsubst-file=/out/b.yml"]
ENV = [
    {"name": "CLUSTER", "value": "north-1"},
    {"name": "TIME", "value": "30d"},
    {"name": "UNIT", "value": "GB"},
    {"name": "SHARE", "value": "80"},
    {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
]
SETTINGS = {
    "global": {"external_labels": {"cluster": "north-1", "replica": "$(POD_NAME)"}},
    "storage": {"tsdb": {"retention": {"time": "30d", "size": "1GB", "percentage": 80}}},
}
IN, OUT = {"name": "config", "mountPath": "/in"}, {"name": "out", "mountPath": "/out"}


def reloader(name: str = "reloader", **more: Any) -> Body:
    return make.container(**{"name": name, "args": ARGS, "env": ENV, "volumeMounts": [IN, OUT], **more})


def seen(
    *others: Body, mount: Body | None = None, text: str = FILE, image: str = "prom/prometheus:v3"
) -> list[dict[str, Any]]:
    """Return the files of a pod with these containers beside a Prometheus."""
    program = make.container(image=image, volumeMounts=[mount or {"name": "out", "mountPath": "/etc/p"}])
    volumes = [{"name": "config", "configMap": {"name": "metrics"}}, {"name": "out", "emptyDir": {}}]
    found = files(
        make.deployment(make.pod_spec(containers=[program, *others], volumes=volumes)),
        config_map(**{"a.yml": text}),
    )
    assert found["total"] == len(found["items"])
    return list(found["items"])


def test_what_the_program_reads() -> None:
    assert seen(reloader()) == [
        {
            "container": "web",
            "volume": "out",
            "path": "/etc/p/b.yml",
            "source": "a.yml of ConfigMap metrics, filled in by container reloader",
            "settings": SETTINGS,
        }
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"args": ["--config-file", "/in/a.yml", "--config-envsubst-file", "/out/b.yml"]},
        {"args": ["--config-file=/x", *ARGS]},
        {"args": ["--config-file=/in//a.yml", ARGS[2]]},
        {"volumeMounts": [IN, OUT, {"name": "config", "mountPath": "/"}]},
    ],
)
def test_other_ways_to_say_so(changed: Body) -> None:
    assert [one["settings"] for one in seen(reloader(**changed))] == [SETTINGS]


@pytest.mark.parametrize(
    ("mount", "paths"),
    [
        ({"name": "out", "mountPath": "/etc/p.yml", "subPath": "b.yml"}, ["/etc/p.yml"]),
        ({"name": "out", "mountPath": "/etc", "subPath": "deeper"}, []),
        ({"name": "config", "mountPath": "/etc"}, ["/etc/a.yml"]),
    ],
)
def test_where_it_is_seen(mount: Body, paths: list[str]) -> None:
    assert [one["path"] for one in seen(reloader(), mount=mount)] == paths


def test_a_part_of_the_volume_is_written() -> None:
    out = {**OUT, "subPath": "deeper"}
    assert [one["path"] for one in seen(reloader(volumeMounts=[IN, out]))] == ["/etc/p/deeper/b.yml"]


@pytest.mark.parametrize(
    "changed",
    [
        {"args": ARGS[:2]},
        {"args": ARGS[2:]},
        {"args": [*ARGS[:2], "--config-envsubst-file=/elsewhere/b.yml"]},
        {"args": [*ARGS[:2], "--config-envsubst-file"]},
        {"volumeMounts": [OUT]},
    ],
)
def test_nothing_is_filled_in(changed: Body) -> None:
    assert not [one for one in seen(reloader(**changed)) if one["container"] == "web"]


def test_what_is_not_known_stays_as_it_is_written() -> None:
    [one] = seen(reloader(env=[{"name": "UNIT", "value": "GB"}, {"name": "TIME"}]))
    assert one["settings"]["storage"]["tsdb"]["retention"] == {
        "size": "1GB",
        "percentage": "$(SHARE)",
        "time": "",
    }
    assert one["settings"]["global"]["external_labels"]["cluster"] == "$(CLUSTER)"


def test_a_file_that_cannot_be_read() -> None:
    [one] = seen(reloader(), text="global: [")
    assert (one["container"], one["fault"]) == ("web", "line 1: did not find expected node content")


def test_two_that_fill_it_in_must_agree() -> None:
    [one] = seen(reloader(), reloader("init"))
    assert one["settings"] == SETTINGS
    [one] = seen(reloader(), reloader("init", env=ENV[1:]))
    assert "settings" not in one
    assert one["fault"] == "containers fill it in with different values"


RULES = "groups: [{name: a, rules: [{record: x, expr: 'rate(a[1h])'}, {alert: Late, expr: 'rate(b[2d])'}]}]\n"


def test_of_rules_is_left_how_far_they_look_back() -> None:
    mount = {"name": "config", "mountPath": "/etc/p"}
    [one] = seen(mount=mount, text=RULES)
    assert one["settings"] == {"looks_back": {"seconds": 172800, "rule": "Late"}}
    [one] = seen(mount=mount, text="groups: [{name: a, rules: [{record: x, expr: a}]}]\n")
    assert one["settings"] == {}
    [one] = seen(mount=mount, text="scrape_configs: [{job_name: a}]\nremote_write: []\n")
    assert one["settings"] == {"remote_write": []}


def test_what_sets_nothing_comes_last() -> None:
    one = make.container(image="prom/prometheus:v3", volumeMounts=[{"name": "config", "mountPath": "/p"}])
    volumes = [{"name": "config", "configMap": {"name": "metrics"}}]
    data = {f"{number:02}.yml": "global: {}\n" for number in range(25)} | {"99.yml": "remote_write: []\n"}
    found = files(make.deployment(make.pod_spec(containers=[one], volumes=volumes)), config_map(**data))
    assert (found["total"], len(found["items"]), found["items"][0]["path"]) == (26, 20, "/p/99.yml")
