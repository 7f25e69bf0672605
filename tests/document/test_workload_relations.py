"""What workloads are given of the objects around them."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.document.absent import absent
from auditor.document.assemble import assemble
from auditor.model import Body, Gap, ResourceRef
from tests import factories as make


def related(name: str, *bodies: Body, gaps: tuple[Gap, ...] = (), kind: str = "cluster") -> Any:
    """Return what the first object is given by a relation; None if it is given nothing."""
    snapshot = make.snapshot(*bodies, gaps=gaps, kind=kind)
    found = assemble(
        snapshot, frozenset({bodies[0]["kind"]}), frozenset({name}), frozenset({f"related.{name}"})
    )
    seen = next(one for one in found if one.ref.name == bodies[0]["metadata"]["name"])
    return make.part(seen, f"related.{name}") if f"related.{name}" in seen.parts else None


def account(name: str = "default", **fields: Any) -> Body:
    return {**make.obj("ServiceAccount", name=name), **fields}


@pytest.mark.parametrize(
    ("spec", "accounts", "seen"),
    [
        ({}, [account()], {"found": True, "name": "default"}),
        ({"serviceAccountName": "web"}, [account(), account("web")], {"found": True, "name": "web"}),
        ({"serviceAccount": "web"}, [account("web")], {"found": True, "name": "web"}),
        ({"serviceAccountName": "web"}, [account()], {"found": False}),
        (
            {},
            [account(automountServiceAccountToken=False)],
            {"found": True, "name": "default", "automountServiceAccountToken": False},
        ),
    ],
)
def test_the_service_account(spec: Body, accounts: list[Body], seen: Body) -> None:
    assert related("service_account", make.deployment(make.pod_spec(**spec)), *accounts) == seen


def test_a_service_account_of_another_namespace_is_none() -> None:
    other = make.obj("ServiceAccount", name="default", namespace="bank")
    assert related("service_account", make.deployment(), other) == {"found": False}


def test_manifests_do_not_tell_that_a_service_account_is_missing() -> None:
    web = make.deployment()
    assert related("service_account", web, account("other"), kind="manifests") == {}
    found = {"found": True, "name": "default"}
    assert related("service_account", web, account(), kind="manifests") == found


def test_what_has_no_pods_has_no_service_account() -> None:
    assert related("service_account", make.obj("ConfigMap", name="web"), account()) is None


def test_a_missing_service_account_is_asked_for() -> None:
    found = [make.resource(make.deployment(make.pod_spec(serviceAccountName="web")))]
    assert absent(found, [], {"service_account"}) == [ResourceRef("v1", "ServiceAccount", "web", "shop")]


def limits(name: str = "limits", namespace: str = "shop", **item: Any) -> Body:
    spec = {"limits": [{"type": "Container", **item}]}
    return make.obj("LimitRange", spec, name=name, namespace=namespace)


@pytest.mark.parametrize(
    ("items", "default", "requests"),
    [
        ([{"default": {"cpu": "1"}}], {"cpu": "1"}, {"cpu": "1"}),
        ([{"default": {"cpu": "1"}, "defaultRequest": {"cpu": "50m"}}], {"cpu": "1"}, {"cpu": "50m"}),
        ([{"max": {"cpu": "2"}}], {"cpu": "2"}, {"cpu": "2"}),
        ([{"min": {"cpu": "10m"}}], {}, {"cpu": "10m"}),
        (
            [{"default": {"cpu": "1"}}, {"default": {"cpu": "2", "memory": "1Gi"}}],
            {"cpu": "1", "memory": "1Gi"},
            {"cpu": "1", "memory": "1Gi"},
        ),
    ],
)
def test_the_limit_ranges_of_the_namespace(items: list[Body], default: Body, requests: Body) -> None:
    ranges = [limits(f"limits-{number}", **item) for number, item in enumerate(items)]
    names = [one["metadata"]["name"] for one in ranges]
    assert related("limit_range", make.deployment(), *ranges) == {
        "names": names,
        "default": default,
        "defaultRequest": requests,
    }


def test_limit_ranges_that_say_nothing_of_containers_here() -> None:
    elsewhere = limits(namespace="bank", default={"cpu": "1"})
    of_pods = make.obj("LimitRange", {"limits": [{"type": "Pod", "max": {"cpu": "1"}}]}, name="pods")
    assert related("limit_range", make.deployment(), elsewhere, of_pods) is None


def service(name: str, namespace: str = "shop", **selector: str) -> Body:
    spec = {"selector": selector, "ports": [{"port": 80}]}
    return make.obj("Service", spec, name=name, namespace=namespace)


def test_the_services_that_select_its_pods() -> None:
    web = make.deployment()
    web["spec"]["template"]["metadata"] = {"labels": {"app": "web", "tier": "front"}}
    services = [
        service("b", app="web"),
        service("a", app="web", tier="front"),
        service("half", app="web", tier="back"),
        service("nobody"),
        service("elsewhere", namespace="bank", app="web"),
    ]
    seen = related("services", web, *services)
    assert seen == [{"name": name, "type": "ClusterIP", "ports": [80]} for name in ("a", "b")]


def test_a_service_that_names_pods_which_are_not_ready() -> None:
    unready = service("peers", app="web")
    unready["spec"]["publishNotReadyAddresses"] = True
    web = make.deployment()
    web["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}
    (seen,) = related("services", web, unready)
    assert seen["publishNotReadyAddresses"] is True


def test_a_service_that_is_a_name_elsewhere() -> None:
    elsewhere = service("web", app="web")
    elsewhere["spec"]["type"] = "ExternalName"
    web = make.deployment()
    web["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}
    assert related("services", web, elsewhere) == []


def test_no_service_is_an_empty_list() -> None:
    assert related("services", make.deployment(), service("other", app="other")) == []


def node(name: str, *, user_namespaces: bool = False, unschedulable: bool = False, zone: str = "") -> Body:
    body = make.obj("Node", {"unschedulable": unschedulable} if unschedulable else {}, name=name)
    body["metadata"]["labels"] = {"topology.kubernetes.io/zone": zone} if zone else {}
    features = {"userNamespaces": True} if user_namespaces else {}
    body["status"] = {"runtimeHandlers": [{"name": "runc", "features": features}]}
    return body


def test_the_nodes_in_figures() -> None:
    nodes = [node("a", user_namespaces=True, zone="1"), node("b", unschedulable=True, zone="1"), node("c")]
    assert related("nodes", make.deployment(), *nodes) == {
        "total": 3,
        "schedulable": 2,
        "user_namespaces": 1,
        "zones": 1,
    }


def test_of_manifests_no_node_is_known() -> None:
    assert related("nodes", make.deployment()) is None
