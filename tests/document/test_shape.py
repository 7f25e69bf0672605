"""Fields of the wrong type are refused, naming the field and never its value; nothing raises."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.document.assemble import assemble
from auditor.document.keep import keep
from auditor.document.kinds import KINDS
from auditor.document.owners import heads
from auditor.model import Body, Document, Resource, ResourceRef, Snapshot, SourceFacts
from tests import factories as make
from tests.factories import PARTS, document

SECRET = "hunter2"


def in_container(**fields: Any) -> Body:
    return make.deployment(make.pod_spec(containers=[make.container(**fields)]))


def in_pod(**fields: Any) -> Body:
    return make.deployment(make.pod_spec(**fields))


CONTAINER = "spec.template.spec.containers[0]"
POD = "spec.template.spec"


def _wrong() -> Iterator[tuple[Body, str]]:  # noqa: C901  a list of cases
    """Objects with one field of the wrong type, and the field."""
    text, number = SECRET, 5
    for field in (
        "privileged",
        "allowPrivilegeEscalation",
        "runAsNonRoot",
        "runAsUser",
        "readOnlyRootFilesystem",
    ):
        yield in_container(securityContext={field: text}), f"{CONTAINER}.securityContext.{field}"
    for field in ("appArmorProfile", "seccompProfile", "seLinuxOptions"):
        yield in_container(securityContext={field: text}), f"{CONTAINER}.securityContext.{field}"
        yield (
            in_container(securityContext={field: {"type": number}}),
            f"{CONTAINER}.securityContext.{field}.type",
        )
        yield in_pod(securityContext={field: {"type": number}}), f"{POD}.securityContext.{field}.type"
    for field in ("user", "role", "level"):
        yield (
            in_pod(securityContext={"seLinuxOptions": {field: 1}}),
            f"{POD}.securityContext.seLinuxOptions.{field}",
        )
    for field in ("runAsNonRoot", "runAsUser", "runAsGroup"):
        yield in_pod(securityContext={field: text}), f"{POD}.securityContext.{field}"
    yield in_pod(securityContext={"sysctls": {"name": text}}), f"{POD}.securityContext.sysctls"
    yield in_pod(securityContext={"sysctls": [{"name": number}]}), f"{POD}.securityContext.sysctls[0].name"
    for where, make_body in (
        (f"{CONTAINER}.securityContext", in_container),
        (f"{POD}.securityContext", in_pod),
    ):
        windows = make_body(securityContext={"windowsOptions": {"hostProcess": text}})
        yield windows, f"{where}.windowsOptions.hostProcess"
    for field in ("hostNetwork", "hostPID", "hostIPC", "hostUsers", "os", "volumes", "resources"):
        yield in_pod(**{field: text}), f"{POD}.{field}"
    yield in_pod(os={"name": 1}), f"{POD}.os.name"
    yield in_pod(serviceAccountName=1), f"{POD}.serviceAccountName"
    yield in_pod(serviceAccount=1), f"{POD}.serviceAccount"
    yield in_pod(volumes=[text]), f"{POD}.volumes[0]"
    yield (
        in_pod(volumes=[{"name": "a", "projected": {"sources": [text]}}]),
        f"{POD}.volumes[0].projected.sources[0]",
    )
    for field in ("initContainers", "ephemeralContainers"):
        yield in_pod(**{field: [text]}), f"{POD}.{field}[0]"
        yield in_pod(**{field: {"a": text}}), f"{POD}.{field}"
    for field in ("name", "image", "restartPolicy"):
        yield in_container(**{field: 5}), f"{CONTAINER}.{field}"
    for field in (
        "args",
        "command",
        "env",
        "ports",
        "volumeMounts",
        "lifecycle",
        "resources",
        "securityContext",
    ):
        yield in_container(**{field: text}), f"{CONTAINER}.{field}"
    yield in_container(args=[1]), f"{CONTAINER}.args[0]"
    yield in_container(env=[{"name": "A", "value": 5}]), f"{CONTAINER}.env[0].value"
    yield in_container(ports=[{"hostPort": text}]), f"{CONTAINER}.ports[0].hostPort"
    yield in_container(ports=[{"containerPort": 80.5}]), f"{CONTAINER}.ports[0].containerPort"
    yield in_container(volumeMounts=[{"mountPath": 1}]), f"{CONTAINER}.volumeMounts[0].mountPath"
    yield in_container(securityContext={"capabilities": [text]}), f"{CONTAINER}.securityContext.capabilities"
    for field in ("add", "drop"):
        where = f"{CONTAINER}.securityContext.capabilities.{field}"
        yield in_container(securityContext={"capabilities": {field: text}}), where
        yield in_container(securityContext={"capabilities": {field: [1]}}), f"{where}[0]"
    yield in_container(securityContext={"procMount": 1}), f"{CONTAINER}.securityContext.procMount"
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        yield in_container(**{probe: {"httpGet": {"host": 1}}}), f"{CONTAINER}.{probe}.httpGet.host"
        yield in_container(**{probe: {"tcpSocket": text}}), f"{CONTAINER}.{probe}.tcpSocket"
        yield in_container(**{probe: {"exec": {"command": text}}}), f"{CONTAINER}.{probe}.exec.command"
    for hook in ("postStart", "preStop"):
        where = f"{CONTAINER}.lifecycle.{hook}.tcpSocket.host"
        yield in_container(lifecycle={hook: {"tcpSocket": {"host": 1}}}), where
    yield in_container(resources={"limits": [text]}), f"{CONTAINER}.resources.limits"
    yield make.workload("Deployment", outer={"replicas": text}), "spec.replicas"
    yield make.workload("Deployment", outer={"strategy": text}), "spec.strategy"
    yield (
        make.workload("DaemonSet", outer={"updateStrategy": {"rollingUpdate": 1}}),
        "spec.updateStrategy.rollingUpdate",
    )
    yield make.workload("StatefulSet", outer={"volumeClaimTemplates": [text]}), "spec.volumeClaimTemplates[0]"
    yield make.deployment(labels=text), "metadata.labels"
    yield make.deployment(labels={"a": 1}), "metadata.labels[...]"
    yield make.deployment(annotations={SECRET: True}), "metadata.annotations[...]"
    yield make.deployment(ownerReferences=text), "metadata.ownerReferences"
    body = make.deployment()
    body["spec"]["template"]["metadata"] = {"annotations": [text]}
    yield body, "spec.template.metadata.annotations"


@pytest.mark.parametrize(
    ("body", "field"), list(_wrong()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_wrong_type_is_refused_by_the_name_of_its_field(body: Body, field: str) -> None:
    refused = document(body).refused
    assert refused.startswith(f"{field} must be ")
    assert SECRET not in refused
    assert not set("`$|") & set(refused)


def _hostile() -> Iterator[tuple[Body, str]]:
    for spec, reason in (
        ([], "spec must be mapping, not list"),
        ("x", "spec must be mapping, not text"),
        (None, "spec is missing"),
    ):
        for kind in ("Pod", "Deployment", "CronJob"):
            yield {**make.workload(kind), "spec": spec}, reason
    yield make.obj("Deployment"), "spec is missing"
    yield make.obj("Deployment", {}), "spec.template is missing"
    yield make.obj("Deployment", {"template": []}), "spec.template is no mapping"
    yield make.obj("CronJob", {"jobTemplate": {"spec": 5}}), "spec.jobTemplate.spec is no mapping"
    yield {**make.deployment(), "metadata": "x"}, "metadata must be mapping, not text"
    yield {**make.deployment(), "metadata": [1]}, "metadata must be mapping, not list"
    yield make.deployment({"containers": ""}), "spec.template.spec.containers must be list, not text"
    yield (
        make.deployment({"containers": [None]}),
        "spec.template.spec.containers[0] must be mapping, not null",
    )
    yield make.pod({"containers": {}}), "spec.containers must be list, not mapping"


@pytest.mark.parametrize(("body", "reason"), list(_hostile()))
def test_hostile_shapes_are_refused(body: Body, reason: str) -> None:
    ref = ResourceRef(body["apiVersion"], body["kind"], "web", "shop")
    (seen,) = _assembled(keep(ref, body))
    assert seen.refused == reason
    assert not seen.parts
    assert not seen.body


@pytest.mark.parametrize("value", [None, {}])
def test_nothing_is_no_wrong_type(value: Any) -> None:
    assert document(in_container(securityContext=value)).refused == ""


@pytest.mark.parametrize("spec", ["x", [1], 5])
def test_the_spec_of_other_kinds_too(spec: Any) -> None:
    seen = document(make.obj("Service", spec))
    assert seen.refused.startswith("spec must be mapping")


def test_a_large_document_is_refused() -> None:
    huge = make.deployment(annotations={"a": "x" * (256 * 1024)})
    seen = document(huge)
    assert seen.refused == "it has 256 KiB; documents over 256 KiB are not judged"
    assert document(make.deployment(annotations={"a": "x" * (250 * 1024)})).refused == ""


def test_a_thousand_containers_are_judged() -> None:
    spec = {"containers": [make.container(f"c{number}") for number in range(1000)]}
    assert document(make.deployment(spec)).refused == ""


# --- whatever stands in a manifest, it ends as a document or as a refused one ---------------------


def _full(kind: str) -> Body:
    """An object that has every field we look at."""
    one = make.container(
        securityContext={"capabilities": {"add": ["A"]}, "seccompProfile": {"type": "Localhost"}},
        ports=[{"containerPort": 80}],
        env=[{"name": "PASSWORD", "value": "x"}],
        args=["--token", "x"],
        resources={"limits": {"cpu": "1"}},
        livenessProbe={"httpGet": {"httpHeaders": [{"name": "a", "value": "b"}]}},
        volumeMounts=[{"name": "a", "mountPath": "/a"}],
    )
    spec = {
        "containers": [one],
        "initContainers": [one],
        "ephemeralContainers": [one],
        "hostNetwork": True,
        "resources": {"limits": {"cpu": "1"}},
        "securityContext": {"sysctls": [{"name": "a"}], "appArmorProfile": {"type": "Localhost"}},
        "volumes": [{"name": "kube-api-access-a", "projected": {"sources": [{"secret": {}}]}}],
        "nodeName": "n",
    }
    outer = {
        "replicas": 0,
        "strategy": {"rollingUpdate": {}},
        "updateStrategy": {"type": "RollingUpdate"},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}}],
        "selector": {"matchLabels": {"a": "b"}},
    }
    body = make.workload(
        kind, spec, outer=outer, uid=f"uid-{kind}", labels={"a": "b"}, annotations={"a": "b"}
    )
    body["metadata"]["managedFields"] = [{}]
    return {**body, "status": {"phase": "Running"}}


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, item in entries:
        yield from _places(item, (*path, key))


def _replaced(body: Body, path: tuple[Any, ...], value: Any) -> Body:
    changed = copy.deepcopy(body)
    here: Any = changed
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return changed


def _family() -> list[Body]:
    """Objects of many kinds that own each other, so that every step meets them."""
    top, middle = _full("Deployment"), _full("ReplicaSet")
    middle = make.owned(middle, top)
    others = [_full(kind) for kind in ("StatefulSet", "CronJob", "DaemonSet")]
    pods = [make.owned(_full("Pod"), middle), make.owned(_full("Pod"), others[0])]
    service = make.obj("Service", {"selector": {"a": "b"}, "ports": [{"port": 80}]})
    autoscaler = make.obj("HorizontalPodAutoscaler", {"maxReplicas": 3, "metrics": []})
    config = {**make.obj("ConfigMap"), "data": {"a": "b"}, "binaryData": {"a": "b"}}
    return [top, middle, *others, *pods, service, autoscaler, config, make.namespace("shop", a="b")]


FAMILY = _family()
PLACES = [(number, path) for number, body in enumerate(FAMILY) for path in _places(body)]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _assembled(*resources: Resource, kind: str = "manifests") -> list[Document]:
    snapshot = Snapshot(SourceFacts(kind), resources)
    return list(assemble(snapshot, frozenset(KINDS), frozenset({"namespace"}), PARTS))


@given(st.sampled_from(PLACES), anything, st.sampled_from(["manifests", "cluster"]))
def test_anything_anywhere_ends_as_a_document(
    place: tuple[int, tuple[Any, ...]], value: Any, source: str
) -> None:
    resources = [make.resource(body) for body in FAMILY]
    number, path = place
    changed = _replaced(FAMILY[number], path, value)
    resources[number] = keep(resources[number].ref, changed)
    found = _assembled(*resources, kind=source)
    judged = [head.resource for head in heads(resources)] if source == "cluster" else resources
    expected = [one.ref for one in judged]
    assert {one.ref for one in found} == set(expected)
    for one in found:
        assert one.refused or "meta" in one.parts
        assert one.refused or not KINDS[one.ref.kind].pod_path or "containers" in one.parts
