"""Which live pods differ from their template, and which only hold what the cluster wrote into them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from auditor.document.variants import groups, look
from auditor.model import Body
from tests import factories as make

APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


def variants(owner: Body, *pods: Body) -> list[int]:
    """How many pods each variant has."""
    return [one.count for one in groups(map(make.resource, pods), make.resource(owner))]


def different(spec: Body | None = None, change: Body | None = None, **metadata: Any) -> bool:
    """Whether a live pod is a variant: of a template with this spec, the pod with these fields changed."""
    owner = make.deployment(spec)
    return bool(variants(owner, make.live({**(spec or make.pod_spec()), **(change or {})}, **metadata)))


def test_what_the_cluster_writes_is_no_difference() -> None:
    assert variants(make.deployment(), *(make.live(index=number) for number in range(3))) == []


@pytest.mark.parametrize(
    "field",
    [
        {"affinity": {"nodeAffinity": {}}},
        {"hostname": "web-0"},
        {"subdomain": "web"},
        {"imagePullSecrets": [{"name": "a"}]},
        {"nodeSelector": {"a": "b"}},
        {"overhead": {"cpu": "1m"}},
        {"priorityClassName": "high"},
        {"schedulingGates": [{"name": "a"}]},
    ],
)
def test_fields_that_admission_and_controllers_write(field: Body) -> None:
    assert not different(change=field)


def test_a_limit_that_became_a_request() -> None:
    spec = {"containers": [make.container(resources={"limits": {"cpu": "1"}})]}
    asked = {"containers": [make.container(resources={"limits": {"cpu": "1"}, "requests": {"cpu": "1"}})]}
    assert not different(spec, asked)


def test_host_ports_of_the_network_of_the_host() -> None:
    spec = make.pod_spec(hostNetwork=True, containers=[make.container(ports=[{"containerPort": 80}])])
    written = {"containers": [make.container(ports=[{"containerPort": 80, "hostPort": 80}])]}
    assert not different(spec, written)
    assert different(spec, {"containers": [make.container(ports=[{"containerPort": 80, "hostPort": 81}])]})


def test_requests_of_the_pod_that_the_cluster_summed_up() -> None:
    containers = [make.container(name, resources={"requests": {"cpu": "1"}}) for name in ("a", "b")]
    spec = {"containers": containers, "resources": {"limits": {"cpu": "4"}}}
    assert not different(spec, {"resources": {"limits": {"cpu": "4"}, "requests": {"cpu": "2"}}})
    assert different(spec, {"resources": {"limits": {"cpu": "5"}}})


def test_the_index_of_an_indexed_job() -> None:
    index = {"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}
    assert not different(change={"containers": [make.container(env=[index])]})
    assert different(change={"containers": [make.container(env=[{"name": "OTHER", "value": "1"}])]})


def test_credentials_do_not_make_every_pod_a_variant() -> None:
    spec = {"containers": [make.container(env=[{"name": "TOKEN", "value": "hunter2"}], args=["--token=x"])]}
    assert not different(spec)


def test_claims_of_a_stateful_set() -> None:
    owner = make.workload("StatefulSet", outer={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]})
    mounted = make.pod_spec(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data-web-0"}}])
    assert variants(owner, make.live(mounted)) == []
    for source in (
        {"hostPath": {"path": "/"}},
        {},
        {"persistentVolumeClaim": {"claimName": "a"}, "hostPath": {}},
    ):
        assert variants(owner, make.live(make.pod_spec(volumes=[{"name": "data", **source}]))) == [1]
    assert variants(make.workload("StatefulSet"), make.live(mounted)) == [1]


@pytest.mark.parametrize("templates", [None, [], [{}], [{"metadata": None}]])
def test_claims_that_have_no_name(templates: Any) -> None:
    owner = make.workload("StatefulSet", outer={"volumeClaimTemplates": templates})
    assert variants(owner, make.live()) == []


@pytest.mark.parametrize(
    "source",
    [
        {"projected": {"sources": [{"serviceAccountToken": {}}, {"secret": {"name": "a"}}]}},
        {"projected": {"sources": []}},
        {"projected": {}},
        {"hostPath": {"path": "/"}},
    ],
)
def test_only_the_name_of_a_token_volume(source: Body) -> None:
    assert different(change={"volumes": [{"name": "kube-api-access-fake1", **source}]})


def test_an_injected_sidecar() -> None:
    assert different(change={"containers": [make.container(), make.container("proxy")]})
    assert different(change={"initContainers": [make.container("proxy", restartPolicy="Always")]})


def test_a_debug_container() -> None:
    assert different(change={"ephemeralContainers": [make.container("debug")]})


@pytest.mark.parametrize(
    "change",
    [
        {"securityContext": {"runAsUser": 0}},
        {"containers": [make.container(securityContext={"privileged": True})]},
        {"containers": [make.container(image="other")]},
        {"hostPID": True},
        {"serviceAccountName": "other"},
        {"volumes": [{"name": "a", "hostPath": {"path": "/"}}]},
    ],
)
def test_what_a_policy_may_judge(change: Body) -> None:
    pod = make.live()
    pod["spec"].update(change)
    assert variants(make.deployment(), pod) == [1]


def test_annotations_that_are_judged() -> None:
    assert different(annotations={f"{APPARMOR}elsewhere": "unconfined"})
    assert different(annotations={"seccomp.security.alpha.kubernetes.io/pod": "unconfined"})
    assert not different(annotations={"note": "x"}, labels={"pod-template-hash": "1"})


PROFILES = [
    ("runtime/default", {"type": "RuntimeDefault"}),
    ("unconfined", {"type": "Unconfined"}),
    ("localhost/web", {"type": "Localhost", "localhostProfile": "web"}),
]


@pytest.mark.parametrize(("annotation", "profile"), PROFILES)
@pytest.mark.parametrize("security", [None, {"runAsUser": 1}])
def test_an_apparmor_annotation_that_became_a_field(
    annotation: str, profile: Body, security: Body | None
) -> None:
    owner = make.deployment({"containers": [make.container(securityContext=security)]})
    owner["spec"]["template"]["metadata"]["annotations"] = {f"{APPARMOR}web": annotation}
    with_field = make.container(securityContext={**(security or {}), "appArmorProfile": profile})
    written = make.live({"containers": [with_field]}, annotations={f"{APPARMOR}web": annotation})
    assert variants(owner, written) == []
    assert variants(owner, make.live({"containers": [with_field]})) == []
    assert variants(owner, make.live()) == [1]


@pytest.mark.parametrize(("annotation", "profile"), PROFILES)
@pytest.mark.parametrize("of_pod", [True, False])
def test_an_apparmor_field_that_became_an_annotation(annotation: str, profile: Body, of_pod: bool) -> None:
    security: Body = {"securityContext": {"appArmorProfile": profile}}
    spec = make.pod_spec(**security) if of_pod else {"containers": [make.container(**security)]}
    assert not different(spec, annotations={f"{APPARMOR}web": annotation})
    assert different(spec, annotations={f"{APPARMOR}web": "localhost/other"})


def test_an_apparmor_annotation_without_a_field_to_go_with_it() -> None:
    assert different(annotations={f"{APPARMOR}web": "nonsense"})


def test_alike_pods_are_one_group_and_the_first_by_name_stands_for_it() -> None:
    changed = make.pod_spec(hostPID=True)
    pods = [make.live(changed, index=number) for number in (3, 1, 2)]
    (group,) = groups(map(make.resource, pods), make.resource(make.deployment()))
    assert (group.count, group.representative.ref.name) == (3, "web-00001")


def test_pods_without_a_template_are_all_in_a_group() -> None:
    pods = [make.live(index=1), make.live(index=2), make.live(make.pod_spec(hostPID=True), index=3)]
    assert [one.count for one in groups(map(make.resource, pods), None)] == [2, 1]


def test_a_template_that_is_refused_has_only_variants() -> None:
    owner = make.workload("StatefulSet", outer={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]})
    owner["spec"]["template"]["spec"]["hostNetwork"] = "yes"
    assert variants(owner, make.live(index=1), make.live(index=2)) == [2]


def test_a_look_does_not_change_what_it_looks_at() -> None:
    body = make.live(annotations={f"{APPARMOR}web": "unconfined"})
    before = copy.deepcopy(body)
    look(body)
    assert body == before


def test_variant_documents_are_the_owners() -> None:
    owner = make.deployment(uid="uid-web")
    pods = [make.live(index=1, by=owner), make.live(make.pod_spec(hostPID=True), index=2, by=owner)]
    of_template, variant = make.documents(owner, *pods)
    assert (of_template.variant, variant.variant) == (False, True)
    assert variant.ref == of_template.ref
    assert (of_template.pod_path, variant.pod_path) == ("/spec/template/spec", "/spec")
    assert make.part(variant, "meta")["name"] == "web-00002"
    assert make.part(variant, "pod")["spec"]["hostPID"] is True


def test_what_a_limit_range_gives_makes_no_variant() -> None:
    limits = {"default": {"memory": "1Gi"}, "defaultRequest": {"memory": "1Gi", "cpu": "50m"}}
    resources = {"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi", "cpu": "50m"}}
    template = make.deployment()
    pods = [make.resource(make.live(make.pod_spec(containers=[make.container(resources=resources)])))]
    assert [group.count for group in groups(pods, make.resource(template))] == [1]
    assert groups(pods, make.resource(template), limits) == []


def test_what_no_limit_range_gives_makes_a_variant() -> None:
    limits = {"default": {"memory": "1Gi"}, "defaultRequest": {"memory": "1Gi"}}
    resources = {"limits": {"memory": "2Gi"}, "requests": {"memory": "1Gi"}}
    pods = [make.resource(make.live(make.pod_spec(containers=[make.container(resources=resources)])))]
    assert [group.count for group in groups(pods, make.resource(make.deployment()), limits)] == [1]
