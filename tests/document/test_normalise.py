"""The normaliser contract, rule by rule: N1 to N8 and N15."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auditor.document.kinds import WORKLOADS, pod_pointer
from auditor.document.normalise import clean, clean_object, meta, pod, spec
from tests import factories as make
from tests.factories import document, part


def bodies(body: dict[str, Any]) -> dict[str, Any]:
    """The containers of an object's document, by name."""
    return {one["name"]: one for one in part(document(body), "containers")}


def test_n1_a_volume_without_a_source_is_an_empty_dir() -> None:
    volumes = [{"name": "a"}, {"name": "b", "hostPath": None}, {"name": "c", "secret": {}}, {}]
    seen = part(document(make.deployment(make.pod_spec(volumes=volumes))), "pod")["spec"]["volumes"]
    assert seen == [
        {"name": "a", "emptyDir": {}},
        {"name": "b", "emptyDir": {}},
        {"name": "c", "secret": {}},
        {"emptyDir": {}},
    ]


@pytest.mark.parametrize("nothing", [None, ""])
def test_n2_null_and_empty_text_are_missing(nothing: str | None) -> None:
    assert clean({"a": nothing, "b": {"c": nothing}, "d": [{"e": nothing}]}) == {"b": {}, "d": [{}]}


def test_n2_an_empty_mapping_or_list_false_and_zero_are_there() -> None:
    there = {"a": {}, "b": [], "c": False, "d": 0}
    assert clean(there) == there


def test_n2_lists_keep_their_positions() -> None:
    assert clean({"add": [None, "", "CHOWN"]}) == {"add": ["", "", "CHOWN"]}


@pytest.mark.parametrize(
    "field", ["annotations", "labels", "matchLabels", "nodeSelector", "data", "selector"]
)
def test_n2_maps_of_text_keep_empty_values(field: str) -> None:
    assert clean({field: {"a": "", "b": None, "c": "x"}}) == {field: {"a": "", "b": "", "c": "x"}}


def test_n2_a_label_selector_is_no_map_of_text() -> None:
    selector = {"matchLabels": {"app": "", "tier": None}, "matchExpressions": None}
    assert clean({"selector": selector}) == {"selector": {"matchLabels": {"app": "", "tier": ""}}}
    assert clean({"selector": {"matchLabels": None}}) == {"selector": {}}
    assert clean({"selector": {}}) == {"selector": {}}


@pytest.mark.parametrize("broken", ["text", 5, ["a", None]])
def test_n2_what_should_be_a_map_of_text_and_is_none(broken: Any) -> None:
    assert clean({"labels": broken}) == {"labels": ["a", ""] if isinstance(broken, list) else broken}


def test_n2_pointers_to_text_may_be_empty() -> None:
    there = {"procMount": "", "storageClassName": ""}
    assert clean({**there, "type": ""}) == there
    assert clean({"procMount": None}) == {}


@pytest.mark.parametrize("kind", ["Deployment", "Pod", "CronJob"])
@pytest.mark.parametrize("field", ["containers", "initContainers"])
def test_n3_a_limit_is_a_request(kind: str, field: str) -> None:
    resources = {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m"}}
    spec = make.pod_spec(**{field: [make.container("a", resources=resources)]})
    seen = bodies(make.workload(kind, spec))["a"]["body"]
    assert seen["resources"]["requests"] == {"cpu": "100m", "memory": "1Gi"}


def test_n3_not_for_ephemeral_containers() -> None:
    limited = make.container("debug", resources={"limits": {"cpu": "1"}})
    seen = bodies(make.pod(make.pod_spec(ephemeralContainers=[limited])))["debug"]["body"]
    assert seen["resources"] == {"limits": {"cpu": "1"}}


def test_n4_pod_requests_come_from_pod_limits_where_no_container_asks() -> None:
    spec = {
        "resources": {
            "limits": {"cpu": "2", "memory": "2Gi", "hugepages-2Mi": "4Mi"},
            "requests": {"cpu": "1"},
        },
        "containers": [make.container(resources={"requests": {"memory": "1Gi"}})],
    }
    of_pod = part(document(make.pod(spec)), "pod")["spec"]["resources"]["requests"]
    of_template = part(document(make.deployment(spec)), "pod")["spec"]["resources"]["requests"]
    assert of_pod == {"cpu": "1", "hugepages-2Mi": "4Mi"}
    assert of_template == {"cpu": "1"}


def test_n4_init_containers_ask_too() -> None:
    init = make.container("init", resources={"limits": {"cpu": "1"}})
    spec = make.pod_spec(resources={"limits": {"cpu": "2"}}, initContainers=[init])
    assert part(document(make.pod(spec)), "pod")["spec"]["resources"]["requests"] == {}


def test_n5_on_the_network_of_the_host_every_port_of_a_pod_is_a_host_port() -> None:
    ports = [
        {"containerPort": 80},
        {"containerPort": 81, "hostPort": 0},
        {"containerPort": 82, "hostPort": 9},
        {},
    ]
    spec = make.pod_spec(
        hostNetwork=True,
        containers=[make.container("a", ports=ports)],
        initContainers=[make.container("i", ports=ports)],
        ephemeralContainers=[make.container("e", ports=ports)],
    )
    seen = bodies(make.pod(spec))
    bound = [
        {"containerPort": 80, "hostPort": 80},
        {"containerPort": 81, "hostPort": 81},
        {"containerPort": 82, "hostPort": 9},
        {},
    ]
    assert seen["a"]["body"]["ports"] == seen["i"]["body"]["ports"] == bound
    assert seen["e"]["body"]["ports"] == ports
    assert bodies(make.deployment(spec))["a"]["body"]["ports"] == ports  # templates stay raw
    assert bodies(make.pod({**spec, "hostNetwork": False}))["a"]["body"]["ports"] == ports


@pytest.mark.parametrize("kind", WORKLOADS)
def test_n6_annotations_are_those_of_the_pod(kind: str) -> None:
    body = make.workload(kind, annotations={"of": "controller"})
    inner = body["metadata"] if kind == "Pod" else body["spec"]
    if kind == "CronJob":
        inner = inner["jobTemplate"]["spec"]
    if kind != "Pod":
        inner["template"]["metadata"] = {"annotations": {"of": "pod"}, "labels": {"app": "web"}}
    seen = document(body)
    assert part(seen, "meta")["annotations"] == {"of": "controller"}
    assert part(seen, "pod")["annotations"] == {"of": "controller" if kind == "Pod" else "pod"}


def test_n7_only_the_os_field_says_windows() -> None:
    selector = {"kubernetes.io/os": "windows"}
    seen = part(document(make.pod(make.pod_spec(nodeSelector=selector))), "pod")["spec"]
    assert seen["nodeSelector"] == selector
    assert "os" not in seen


@pytest.mark.parametrize("kind", WORKLOADS)
def test_paths_lead_to_the_containers(kind: str) -> None:
    spec = {
        "containers": [make.container("a"), make.container("b")],
        "initContainers": [make.container("i"), make.container("s", restartPolicy="Always")],
        "ephemeralContainers": [make.container("e")],
    }
    body = make.workload(kind, spec)
    seen = document(body)
    found = [
        (one["name"], one["role"], one["path"].removeprefix(pod_pointer(kind)))
        for one in part(seen, "containers")
    ]
    assert found == [
        ("a", "app", "/containers/0"),
        ("b", "app", "/containers/1"),
        ("i", "init", "/initContainers/0"),
        ("s", "sidecar", "/initContainers/1"),
        ("e", "ephemeral", "/ephemeralContainers/0"),
    ]
    assert part(seen, "pod")["path"] == seen.pod_path == pod_pointer(kind)
    for one in part(seen, "containers"):
        here: Any = body
        for key in one["path"].split("/")[1:]:
            here = here[int(key)] if isinstance(here, list) else here[key]
        assert here["name"] == one["name"]


def test_nothing_is_sent_twice() -> None:
    sent = {name: one.json.decode() for name, one in document(make.deployment()).parts.items()}
    assert [name for name, text in sent.items() if "registry.example" in text] == ["containers"]
    assert part(document(make.cronjob()), "spec")["jobTemplate"] == {"spec": {}}
    assert part(document(make.pod()), "spec") == {}


@pytest.mark.parametrize("kind", [kind for kind in WORKLOADS if kind != "Pod"])
def test_a_template_and_its_live_pod_are_the_same_to_a_policy(kind: str) -> None:
    plain = make.pod_spec(
        securityContext={"runAsNonRoot": True},
        containers=[
            make.container(env=[{"name": "A", "value": ""}], livenessProbe={"tcpSocket": {"port": 1}})
        ],
        volumes=[{"name": "scratch"}],
    )
    template, pod_ = document(make.workload(kind, plain)), document(make.pod(plain))
    of_template, of_pod = part(template, "pod"), part(pod_, "pod")
    assert {**of_template, "path": ""} == {**of_pod, "path": ""}
    assert [one["body"] for one in part(template, "containers")] == [
        one["body"] for one in part(pod_, "containers")
    ]


def test_meta_says_who_it_is() -> None:
    seen = part(document(make.pod(labels={"app": "web"}, creationTimestamp="2026-01-01T00:00:00Z")), "meta")
    assert seen == {
        "apiVersion": "v1",
        "kind": "Pod",
        "namespace": "shop",
        "name": "web",
        "labels": {"app": "web"},
        "annotations": {},
        "created": "2026-01-01T00:00:00Z",
    }


def test_meta_says_which_generation_and_who_set_it_where_that_is_known() -> None:
    seen = part(document(make.workload("Deployment", outer={"replicas": 3}, generation=4)), "meta")
    assert (seen["generation"], seen["set_by"]) == (4, {"replicas": {"declared": 3}})


def test_meta_of_next_to_nothing() -> None:
    assert meta({})["name"] == meta({})["kind"] == ""


def test_copies_of_the_object_go() -> None:
    copies = {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "kapp.k14s.io/original": "{}",
        "objectset.rio.cattle.io/applied": "H4s",
        "kept": "",
    }
    body = make.deployment(annotations=copies, managedFields=[{"manager": "kubectl"}])
    body["spec"]["template"]["metadata"]["annotations"] = copies
    seen = clean_object(body)
    assert seen["metadata"] == {"name": "web", "namespace": "shop", "annotations": {"kept": ""}}
    assert seen["spec"]["template"]["metadata"]["annotations"] == {"kept": ""}
    assert "managedFields" in body["metadata"]  # the snapshot is not touched


def test_the_spec_of_a_kind_without_one_is_whatever_it_has() -> None:
    config = {**make.obj("ConfigMap"), "data": {"a": "b"}, "immutable": True}
    assert spec(config) == {"data": {"a": "b"}, "immutable": True}
    assert pod(config) is None
    assert spec(make.obj("Service", {"selector": {"app": "web"}})) == {"selector": {"app": "web"}}
    assert spec({"kind": "Unheard", "apiVersion": "x/v1", "spec": {"a": 1}, "status": {}}) == {"a": 1}


def test_a_digest_belongs_to_its_bytes() -> None:
    one, other = document(make.deployment()), document(make.deployment(name="other"))
    assert one.parts["pod"] == other.parts["pod"]
    assert one.parts["meta"].digest != other.parts["meta"].digest
    assert json.loads(one.parts["cluster"].json) == {"version": "v1.36.3", "apis": [], "live": True}
