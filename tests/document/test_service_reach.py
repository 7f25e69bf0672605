"""What workloads and Services are given of connections that policies close."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.model import Body
from tests import factories as make
from tests.document.test_cluster_relations import related
from tests.document.test_network_relations import OPS, SHOP, peer, pod, policy

SYSTEM = make.namespace("kube-system")


def closed(app: str, *egress: Body) -> Body:
    """A policy that closes egress of pods, but for what is given."""
    spec = {"policyTypes": ["Egress"], "egress": list(egress), "podSelector": {"matchLabels": {"app": app}}}
    return policy(spec)


# --- name_resolution ------------------------------------------------------------------------------


def dns_pod(**spec: Any) -> Body:
    ports = [
        {"name": "dns", "containerPort": 1053, "protocol": "UDP"},
        {"name": "dns-tcp", "containerPort": 1053},
    ]
    body = pod("coredns", "kube-system", containers=[make.container(ports=ports)], **spec)
    body["metadata"]["labels"] = {"k8s-app": "kube-dns"}
    return body


def dns_service(name: str = "kube-dns", namespace: str = "kube-system", **metadata: Any) -> Body:
    ports = [
        {"port": 53, "protocol": "UDP", "targetPort": "dns"},
        {"port": 53, "targetPort": "dns-tcp"},
        {"port": 9153, "targetPort": 9153},
    ]
    spec = {"selector": {"k8s-app": "kube-dns"}, "ports": ports}
    return make.obj("Service", spec, name=name, namespace=namespace, **metadata)


TO_SYSTEM = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}


def to(*peers: Body, port: int = 1053, protocol: str = "UDP") -> Body:
    return {**({"to": list(peers)} if peers else {}), "ports": [{"port": port, "protocol": protocol}]}


def resolves(*others: Body, body: Body | None = None, live: bool = True) -> Any:
    return related("name_resolution", body or pod("web"), *others, SHOP, SYSTEM, live=live)


CLUSTER = (dns_pod(), dns_service())
OPEN = {"answer": "yes"}


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    ("policies", "answer"),
    [
        ((), "yes"),
        ((closed("db"),), "yes"),
        ((closed("web"),), "no"),
        ((closed("web", to(TO_SYSTEM)),), "yes"),
        ((closed("web", to(TO_SYSTEM, protocol="TCP")),), "yes"),
        ((closed("web", to()),), "yes"),
        ((closed("web", {}),), "yes"),
        ((closed("web", to(TO_SYSTEM, port=53)),), "no"),  # the Service's port, and not the pods'
        ((closed("web", to(TO_SYSTEM, port=9153, protocol="TCP")),), "no"),
        ((closed("web", to(peer("coredns"))),), "no"),
        ((closed("web", to(peer(team="system"))),), "no"),
        ((closed("web", to({"ipBlock": {"cidr": "10.0.0.0/8"}})),), "unknown"),
    ],
)
def test_whether_the_dns_may_be_asked(policies: tuple[Body, ...], answer: str, live: bool) -> None:
    assert resolves(*CLUSTER, *policies, live=live)["answer"] == answer


def test_what_is_told_of_it() -> None:
    assert resolves(*CLUSTER) == OPEN
    assert resolves(*CLUSTER, closed("web")) == {
        "answer": "no",
        "servers": ["Pod kube-system/coredns"],
        "policies": ["egress: NetworkPolicy shop/p isolates"],
    }
    block = closed("web", to({"ipBlock": {"cidr": "10.0.0.0/8"}}))
    assert resolves(*CLUSTER, block) == {
        "answer": "unknown",
        "why": "whether an ipBlock matches the address of a pod is undefined",
    }
    assert related("name_resolution", SHOP, *CLUSTER) is None


def test_the_dns_may_keep_others_out() -> None:
    shut = policy({"podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}, namespace="kube-system")
    assert resolves(*CLUSTER, shut)["answer"] == "no"


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    ("policies", "answer"),
    [
        ((), "yes"),
        ((closed("web"),), "no"),
        ((closed("web", to(TO_SYSTEM, port=53)),), "yes"),
        ((closed("web", to(port=443, protocol="TCP")),), "no"),
        ((closed("web", to({"ipBlock": {"cidr": "169.254.20.10/32"}}, port=53)),), "unknown"),
        ((closed("web", to(peer("coredns"), port=53)),), "unknown"),
    ],
)
def test_where_no_dns_was_read(policies: tuple[Body, ...], answer: str, live: bool) -> None:
    assert resolves(*policies, live=live)["answer"] == answer


def test_openshift_has_another_dns() -> None:
    there = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "openshift-dns"}}}
    assert resolves(closed("web", to(there, port=5353))) == OPEN
    assert resolves(closed("web", to(there, port=53)))["answer"] == "unknown"
    ports = [{"name": "dns", "containerPort": 5353, "protocol": "UDP"}]
    server = pod("dns", "openshift-dns", containers=[make.container(ports=ports)])
    server["metadata"]["labels"] = {"k8s-app": "kube-dns"}
    known = server, dns_service("dns-default", "openshift-dns"), make.namespace("openshift-dns")
    assert resolves(*known, closed("web", to(there, port=53)))["answer"] == "no"


def test_a_cache_on_each_node_is_somebody_else() -> None:
    cache = pod("cache", "kube-system", hostNetwork=True)
    cache["metadata"]["labels"] = {"k8s-app": "node-local-dns"}
    block = closed("web", to({"ipBlock": {"cidr": "169.254.20.10/32"}}, port=53))
    told = resolves(*CLUSTER, cache, block)
    assert told == {"answer": "unknown", "why": "a cache on each node answers, and policies do not name it"}
    assert resolves(*CLUSTER, cache, closed("web"))["answer"] == "no"


def test_the_service_of_the_dns_is_known_by_its_label_too() -> None:
    labelled = dns_service("rke2-coredns", labels={"k8s-app": "kube-dns"})
    assert resolves(dns_pod(), labelled, closed("web", to(TO_SYSTEM, port=53)))["answer"] == "no"
    other = dns_service("metrics")
    assert resolves(dns_pod(), other, closed("web", to(TO_SYSTEM, port=53)))["answer"] == "yes"


def test_a_pod_that_differs_from_its_workload_is_seen_in_it() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "u", "controller": True}
    deployment = make.deployment(name="web", uid="u")
    one = make.pod(name="web-1", labels={"app": "x"}, ownerReferences=[owner])
    two = make.pod(name="web-2", labels={"app": "web"}, ownerReferences=[owner])
    assert resolves(*CLUSTER, one, two, closed("web"), body=deployment)["answer"] == "no"
    assert resolves(*CLUSTER, one, closed("web"), body=deployment) == OPEN


def test_another_engine_may_allow_it() -> None:
    engine = make.obj("CiliumNetworkPolicy", {}, name="more")
    told = resolves(*CLUSTER, closed("web"), engine)
    assert told == {"answer": "unknown", "why": "other policy engine: CiliumNetworkPolicy"}


# --- service_reach --------------------------------------------------------------------------------


def service(**spec: Any) -> Body:
    whole = {"selector": {"app": "db"}, "ports": [{"port": 80, "targetPort": 8080, "name": "http"}], **spec}
    return make.obj("Service", whole, name="db")


def lets_in(*peers: Body, port: Any = 8080) -> Body:
    rule = {**({"from": list(peers)} if peers else {}), "ports": [{"port": port}]}
    return policy({"ingress": [rule]})


def calling(name: str = "web", namespace: str = "shop", **fields: Any) -> Body:
    return pod(name, namespace, containers=[make.container(**fields)])


def saying(word: str) -> Body:
    return calling(env=[{"name": "TARGET", "value": word}])


def told(*others: Body, body: Body | None = None, live: bool = True) -> Any:
    found = related("service_reach", body or service(), *others, SHOP, OPS, live=live)
    return {name: part["items"] for name, part in found.items()}


NOTHING: Body = {"nobody": [], "closed": [], "unknown": []}
ISOLATES = "ingress: NetworkPolicy shop/p isolates"


@pytest.mark.parametrize("live", [True, False])
def test_a_service_at_which_nobody_gets_in(live: bool) -> None:
    shut = {"port": "TCP 80", "at": 0, "policies": [ISOLATES]}
    assert told(pod("db"), policy(), live=live) == {**NOTHING, "nobody": [shut]}
    assert told(pod("db"), lets_in(port=80), live=live) == {**NOTHING, "nobody": [{**shut, "open": True}]}
    assert told(pod("db"), lets_in(port=81), live=live) == {**NOTHING, "nobody": [shut]}
    assert told(pod("db"), lets_in(), live=live) == NOTHING
    assert told(pod("db"), live=live) == NOTHING


def test_who_is_let_in_need_not_be_there_yet() -> None:
    assert told(pod("db"), lets_in(peer("x"))) == NOTHING
    assert told(pod("db"), pod("host", hostNetwork=True), lets_in(peer("x"))) == NOTHING
    assert told(pod("db"), lets_in(peer("x"), port=9))["nobody"]
    denied = {"action": "Deny", "from": [{"namespaces": {}}]}
    tier = make.obj(
        "ClusterNetworkPolicy",
        {"tier": "Admin", "priority": 1, "subject": {"namespaces": {}}, "ingress": [denied]},
        name="no",
    )
    assert told(pod("db"), tier) == NOTHING  # addresses are let in
    assert told(pod("db"), policy(), tier)["nobody"]
    assert told(pod("db"), pod("web"), lets_in(peer("web")), tier)["nobody"]  # who is there is denied


def test_each_port_is_told_by_its_position() -> None:
    two = service(ports=[{"port": 80, "targetPort": 8080}, {"port": 53, "protocol": "UDP"}])
    assert [one["at"] for one in told(pod("db"), lets_in(), body=two)["nobody"]] == [1]
    assert [one["port"] for one in told(pod("db"), lets_in(port=9), body=two)["nobody"]] == [
        "TCP 80",
        "UDP 53",
    ]


def test_the_name_of_a_port_is_looked_up_in_the_pods() -> None:
    web = service(ports=[{"port": 80, "targetPort": "web"}])
    backend = pod("db", containers=[make.container(ports=[{"name": "web", "containerPort": 8080}])])
    assert told(backend, lets_in(), body=web) == NOTHING
    assert told(backend, lets_in(port=80), body=web)["nobody"][0]["open"] is True
    assert told(pod("db"), policy(), body=web) == NOTHING  # nobody listens: no matter of policies


def test_one_backend_that_lets_in_is_enough() -> None:
    both = service(selector={"tier": "data"})
    shut, other = pod("db"), pod("cache")
    for one in (shut, other):
        one["metadata"]["labels"]["tier"] = "data"
    assert told(shut, other, policy(), body=both) == NOTHING
    assert told(shut, policy(), body=both)["nobody"]


def test_services_without_pods_of_ours_are_nothing_to_tell_of() -> None:
    for spec in ({"type": "ExternalName"}, {"selector": None}, {"selector": {"app": "x"}}):
        assert told(pod("db"), policy(), body=service(**spec)) == NOTHING
    assert told(pod("db", hostNetwork=True), policy()) == NOTHING
    assert told(pod("db", "ops"), policy(namespace="ops")) == NOTHING
    assert related("service_reach", SHOP, service()) is None


@pytest.mark.parametrize(
    ("word", "calls"),
    [
        ("db:80", True),
        ("http://db/", True),
        ("http://db:80/path?x=y", True),
        ("http://user@db.shop.svc/", True),
        ("db.shop:80", True),
        ("db.shop.svc:80", True),
        ("https://db.shop.svc.cluster.local.:80", True),
        ("x=1,db.shop.svc.cluster.local:80;y", True),
        ("db", False),
        ("db.shop.svc", False),  # a name alone may be that of a certificate
        ("db:8080", False),
        ("https://db", False),
        ("my-db:80", False),
        ("x.db:80", False),
        ("db-2:80", False),
        ("a_db:80", False),
        ("a.b.db:80", False),
        ("db.ops:80", False),
        ("db.shop.svc-x:80", False),
        ("db:80x", False),
        ("db.shop.example.com:80", False),
        ({"class": "url", "length": 9}, False),
    ],
)
def test_what_names_a_service(word: Any, calls: bool) -> None:
    found = told(pod("db"), saying(word), lets_in(peer("x")), pod("x"))
    kept = {"port": "TCP 80", "at": 0, "caller": "Pod shop/web", "policies": [ISOLATES]}
    assert found == {**NOTHING, "closed": [kept] if calls else []}


@pytest.mark.parametrize("field", ["command", "args"])
def test_words_of_a_container(field: str) -> None:
    words: Body = {field: ["serve", "--target=db:80"]}
    caller = calling(**words)
    assert told(pod("db"), caller, lets_in(peer("x")))["closed"]
    assert not told(pod("db"), caller, lets_in(peer("web")))["closed"]


def test_words_of_containers_that_run_before() -> None:
    caller = pod("web", initContainers=[make.container("wait", args=["db:80"])])
    assert told(pod("db"), caller, lets_in(peer("x")))["closed"]


def test_a_caller_of_another_namespace_names_it_in_full() -> None:
    assert told(pod("db"), calling(namespace="ops", args=["db:80"]), lets_in(peer("web"))) == NOTHING
    [kept] = told(pod("db"), calling(namespace="ops", args=["db.shop:80"]), lets_in(peer("web")))["closed"]
    assert kept["caller"] == "Pod ops/web"


def test_the_callers_own_egress_counts() -> None:
    [kept] = told(pod("db"), saying("db:80"), closed("web"))["closed"]
    assert kept["policies"] == ["egress: NetworkPolicy shop/p isolates"]


def test_who_calls_itself_gets_through() -> None:
    own = pod("db", containers=[make.container(args=["db:80"])])
    assert told(own, lets_in(peer("x"))) == NOTHING


def test_where_nobody_gets_in_callers_are_not_told_besides() -> None:
    found = told(pod("db"), saying("db:80"), policy())
    assert (len(found["nobody"]), found["closed"]) == (1, [])


def test_what_is_not_known_is_told() -> None:
    engine = make.obj("CiliumNetworkPolicy", {}, name="more")
    why = "other policy engine: CiliumNetworkPolicy"
    assert told(pod("db"), policy(), engine) == {**NOTHING, "unknown": [{"caller": "anybody", "why": why}]}
    host = pod("web", hostNetwork=True, containers=[make.container(args=["db:80"])])
    [doubt] = told(pod("db"), host, lets_in(peer("x")), pod("x"))["unknown"]
    assert doubt["caller"] == "Pod shop/web"
    assert "network of its node" in doubt["why"]


def ingress(**spec: Any) -> Body:
    backend = {"service": {"name": "db", "port": {"name": "http"}}}
    rules = [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
    return make.obj("Ingress", {"rules": rules, **spec}, name="front")


def ingress_class(controller: str = "traefik.io/ingress-controller", **metadata: Any) -> Body:
    return make.obj("IngressClass", {"controller": controller}, name="edge", **metadata)


def controller() -> Body:
    body = pod("traefik", "ops")
    body["metadata"]["labels"] = {"app.kubernetes.io/name": "traefik"}
    return body


def test_the_controller_of_an_ingress_calls_its_services() -> None:
    others = pod("db"), controller(), ingress_class(), ingress(ingressClassName="edge")
    [kept] = told(*others, lets_in(peer("web")))["closed"]
    assert kept["caller"] == "Ingress shop/front by Pod ops/traefik"
    assert told(*others, lets_in(peer(team="ops"))) == NOTHING


STANDARD: Body = {"annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}}


@pytest.mark.parametrize(
    ("front", "edge", "calls"),
    [
        (ingress(), ingress_class(**STANDARD), True),
        (ingress(), ingress_class(), False),
        (ingress(ingressClassName="other"), ingress_class(**STANDARD), False),
        (ingress(ingressClassName="edge"), ingress_class("example.com/unknown"), False),
        (
            ingress(
                ingressClassName="edge",
                rules=None,
                defaultBackend={"service": {"name": "db", "port": {"number": 80}}},
            ),
            ingress_class(),
            True,
        ),
        (
            ingress(
                ingressClassName="edge",
                rules=None,
                defaultBackend={"service": {"name": "db", "port": {"number": 81}}},
            ),
            ingress_class(),
            False,
        ),
    ],
)
def test_which_controller_it_is(front: Body, edge: Body, calls: bool) -> None:
    found = told(pod("db"), controller(), edge, front, lets_in(peer("web")), pod("web"))
    assert bool(found["closed"]) is calls


def test_the_old_annotation_names_a_class() -> None:
    front = ingress()
    front["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "edge"}
    assert told(pod("db"), controller(), ingress_class(), front, lets_in(peer("web")))["closed"]
