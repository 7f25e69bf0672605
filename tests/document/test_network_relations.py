"""What network policies are given of whom they select, mean, and trust."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.document.assemble import assemble
from auditor.model import Body
from tests import factories as make
from tests.document.test_cluster_relations import related

OLD = "2026-05-01T12:00:00Z"
NODE_ADDRESS = "10.0.0.11"


def policy(spec: Body | None = None, *, namespace: str = "shop", created: str = OLD) -> Body:
    wanted = {"podSelector": {"matchLabels": {"app": "db"}}, **(spec or {})}
    return make.obj("NetworkPolicy", wanted, name="p", namespace=namespace, creationTimestamp=created)


def cluster_policy(spec: Body, name: str = "p") -> Body:
    whole = {"tier": "Admin", "priority": 5, "subject": {"namespaces": {}}, **spec}
    return make.obj("ClusterNetworkPolicy", whole, name=name, creationTimestamp=OLD)


def pod(name: str, namespace: str = "shop", **spec: Any) -> Body:
    return make.pod(make.pod_spec(**spec), name=name, namespace=namespace, labels={"app": name})


def template(kind: str, app: str, **outer: Any) -> Body:
    body = make.workload(kind, outer=outer, name=app)
    holder = body["spec"]["jobTemplate"]["spec"] if kind == "CronJob" else body["spec"]
    holder["template"]["metadata"] = {"labels": {"app": app}}
    return body


# --- network_subject ------------------------------------------------------------------------------

FOUND = {"whole": False, "found": True}
LOST = {"whole": False, "found": False, "created": OLD}


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([], LOST),
        ([pod("db")], FOUND),
        ([pod("db", "bank")], LOST),
        ([pod("web")], LOST),
        ([template("CronJob", "db")], FOUND),
        ([template("Deployment", "db", replicas=0)], FOUND),
        ([pod("db", hostNetwork=True)], FOUND),  # undefined is not nobody
        ([make.pod(name="db", labels={"app": "db"}, phase="Succeeded")], LOST),
    ],
)
def test_whom_a_policy_selects(others: list[Body], told: Body) -> None:
    assert related("network_subject", policy(), *others) == told


def test_a_template_counts_beside_pods_with_other_labels() -> None:
    deployment = template("Deployment", "db")
    deployment["metadata"]["uid"] = "u"
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "db", "uid": "u", "controller": True}
    live = make.pod(name="db-1", labels={"app": "other"}, ownerReferences=[owner])
    assert related("network_subject", policy(), deployment, live) == FOUND
    other = policy({"podSelector": {"matchLabels": {"app": "other"}}})
    assert related("network_subject", other, deployment, live) == FOUND


def test_an_empty_selector_selects_whoever_comes() -> None:
    assert related("network_subject", policy({"podSelector": {}})) == {"whole": True, "found": True}


def test_others_than_network_policies_have_no_subject() -> None:
    assert related("network_subject", cluster_policy({})) is None


def test_a_pod_that_cannot_be_read_may_be_selected() -> None:
    broken = pod("x", hostNetwork="no")
    assert "hostNetwork" in related("network_subject", policy(), broken)["unread"]


def test_a_policy_that_no_server_takes_is_missing() -> None:
    body = policy({"policyTypes": ["Both"]})
    assert related("network_subject", body, pod("db")) is None
    reasons = missing("network_subject", body)
    assert reasons == {"network_subject": "NetworkPolicy shop/p: policyTypes: unknown 'Both'"}


def missing(name: str, body: Body, *others: Body) -> Any:
    snapshot = make.snapshot(body, *others, kind="cluster")
    parts = frozenset({f"related.{name}"})
    found = assemble(snapshot, frozenset({body["kind"]}), frozenset({name}), parts)
    return next(one for one in found if one.ref.name == body["metadata"]["name"]).missing


# --- network_peers --------------------------------------------------------------------------------

SHOP, OPS = make.namespace("shop", team="shop"), make.namespace("ops", team="ops")


def peer(pods: str = "", team: str = "") -> Body:
    return {
        **({"podSelector": {"matchLabels": {"app": pods}}} if pods else {}),
        **({"namespaceSelector": {"matchLabels": {"team": team}}} if team else {}),
    }


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (peer("web"), ""),
        (peer("wbe"), "pods"),
        (peer(team="ops"), ""),  # it has no pods, and may have some
        (peer(team="obs"), "namespaces"),
        (peer("web", "shop"), ""),
        (peer("web", "ops"), "pods"),
        (peer("web", "obs"), "namespaces"),
        ({"podSelector": {}}, ""),
        ({"namespaceSelector": {}}, ""),
        ({"ipBlock": {"cidr": "192.0.2.0/24"}}, ""),
        (peer("host"), ""),
    ],
)
def test_peers_that_mean_nobody(given: Body, fault: str) -> None:
    known = pod("web"), pod("host", hostNetwork=True), SHOP, OPS
    ports = [{"from": [{"podSelector": {}}]}, {"from": [peer("web"), given]}]
    empty = related("network_peers", policy({"ingress": ports}), *known)["empty"]
    assert empty["items"] == ([{"path": "/spec/ingress/1/from/1", "of": fault}] if fault else [])
    out: Body = {"policyTypes": ["Egress"], "egress": [{"to": [given]}]}
    empty = related("network_peers", policy(out), *known)["empty"]
    assert empty["items"] == ([{"path": "/spec/egress/0/to/0", "of": fault}] if fault else [])


def test_the_subject_of_a_policy_for_the_whole_cluster() -> None:
    nobody = {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "x"}}}}
    told = related("network_peers", cluster_policy({"subject": nobody}), pod("db"), SHOP)
    assert told == {"empty": {"total": 1, "items": [{"path": "/spec/subject", "of": "pods"}]}, "created": OLD}
    assert related("network_peers", cluster_policy({}), pod("db"), SHOP) == {
        "empty": {"total": 0, "items": []}
    }


def test_who_does_not_carry_a_label_is_meant_by_its_absence() -> None:
    """The stranger, who is in no cluster, is not taken for one of its pods."""
    absent = {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}
    rules = [{"from": [{"podSelector": absent, "namespaceSelector": absent}]}]
    told = related("network_peers", policy({"ingress": rules}), pod("db"), SHOP)
    assert told["empty"]["items"][0]["of"] == "pods"


def test_whom_a_peer_means_may_be_what_was_not_read() -> None:
    told = related(
        "network_peers", policy({"ingress": [{"from": [peer("x")]}]}), pod("y", hostNetwork="no"), SHOP
    )
    assert "hostNetwork" in told["unread"]


# --- network_dead_rules ---------------------------------------------------------------------------

SQL = [{"name": "sql", "containerPort": 5432}]


def with_port(name: str, ports: list[Body] | None = None) -> Body:
    return pod(name, containers=[make.container(ports=SQL if ports is None else ports)])


def dead(body: Body, *others: Body, live: bool = True) -> list[Body]:
    told = related("network_dead_rules", body, *others, SHOP, live=live)
    assert told["dead"]["total"] == len(told["dead"]["items"])
    items: list[Body] = told["dead"]["items"]
    return items


def test_rules_of_a_direction_that_is_not_named() -> None:
    out: list[Body] = [{"to": [{"podSelector": {}}]}]
    [only] = dead(policy({"policyTypes": ["Ingress"], "egress": out}))
    assert only == {"path": "/spec/egress", "why": "direction", "type": "Egress"}
    [only] = dead(policy({"policyTypes": ["Egress"], "ingress": [{}]}))
    assert only == {"path": "/spec/ingress", "why": "direction", "type": "Ingress"}
    assert not dead(policy({"egress": out}))
    assert not dead(policy({"policyTypes": ["Ingress"], "egress": []}))


def named(direction: str, peers: list[Body], port: Any = "sql", **more: Any) -> Body:
    rule = {
        "from" if direction == "ingress" else "to": peers,
        "ports": [{"port": 80}, {"port": port, **more}],
    }
    return policy({"policyTypes": [direction.capitalize()], direction: [rule]})


PORT = {"path": "/spec/ingress/0/ports/1", "why": "port", "port": "sql"}


@pytest.mark.parametrize(
    ("body", "others", "found"),
    [
        (named("ingress", []), [with_port("db")], []),
        (named("ingress", []), [with_port("db", [])], [PORT]),
        (named("ingress", [], protocol="UDP"), [with_port("db")], [PORT]),
        (named("ingress", [], port="web"), [with_port("db")], [{**PORT, "port": "web"}]),
        (named("ingress", []), [with_port("db", []), with_port("web")], [PORT]),
        (named("ingress", []), [with_port("web")], []),  # it selects nobody, which is another fault
        (named("egress", [{"podSelector": {}}]), [with_port("web")], []),
        (named("egress", []), [with_port("web")], []),
        (named("egress", []), [], []),  # nobody is there who could have it
        (
            named("egress", [peer("web")]),
            [with_port("web", [])],
            [{**PORT, "path": "/spec/egress/0/ports/1"}],
        ),
        (named("egress", [peer("web")]), [with_port("db")], []),
        (
            named("egress", [{"ipBlock": {"cidr": "192.0.2.0/24"}}]),
            [with_port("db")],
            [{"path": "/spec/egress/0/ports/1", "why": "address", "port": "sql"}],
        ),
    ],
)
def test_names_of_ports(body: Body, others: list[Body], found: list[Body]) -> None:
    assert dead(body, *others) == found


def test_a_named_port_of_a_policy_for_the_whole_cluster() -> None:
    protocols = [{"tcp": {"destinationPort": {"number": 80}}}, {"destinationNamedPort": "web"}]
    rule = {"action": "Accept", "from": [{"namespaces": {}}], "protocols": protocols}
    [only] = dead(cluster_policy({"ingress": [rule]}), with_port("db"))
    assert only == {"path": "/spec/ingress/0/protocols/1", "why": "port", "port": "web"}


def test_a_pod_on_its_nodes_network_may_have_the_port() -> None:
    host = pod("db", hostNetwork=True, containers=[make.container(ports=SQL)])
    assert not dead(named("ingress", []), host, pod("db"))


def test_manifests_do_not_tell_that_a_name_is_nowhere() -> None:
    body = named("ingress", [])
    assert dead(body, with_port("db", []), live=False) == []
    told = related("network_dead_rules", body, with_port("db", []), SHOP, live=False)
    assert told["unread"] == (
        "the port sql at /spec/ingress/0/ports/1 has a name that no container among the manifests has"
    )
    # what the policy itself tells they tell too
    body = policy({"policyTypes": ["Ingress"], "egress": [{}]})
    assert [one["why"] for one in dead(body, live=False)] == ["direction"]


def test_covered_and_excepted_rules_are_told_by_their_places() -> None:
    nothing = {"cidr": "192.0.2.0/24", "except": ["192.0.2.0/25", "192.0.2.128/25"]}
    body = policy({"ingress": [{"from": [{"ipBlock": nothing}]}, {"from": [peer("web")]}, {}]})
    assert dead(body) == [
        {"path": "/spec/ingress/0/from/0", "why": "excepted"},
        {"path": "/spec/ingress/1", "why": "covered", "by": "/spec/ingress/2"},
    ]


# --- network_ties ---------------------------------------------------------------------------------


def rule(action: str) -> Body:
    return {"ingress": [{"action": action, "from": [{"namespaces": {}}]}]}


def test_a_tie_is_told_at_the_one_that_sorts_first() -> None:
    one, two = cluster_policy(rule("Deny"), "one"), cluster_policy(rule("Accept"), "two")
    told = related("network_ties", one, two, pod("db"), SHOP)
    assert told["ties"]["items"] == [
        {
            "other": "two",
            "direction": "ingress",
            "subject": "Pod shop/db",
            "peer": "Pod shop/db",
            "port": "TCP",
            "does": "denies",
            "other_does": "allows",
        }
    ]
    assert related("network_ties", two, one, pod("db"), SHOP) == {"ties": {"total": 0, "items": []}}
    assert related("network_ties", policy(), one, two) is None


def test_whether_two_meet_manifests_do_not_tell() -> None:
    nobody = {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "x"}}}}
    one = cluster_policy({**rule("Deny"), "subject": nobody}, "one")
    two = cluster_policy(rule("Accept"), "two")
    assert related("network_ties", one, two, pod("db"), SHOP) == {"ties": {"total": 0, "items": []}}
    told = related("network_ties", one, two, pod("db"), SHOP, live=False)
    assert told["unread"] == "whether ClusterNetworkPolicy one and ClusterNetworkPolicy two meet"


# --- network_blocks -------------------------------------------------------------------------------


def node(**more: Any) -> Body:
    spec = {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24", "fd00:1::/64"], **more}
    body = make.obj("Node", spec, name="worker")
    addresses = [{"type": "Hostname", "address": "worker"}, {"type": "InternalIP", "address": NODE_ADDRESS}]
    return {**body, "status": {"addresses": addresses}}


def service(address: str, name: str = "web") -> Body:
    return make.obj("Service", {"clusterIP": address, "clusterIPs": [address]}, name=name)


def blocks(cidr: str, *excepted: str, others: tuple[Body, ...] = ()) -> Any:
    block = {"cidr": cidr, **({"except": list(excepted)} if excepted else {})}
    spec = {"policyTypes": ["Egress"], "egress": [{}, {"to": [{"podSelector": {}}, {"ipBlock": block}]}]}
    return related("network_blocks", policy(spec), *others)


CLUSTER = (node(), service("10.96.0.1"), service("None", "headless"), service("10.96.0.9", "other"))


@pytest.mark.parametrize(
    ("cidr", "excepted", "inside"),
    [
        ("10.244.0.0/16", (), {"pods": ["10.244.1.0/24"]}),
        ("10.244.1.7/32", (), {"pods": ["10.244.1.0/24"]}),
        ("10.96.0.0/16", (), {"services": ["10.96.0.1/32", "10.96.0.9/32"]}),
        ("10.96.0.1/32", (), {"services": ["10.96.0.1/32"]}),
        ("10.0.0.0/24", (), {"nodes": ["10.0.0.11/32"]}),
        ("fd00:1::/32", (), {"pods": ["fd00:1::/64"]}),
        (
            "10.0.0.0/8",
            ("10.244.0.0/16", "10.96.0.0/30"),
            {"services": ["10.96.0.9/32"], "nodes": ["10.0.0.11/32"]},
        ),
        ("192.0.2.0/24", (), {}),
        ("10.244.2.0/24", (), {}),
        ("10.96.0.2/31", (), {}),
    ],
)
def test_what_lies_in_a_block(cidr: str, excepted: tuple[str, ...], inside: dict[str, list[str]]) -> None:
    told = blocks(cidr, *excepted, others=CLUSTER)
    assert told["known"] == ["nodes", "pods", "services"]
    items = [
        {name: part["items"] for name, part in one.items() if name != "path"}
        for one in told["blocks"]["items"]
    ]
    assert items == ([inside] if inside else [])
    assert {one["path"] for one in told["blocks"]["items"]} <= {"/spec/egress/1/to/1/ipBlock"}


def test_of_many_addresses_some_are_named() -> None:
    many = tuple(service(f"10.96.1.{i}", f"s{i}") for i in range(30))
    [one] = blocks("10.96.0.0/16", others=many)["blocks"]["items"]
    assert (one["services"]["total"], len(one["services"]["items"])) == (30, 20)


def test_a_range_within_another_one_is_not_lost() -> None:
    wide = node(podCIDRs=["10.244.0.0/16", "10.244.1.0/24"])
    [one] = blocks("10.244.200.0/24", others=(wide,))["blocks"]["items"]
    assert one["pods"]["items"] == ["10.244.0.0/16"]


def test_what_nobody_tells_is_not_known() -> None:
    old = node(podCIDRs=None)
    assert blocks("10.244.0.0/16", others=(old,))["blocks"]["total"] == 1
    assert blocks("10.0.0.0/8")["known"] == []
    assert blocks("10.0.0.0/8", others=(node(podCIDRs=["no", 7], podCIDR=None),))["known"] == ["nodes"]
    assert related("network_blocks", cluster_policy({})) is None


# --- network_labels -------------------------------------------------------------------------------


def role(**more: Any) -> Body:
    rule = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["patch"], **more}
    return {**make.obj("ClusterRole", name="tenancy"), "rules": [rule]}


def binding(namespace: str = "", subject: str = "ci", home: str = "bank", of: str = "tenancy") -> Body:
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": of}
    who = {"kind": "ServiceAccount", "name": subject, "namespace": home}
    return {**make.obj(kind, name=f"b-{of}", namespace=namespace), "roleRef": ref, "subjects": [who]}


def trusting(*others: Body, body: Body | None = None) -> list[Body]:
    chosen = body or policy({"ingress": [{"from": [peer(team="ops")]}]})
    spaces = SHOP, OPS, make.namespace("bank")
    items: list[Body] = related("network_labels", chosen, *others, *spaces)["places"]["items"]
    return items


def who(*others: Body, body: Body | None = None) -> list[tuple[str, str]]:
    return [
        (one["subject"], one["namespace"])
        for place in trusting(*others, body=body)
        for one in place["who"]["items"]
    ]


CI = "ServiceAccount bank/ci"


def test_who_may_change_the_label() -> None:
    [place] = trusting(role(), binding("bank"))
    assert place == {
        "path": "/spec/ingress/0/from/0",
        "keys": ["team"],
        "gain": "in",
        "who": {
            "total": 1,
            "items": [{"namespace": "bank", "subject": CI, "by": "RoleBinding bank/b-tenancy"}],
        },
    }
    assert who(role(), binding()) == [(CI, "")]
    assert who(role(resourceNames=["bank", "x"]), binding()) == [(CI, "bank"), (CI, "x")]
    assert who(role(resourceNames=["bank", "x"]), binding("bank")) == [(CI, "bank")]


def test_who_cannot_or_need_not() -> None:
    assert who(role(verbs=["get", "create"]), binding("bank")) == []
    assert who(role(), binding("ops")) == []  # it is in already
    assert who(role(), binding(subject="x", home="kube-system")) == []
    everything = {**role(), "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
    assert who(everything, binding()) == []
    assert who(everything, binding("bank")) == [(CI, "bank")]
    own = policy({"ingress": [{"from": [peer("web"), {"namespaceSelector": {}}]}]})
    assert who(role(), binding(), body=own) == []
    by_name = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ops"}}}
    assert who(role(), binding(), body=policy({"ingress": [{"from": [by_name]}]})) == []


def test_who_gets_out_of_what_denies() -> None:
    rules = [{"action": "Deny", "from": [{"namespaces": {"matchLabels": {"team": "ops"}}}]}]
    denying = cluster_policy({"ingress": rules})
    assert who(role(), binding("ops"), body=denying) == [(CI, "ops")]
    assert who(role(), binding("bank"), body=denying) == []
    about = cluster_policy({"subject": {"namespaces": {"matchLabels": {"team": "ops"}}}})
    [place] = trusting(role(), binding("ops"), body=about)
    assert (place["path"], place["gain"]) == ("/spec/subject", "out")
    passing = cluster_policy({"ingress": [{**rules[0], "action": "Pass"}]})
    assert who(role(), binding("bank"), body=passing) == [(CI, "bank")]
    assert who(role(), binding("ops"), body=passing) == [(CI, "ops")]


def test_a_broken_role_may_be_one_that_lets_them() -> None:
    broken = {**role(), "rules": "none"}
    assert "ClusterRole" in missing("network_labels", policy(), broken)["network_labels"]
