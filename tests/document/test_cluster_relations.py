"""What webhooks, admission policies, Ingresses, Services and Namespaces are given of what is around them."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.document.absent import absent
from auditor.document.assemble import assemble
from auditor.model import Body, ResourceRef
from tests import factories as make


def related(name: str, body: Body, *others: Body, live: bool = True) -> Any:
    """Return what an object is given by a relation; None if it is given nothing."""
    snapshot = make.snapshot(body, *others, kind="cluster" if live else "manifests")
    parts = frozenset({f"related.{name}"})
    found = assemble(snapshot, frozenset({body["kind"]}), frozenset({name}), parts)
    seen = next(one for one in found if one.ref.name == body["metadata"]["name"])
    return make.part(seen, f"related.{name}") if f"related.{name}" in seen.parts else None


def service(name: str = "hook", namespace: str = "guard", **spec: Any) -> Body:
    ports = [{"port": 443, "name": "https"}, {"port": 80}]
    return make.obj("Service", {"ports": ports, **spec}, name=name, namespace=namespace)


def endpoints(*conditions: Body, of: str = "hook", namespace: str = "guard", name: str = "slice") -> Body:
    """An EndpointSlice of a Service."""
    labels = {"kubernetes.io/service-name": of}
    listed = [{"addresses": ["10.0.0.1"], "conditions": one} for one in conditions]
    body = make.obj("EndpointSlice", name=name, namespace=namespace, labels=labels)
    return {**body, "addressType": "IPv4", "endpoints": listed}


def hooks(*clients: Body, kind: str = "ValidatingWebhookConfiguration") -> Body:
    listed = [{"name": f"{i}.example.com", "clientConfig": client} for i, client in enumerate(clients)]
    return {**make.obj(kind, name="guard"), "webhooks": listed}


READY, DOWN = {"ready": True}, {"ready": False}
HOOK = {"service": {"namespace": "guard", "name": "hook"}}
ITEM = {"namespace": "guard", "name": "hook"}
PORTS = [443, "https", 80]


def told(*items: Body) -> Body:
    return {"total": len(items), "items": list(items)}


@pytest.mark.parametrize(
    ("others", "item"),
    [
        ([], {"found": False}),
        ([service(namespace="shop")], {"found": False}),
        ([service()], {"found": True, "ports": PORTS, "endpoints": {"total": 0, "ready": 0}}),
        (
            [
                service(),
                endpoints(READY, DOWN, {}),
                endpoints(DOWN, name="more"),
                endpoints(READY, of="x", name="x"),
            ],
            {"found": True, "ports": PORTS, "endpoints": {"total": 4, "ready": 2}},
        ),
        (
            [service(), endpoints(READY, namespace="shop")],
            {"found": True, "ports": PORTS, "endpoints": {"total": 0, "ready": 0}},
        ),
        ([service(type="ExternalName", externalName="x.example.com")], {"found": True, "external": True}),
    ],
)
def test_the_service_of_a_webhook(others: list[Body], item: Body) -> None:
    assert related("backends", hooks(HOOK, HOOK, {"url": "https://x"}), *others) == told({**ITEM, **item})


def test_manifests_tell_neither_that_a_service_is_missing_nor_who_answers() -> None:
    assert related("backends", hooks(HOOK), live=False) == told(ITEM)
    found = {**ITEM, "found": True, "ports": PORTS}
    assert related("backends", hooks(HOOK), service(), endpoints(READY), live=False) == told(found)


def test_who_calls_nobody_is_given_nobody_and_others_nothing() -> None:
    assert related("backends", hooks({"url": "https://x"}), service()) == told()
    assert related("backends", make.namespace("guard"), service()) is None


def test_the_services_of_an_ingress() -> None:
    def backend(name: str) -> Body:
        return {"service": {"name": name, "port": {"number": 80}}}

    paths = [{"path": "/", "backend": backend("web")}, {"path": "/api", "backend": backend("api")}]
    spec = {
        "defaultBackend": backend("web"),
        "rules": [
            {"http": {"paths": paths}},
            {"host": "x"},
            {"http": {"paths": [{"backend": {"resource": {}}}]}},
        ],
    }
    seen = related("backends", make.obj("Ingress", spec), service("api", "shop"))
    assert [(one["namespace"], one["name"], one["found"]) for one in seen["items"]] == [
        ("shop", "api", True),
        ("shop", "web", False),
    ]


def test_the_services_of_extensions() -> None:
    api = make.obj("APIService", HOOK, name="v1.example.com")
    conversion = {"strategy": "Webhook", "webhook": {"clientConfig": HOOK}}
    custom = make.obj("CustomResourceDefinition", {"conversion": conversion}, name="widgets.example.com")
    for body in (api, custom):
        assert related("backends", body) == told({**ITEM, "found": False})


def test_a_service_is_told_who_is_behind_it() -> None:
    item = {**ITEM, "found": True, "ports": PORTS, "endpoints": {"total": 1, "ready": 1}}
    assert related("backends", service(), endpoints(READY)) == told(item)


def test_the_services_of_an_object_are_counted_where_they_are_too_many_to_list() -> None:
    clients = [{"service": {"namespace": "guard", "name": f"hook-{i:03}"}} for i in range(201)]
    seen = related("backends", hooks(*clients))
    assert (seen["total"], len(seen["items"])) == (201, 200)


def test_missing_services_are_asked_for() -> None:
    found = [make.resource(hooks(HOOK)), make.resource(service("other"))]
    assert absent(found, [], {"backends"}) == [ResourceRef("v1", "Service", "hook", "guard")]


def test_a_broken_service_is_no_missing_one() -> None:
    broken = {**service(), "spec": {"ports": "none"}}
    (seen,) = assemble(
        make.snapshot(hooks(HOOK), broken),
        frozenset({"ValidatingWebhookConfiguration"}),
        frozenset({"backends"}),
        frozenset({"related.backends"}),
    )
    assert "spec.ports must be list" in seen.missing["backends"]


def test_of_an_endpoint_slice_only_numbers_are_kept() -> None:
    kept = make.resource(endpoints(READY, DOWN))
    assert kept.body["endpoints"] == {"total": 2, "ready": 1}
    assert make.resource({**endpoints(), "endpoints": None}).body["endpoints"] == {"total": 0, "ready": 0}
    assert make.resource({**endpoints(), "endpoints": {"total": 9, "ready": 9}}).content.refused


def test_of_a_custom_kind_its_schemas_are_not_kept() -> None:
    spec = {"group": "example.com", "versions": [{"name": "v1", "schema": {"x": "y" * 300_000}}]}
    kept = make.resource(make.obj("CustomResourceDefinition", spec, name="widgets.example.com"))
    assert kept.body["spec"] == {"group": "example.com"}


def binding(name: str, policy: str, *actions: str, kind: str = "ValidatingAdmissionPolicyBinding") -> Body:
    return make.obj(
        kind, {"policyName": policy, **({"validationActions": actions} if actions else {})}, name=name
    )


def test_the_bindings_of_an_admission_policy() -> None:
    policy = make.obj("ValidatingAdmissionPolicy", {}, name="owners")
    mutating = binding("m", "owners", kind="MutatingAdmissionPolicyBinding")
    others = [binding("b", "owners", "Warn"), binding("a", "owners"), binding("c", "other", "Deny"), mutating]
    seen = related("admission_bindings", policy, *others)
    assert seen == told({"name": "a"}, {"name": "b", "actions": ["Warn"]})
    assert related("admission_bindings", policy) == told()
    assert related("admission_bindings", policy, live=False) == {}
    assert related("admission_bindings", make.namespace("owners"), *others) is None


def test_the_bindings_of_a_mutating_policy() -> None:
    policy = make.obj("MutatingAdmissionPolicy", {}, name="owners")
    mutating = binding("m", "owners", kind="MutatingAdmissionPolicyBinding")
    assert related("admission_bindings", policy, mutating, binding("v", "owners")) == told({"name": "m"})


def test_the_namespaces_that_a_webhook_may_stop() -> None:
    spaces = [
        make.namespace("guard", tier="guard"),
        make.namespace("kube-system", a="b"),
        make.namespace("shop"),
    ]
    seen = related("hook_namespaces", hooks(HOOK, kind="MutatingWebhookConfiguration"), *spaces)
    assert seen == told(
        {"name": "guard", "labels": {"tier": "guard"}}, {"name": "kube-system", "labels": {"a": "b"}}
    )
    assert related("hook_namespaces", service(), *spaces) is None


def test_the_namespaces_that_a_webhook_may_stop_are_asked_for() -> None:
    names = [ref.name for ref in absent([make.resource(hooks(HOOK))], [], {"hook_namespaces"})]
    assert names == ["guard", "kube-node-lease", "kube-system"]


def quota(name: str, namespace: str = "shop", **spec: Any) -> Body:
    return make.obj("ResourceQuota", spec, name=name, namespace=namespace)


def test_the_quotas_of_a_namespace() -> None:
    quotas = [
        quota("b", hard={"pods": "9", "cpu": 4}),
        quota("a", hard={"pods": "9"}, scopes=["BestEffort"]),
        quota("c", hard={}, scopeSelector={"matchExpressions": []}),
        quota("d", namespace="bank", hard={"pods": "9"}),
    ]
    assert related("quotas", make.namespace("shop"), *quotas) == told(
        {"name": "a", "hard": ["pods"], "scoped": True},
        {"name": "b", "hard": ["cpu", "pods"]},
        {"name": "c", "hard": [], "scoped": True},
    )
    assert related("quotas", make.namespace("shop")) == told()
    assert related("quotas", make.namespace("shop"), live=False) == {}
    assert related("quotas", service(namespace="shop"), *quotas) is None


def test_the_limit_ranges_of_a_namespace() -> None:
    spec = {"limits": [{"type": "Container", "default": {"memory": "1Gi"}}]}
    elsewhere = make.obj("LimitRange", spec, name="b", namespace="bank")
    seen = related("limit_range", make.namespace("shop"), make.obj("LimitRange", spec, name="a"), elsewhere)
    assert (seen["names"], seen["default"]) == (["a"], {"memory": "1Gi"})
