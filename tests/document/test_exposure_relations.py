"""What workloads, Namespaces and DaemonSets are given of the network policies around them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from auditor.document.assemble import SIZE_LIMIT, assemble
from auditor.model import Body, Document, Snapshot, SourceFacts
from auditor.network.space import BLOCK
from tests import factories as make
from tests.network.shop import policy

KINDS = frozenset({"Deployment", "DaemonSet", "Pod", "Namespace", "ReplicaSet"})
NAMES = frozenset({"exposure", "neighbours", "doors", "default_deny", "network_plugins"})
PARTS = frozenset(f"related.{name}" for name in NAMES) | {"pod", "containers"}
CLOSED = policy({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}, name="default")
WEB = {"podSelector": {"matchLabels": {"app": "web"}}}


def documents(*bodies: Body, kind: str = "cluster", apis: Sequence[str] = ()) -> list[Document]:
    resources = tuple(map(make.resource, bodies))
    found = Snapshot(SourceFacts(kind, version="v1.36.3", apis=tuple(apis)), resources)
    return list(assemble(found, KINDS, NAMES, PARTS))


def related(relation: str, *bodies: Body, name: str = "web", kind: str = "cluster", **facts: Any) -> Any:
    """What one object is given by a relation."""
    [one] = [one for one in documents(*bodies, kind=kind, **facts) if one.ref.name == name]
    part = f"related.{relation}"
    return make.part(one, part) if part in one.parts else None


def workload(
    name: str = "web",
    namespace: str = "shop",
    kind: str = "Deployment",
    spec: Body | None = None,
    **labels: str,
) -> Body:
    body = make.workload(kind, spec, name=name, namespace=namespace, uid=f"uid-{namespace}-{name}")
    body["spec"]["template"]["metadata"] = {"labels": {"app": name, **labels}}
    return body


def ports(*numbers: int) -> Body:
    listed = [{"containerPort": number, "name": f"p{number}"} for number in numbers]
    return make.pod_spec(containers=[make.container(ports=listed)])


def answers(value: Mapping[str, Any]) -> dict[str, str]:
    facts = {name: fact for name, fact in value.items() if name not in ("host", "to_metadata")}
    return {name: fact["answer"] for name, fact in facts.items()}


# --- exposure -------------------------------------------------------------------------------------


def test_what_nobody_closes_is_open() -> None:
    value = related("exposure", make.namespace(), workload())
    assert set(answers(value).values()) == {"yes"}
    assert value["from_everybody"] == {
        "answer": "yes",
        "peer": "any pod",
        "ports": {
            "total": 3,
            "items": [{"protocol": one, "from": 1, "to": 65535} for one in ("TCP", "UDP", "SCTP")],
        },
        "words": "all ports",
        "policies": {"total": 0, "items": []},
        "reasons": [],
    }
    address = value["to_metadata"]["169.254.169.254"]
    assert (address["answer"], address["peer"], address["words"]) == ("yes", "169.254.169.254/32", "TCP 80")


def test_what_is_closed_has_nothing_to_tell() -> None:
    value = related("exposure", make.namespace(), workload(), CLOSED)
    assert answers(value) == dict.fromkeys(answers(value), "no")
    assert {fact["answer"] for fact in value["to_metadata"].values()} == {"no"}


def test_equal_policies_are_equal_values() -> None:
    """Neither the name of a workload nor that of its namespace is in a value."""
    rule: Body = {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]}
    bodies = [
        *(make.namespace(name) for name in ("a", "b")),
        *(workload(f"{space}-{number}", space) for space in "ab" for number in range(3)),
        *(policy(rule, namespace=name) for name in ("a", "b")),
    ]
    found = documents(*bodies)
    digests = {one.parts["related.exposure"].digest for one in found if "related.exposure" in one.parts}
    assert len([one for one in found if one.ref.kind == "Deployment"]) == 6
    assert len(digests) == 1


def test_only_the_network_of_the_node() -> None:
    host = workload(spec=make.pod_spec(hostNetwork=True))
    for relation in ("exposure", "neighbours"):
        assert related(relation, make.namespace(), host) == {"host": True}


@pytest.mark.parametrize(
    ("cidr", "pods", "answer"),
    [
        ("10.0.0.1/32", 1, "no"),
        ("10.0.0.0/29", 7, "unknown"),
        ("10.0.0.0/29", 8, "no"),
        ("10.0.0.0/8", 30, "unknown"),
    ],
)
def test_a_block_holds_no_more_pods_than_addresses(cidr: str, pods: int, answer: str) -> None:
    """Beside these pods there is the one that nobody knows yet."""
    owner = workload()
    made = [make.live(index=number, by=owner, labels={"app": "web"}) for number in range(pods)]
    rule = policy({**WEB, "ingress": [{"from": [{"ipBlock": {"cidr": cidr}}]}]})
    fact = related("exposure", make.namespace(), owner, *made, rule)["from_any_namespace"]
    assert fact["answer"] == answer
    if answer == "unknown":
        assert fact["reasons"] == [BLOCK]


def test_live_pods_count_with_their_own_labels() -> None:
    owner = workload()
    pod = make.live(index=1, by=owner, labels={"app": "web", "closed": "yes"})
    rule = policy({"podSelector": {"matchLabels": {"closed": "yes"}}})
    assert related("exposure", make.namespace(), owner, pod, rule)["from_everybody"]["answer"] == "no"
    assert related("exposure", make.namespace(), owner, rule)["from_everybody"]["answer"] == "yes"
    # one of two that is open is enough
    other = make.live(index=2, by=owner, labels={"app": "web"})
    both = related("exposure", make.namespace(), owner, pod, other, rule)
    assert both["from_everybody"]["answer"] == "yes"


def test_variants_are_told_what_their_owner_is_told() -> None:
    owner = workload()
    pod = make.live(make.pod_spec(hostPID=True), index=1, by=owner, labels={"app": "web"})
    found = [one for one in documents(make.namespace(), owner, pod) if one.ref.kind == "Deployment"]
    assert [one.variant for one in found] == [False, True]
    assert len({one.parts["related.exposure"].digest for one in found}) == 1


def test_pods_of_an_outside_owner() -> None:
    rollout = make.rollout()
    pod = make.live(index=1, by=rollout, labels={"app": "web"})
    rule = policy({**WEB, "ingress": []})
    value = related("exposure", make.namespace(), pod, rule, name=pod["metadata"]["name"])
    assert value["from_everybody"]["answer"] == "no"


def test_of_what_is_no_workload_nothing_is_told() -> None:
    for relation in ("exposure", "neighbours", "doors"):
        assert related(relation, make.namespace(), workload(), name="shop") is None


# --- neighbours -----------------------------------------------------------------------------------


def neighbours(*bodies: Body, kind: str = "cluster") -> Any:
    spaces = [make.namespace("shop", tenant="a", team="x"), make.namespace("bank", tenant="b", team="x")]
    return related(
        "neighbours", *spaces, workload(spec=ports(80)), workload("teller", "bank"), *bodies, kind=kind
    )


def test_who_may_connect_from_elsewhere() -> None:
    rule = policy({**WEB, "ingress": [{"from": [{"namespaceSelector": {}}], "ports": [{"port": 80}]}]})
    [opening] = neighbours(rule)["foreign"]["items"]
    assert (opening["words"], opening["namespaces"]["total"]) == ("TCP 80", 2)
    told = [(one["namespace"], one["peer"], one["answer"]) for one in opening["namespaces"]["items"]]
    assert told == [("", "any pod", "yes"), ("bank", "Deployment bank/teller", "yes")]
    assert opening["namespaces"]["items"][1]["policies"]["items"] == ["NetworkPolicy shop/p allows"]
    nobody: Body = {"total": 0, "items": []}
    own = policy({**WEB, "ingress": [{"from": [{"podSelector": {}}]}]})
    assert neighbours(own)["foreign"] == nobody
    # only ports that containers declare are told
    rule = policy({**WEB, "ingress": [{"from": [{"namespaceSelector": {}}], "ports": [{"port": 81}]}]})
    assert neighbours(rule)["foreign"] == nobody


def test_tenants_are_told_by_every_label_but_those_of_kubernetes() -> None:
    value = neighbours()
    assert value["labels"] == ["team", "tenant"]
    assert {key: (one["own"], one["others"]["items"]) for key, one in value["tenants"].items()} == {
        "tenant": ("a", ["b"])
    }
    assert value["tenants"]["tenant"]["peer"] == "Deployment bank/teller"
    assert neighbours(CLOSED)["tenants"] == {}
    closed = policy({"podSelector": {}, "policyTypes": ["Egress"]}, name="out", namespace="bank")
    assert neighbours(closed)["tenants"] == {}
    level = make.namespace("low", **{"pod-security.kubernetes.io/enforce": "baseline", "tenant": "a"})
    own = make.namespace("shop", **{"pod-security.kubernetes.io/enforce": "restricted", "tenant": "a"})
    told = related("neighbours", own, level, workload(), workload("y", "low"))
    assert told["tenants"] == {}


def test_nodes() -> None:
    addresses = [{"type": "Hostname", "address": "a"}, {"type": "InternalIP", "address": "192.168.0.9"}]
    node = {**make.obj("Node", name="a"), "status": {"addresses": addresses}}

    def egress(cidr: str) -> Body:
        return policy({**WEB, "policyTypes": ["Egress"], "egress": [{"to": [{"ipBlock": {"cidr": cidr}}]}]})

    assert neighbours(node, egress("192.168.0.0/24"))["control_plane"]["peer"] == "192.168.0.9/32"
    assert neighbours(node, egress("192.168.1.0/24"))["control_plane"] == {"answer": "no"}
    assert neighbours(node)["control_plane"]["words"] == "TCP 443, TCP 2379, TCP 6443, TCP 10250"
    fact = neighbours(egress("192.168.1.0/24"))["control_plane"]
    assert (fact["answer"], fact["reasons"]) == ("unknown", ["the addresses of the nodes are not known"])
    assert neighbours()["control_plane"]["answer"] == "yes"


def test_no_document_grows_with_the_cluster() -> None:
    """200 namespaces that may all connect, each with labels and names as long as there are."""
    name = "n" * 55
    spaces = [
        make.namespace(f"{name}-{number}", **{"k" * 60: f"{'v' * 55}-{number}"}) for number in range(200)
    ]
    spec = ports(*range(80, 130))
    owners = [workload("w" * 60, f"{name}-{number}", spec=spec) for number in range(200)]
    rules = [
        policy(
            {
                "podSelector": {},
                "ingress": [{"from": [{"namespaceSelector": {}}], "ports": [{"port": 80 + number}]}],
            },
            name=f"{'p' * 240}-{number}",
            namespace=f"{name}-0",
        )
        for number in range(50)
    ]
    found = documents(*spaces, *owners, *rules)
    sizes = [len(one.parts["related.neighbours"].json) for one in found if one.ref.kind == "Deployment"]
    assert len(sizes) == 200
    assert max(sizes) < SIZE_LIMIT / 2
    json.loads(next(one for one in found if one.ref.kind == "Deployment").parts["related.exposure"].json)


# --- doors ----------------------------------------------------------------------------------------


def service(kind: str = "LoadBalancer", **port: Any) -> Body:
    spec = {"type": kind, "selector": {"app": "web"}, "ports": [{"port": 443, **port}]}
    return make.obj("Service", spec, name="lb")


INGRESS = make.obj(
    "Ingress", {"defaultBackend": {"service": {"name": "lb", "port": {"number": 443}}}}, name="in"
)


@pytest.mark.parametrize(
    ("others", "expected", "by"),
    [
        ([], [], []),
        ([service("ClusterIP")], [], []),
        ([service()], [443], ["Service lb (LoadBalancer)"]),
        ([service(targetPort=8080)], [8080], ["Service lb (LoadBalancer)"]),
        ([service("NodePort", targetPort="p8080")], [8080], ["Service lb (NodePort)"]),
        ([service(targetPort="p1")], [], ["Service lb (LoadBalancer)"]),
        ([service("ClusterIP", targetPort=8080), INGRESS], [8080], ["Ingress shop/in"]),
    ],
)
def test_doors(others: list[Body], expected: list[int], by: list[str]) -> None:
    value = related("doors", make.namespace(), workload(spec=ports(8080, 9090)), *others)
    assert [one["port"] for one in value["ports"]["items"]] == expected
    assert value["by"]["items"] == by


def test_a_port_of_the_host_is_a_door() -> None:
    spec = make.pod_spec(
        containers=[make.container(ports=[{"containerPort": 53, "hostPort": 53, "protocol": "UDP"}])]
    )
    value = related("doors", make.namespace(), workload(spec=spec))
    assert value == {
        "ports": {"total": 1, "items": [{"protocol": "UDP", "port": 53}]},
        "by": {"total": 1, "items": ["hostPort 53"]},
    }


# --- default_deny ---------------------------------------------------------------------------------


def test_namespaces() -> None:
    def told(*bodies: Body) -> Any:
        return related("default_deny", make.namespace(), workload(), *bodies, name="shop")

    assert told() == {"workloads": 1, "ingress": {}, "egress": {}}
    by = {"by": "NetworkPolicy shop/default"}
    assert told(CLOSED) == {"workloads": 1, "ingress": by, "egress": by}
    engine = make.obj("CiliumNetworkPolicy", {}, name="x")
    reasons = {"reasons": ["other policy engine: CiliumNetworkPolicy"]}
    assert told(engine) == {"workloads": 1, "ingress": reasons, "egress": reasons}
    assert told(engine, CLOSED)["ingress"] == by
    assert related("default_deny", make.namespace(), name="shop")["workloads"] == 0
    assert told(make.live(by=workload(), labels={"app": "web"}))["workloads"] == 1


# --- network_plugins ------------------------------------------------------------------------------


def plugin(*images: str, name: str = "web", args: Sequence[str] = ()) -> Body:
    listed = [
        {"name": f"c{number}", "image": image, "args": list(args)} for number, image in enumerate(images)
    ]
    return workload(name, kind="DaemonSet", spec={"containers": listed})


@pytest.mark.parametrize(
    ("images", "args", "known"),
    [
        (["registry.example/calico/node:v3.31.2"], [], ("Calico", "yes")),
        (["registry.example/rancher/mirrored-calico-node:v3.31.2-rancher1"], [], ("Calico", "yes")),
        (["registry.example:5000/cilium/cilium@sha256:0"], [], ("Cilium", "yes")),
        (["antrea/antrea-agent-ubuntu:v2.5.0"], [], ("Antrea", "yes")),
        (["weaveworks/weave-kube:2.8.1", "weaveworks/weave-npc:2.8.1"], [], ("Weave Net", "yes")),
        (["registry.example/azure-npm:v1.6.33"], [], ("Azure Network Policy Manager", "yes")),
        (["registry.example/ovn-org/ovn-kubernetes/ovn-kube-ubuntu:v1"], [], ("OVN-Kubernetes", "yes")),
        (["kubeovn/kube-ovn:v1.14.0"], [], ("Kube-OVN", "yes")),
        (["cloudnativelabs/kube-router"], [], ("kube-router", "yes")),
        (["cloudnativelabs/kube-router"], ["--run-firewall=false"], ("kube-router", "no")),
        (["networking/kube-network-policies:v1.1.0"], [], ("kube-network-policies", "yes")),
        (["amazon-k8s-cni:v1.20.4"], [], ("Amazon VPC CNI", "no")),
        (
            ["amazon-k8s-cni:v1", "amazon/aws-network-policy-agent:v1"],
            ["--enable-network-policy=true"],
            ("Amazon VPC CNI", "yes"),
        ),
        (
            ["amazon-k8s-cni:v1", "amazon/aws-network-policy-agent:v1"],
            ["--enable-network-policy=false"],
            ("Amazon VPC CNI", "no"),
        ),
        (["amazon-k8s-cni:v1", "amazon/aws-network-policy-agent:v1"], [], ("Amazon VPC CNI", "unknown")),
        (["kindest/kindnetd:v20250512"], [], ("kindnet", "unknown")),
        (["flannel/flannel:v0.27.4"], [], ("Flannel", "no")),
        (["rancher/mirrored-flannel-io-flannel"], [], ("Flannel", "no")),
        (["calico/node:v3", "flannel/flannel:v0.27.4"], [], ("Calico", "yes")),
        # near misses are no plugins
        (["calico/node-driver-registrar:v3"], [], None),
        (["registry.example/my-cilium-tools:1"], [], None),
        (["shop/web:1"], [], None),
    ],
)
def test_plugins(images: list[str], args: list[str], known: tuple[str, str] | None) -> None:
    value = related("network_plugins", make.namespace(), plugin(*images, args=args))
    assert ((value["plugin"], value["enforces"]) if value else None) == known


def test_what_else_there_is() -> None:
    calico = plugin("calico/node:v3", name="calico")
    apis = ("apps/v1", "crd.projectcalico.org/v1", "kubeovn.io/v1")
    value = related(
        "network_plugins", make.namespace(), plugin("flannel/flannel:v0"), calico, CLOSED, apis=apis
    )
    assert value["others"] == {"total": 1, "items": ["DaemonSet shop/calico"]}
    assert value["served"] == ["crd.projectcalico.org", "kubeovn.io"]
    assert value["policies"] == 1
    own = related("network_plugins", make.namespace(), calico, name="calico")
    assert (own["others"]["total"], own["served"], own["policies"]) == (0, [], 0)
