"""Every rule of the APIs, by hand: what the text of each says, as a table of who gets through."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.network.addresses import cidr
from auditor.network.space import BLOCK, HOST, LABELS, Reading
from auditor.network.trace import TIE
from tests.network.naive import Object
from tests.network.shop import DB, JOB, WEB, cluster_policy, namespaces, pods, policy, read, verdict

OPEN, CLOSED = "open", "closed"
OUTSIDE = "192.0.2.7"


def db(**spec: Any) -> Object:
    """A policy about the pod `db`."""
    return policy({"podSelector": {"matchLabels": {"app": "db"}}, **spec})


def ingress(*peers: Object, ports: list[Object] | None = None) -> Object:
    rule = {**({"from": list(peers)} if peers else {}), **({"ports": ports} if ports else {})}
    return db(ingress=[rule])


ONE_WEB = {"podSelector": {"matchLabels": {"app": "web"}}}
TOOLS = {"namespaceSelector": {"matchLabels": {"team": "tools"}}}
JOBS = {"podSelector": {"matchLabels": {"app": "job"}}}
EVERYWHERE: Object = {"namespaceSelector": {}}
NOT_TOOLS = {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["tools"]}]}
BLOCKED = {"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.128/25"]}}


@pytest.mark.parametrize(
    ("given", "web", "job", "outside"),
    [
        (None, OPEN, OPEN, OPEN),
        # a rule that is not there allows nothing, an empty one everything
        (db(), CLOSED, CLOSED, CLOSED),
        (db(ingress=[]), CLOSED, CLOSED, CLOSED),
        (db(ingress=None), CLOSED, CLOSED, CLOSED),
        (db(ingress=[{}]), OPEN, OPEN, OPEN),
        (db(ingress=[{"from": []}]), OPEN, OPEN, OPEN),
        (db(ingress=[{"from": None, "ports": None}]), OPEN, OPEN, OPEN),
        # selection
        (policy({}), CLOSED, CLOSED, CLOSED),
        (policy({"podSelector": {}}, namespace="tools"), OPEN, OPEN, OPEN),
        (policy({"podSelector": {"matchLabels": {"app": "web"}}}), OPEN, OPEN, OPEN),
        (db(policyTypes=["Egress"], ingress=[]), OPEN, OPEN, OPEN),
        (db(policyTypes=["Egress"], egress=[{"to": [ONE_WEB]}]), OPEN, OPEN, OPEN),
        # peers
        (ingress(ONE_WEB), OPEN, CLOSED, CLOSED),
        (ingress(JOBS), CLOSED, CLOSED, CLOSED),
        (ingress({"podSelector": {}}), OPEN, CLOSED, CLOSED),
        (ingress(EVERYWHERE), OPEN, OPEN, CLOSED),
        (ingress(TOOLS), CLOSED, OPEN, CLOSED),
        (ingress({**TOOLS, **JOBS}), CLOSED, OPEN, CLOSED),
        (ingress({**TOOLS, **ONE_WEB}), CLOSED, CLOSED, CLOSED),
        (ingress(TOOLS, ONE_WEB), OPEN, OPEN, CLOSED),
        (ingress({"namespaceSelector": NOT_TOOLS}), OPEN, CLOSED, CLOSED),
        (
            ingress({"podSelector": {"matchExpressions": [{"key": "none", "operator": "DoesNotExist"}]}}),
            OPEN,
            CLOSED,
            CLOSED,
        ),
        (
            ingress({"podSelector": {"matchExpressions": [{"key": "none", "operator": "Exists"}]}}),
            CLOSED,
            CLOSED,
            CLOSED,
        ),
        (
            ingress({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "tools"}}}),
            CLOSED,
            OPEN,
            CLOSED,
        ),
        (ingress(BLOCKED), BLOCK, BLOCK, OPEN),
        (ingress(BLOCKED, ONE_WEB), OPEN, BLOCK, OPEN),
        (ingress({"ipBlock": {"cidr": "198.51.100.0/24"}}), BLOCK, BLOCK, CLOSED),
        (ingress({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["192.0.2.0/24"]}}), BLOCK, BLOCK, CLOSED),
        # ports
        (ingress(ports=[{"port": 80}]), OPEN, OPEN, OPEN),
        (ingress(ports=[{"port": 80, "protocol": "UDP"}]), CLOSED, CLOSED, CLOSED),
        (ingress(ports=[{"protocol": "TCP"}]), OPEN, OPEN, OPEN),
        (ingress(ports=[{"port": 79, "endPort": 81}]), OPEN, OPEN, OPEN),
        (ingress(ports=[{"port": 81, "endPort": 99}]), CLOSED, CLOSED, CLOSED),
        (ingress(ports=[{"port": "sql"}]), CLOSED, CLOSED, CLOSED),
        (ingress(ONE_WEB, ports=[{"port": 80}]), OPEN, CLOSED, CLOSED),
    ],
)
def test_into_a_pod(given: Object | None, web: str, job: str, outside: str) -> None:
    found = read(*namespaces(), *pods(), *([given] if given else []))
    assert [verdict(found, source, DB) for source in (WEB, JOB, OUTSIDE)] == [web, job, outside]


@pytest.mark.parametrize(
    ("spec", "web", "job", "outside"),
    [
        ({"egress": []}, OPEN, OPEN, OPEN),  # by default of the direction of its rules, and it has none
        ({"egress": [], "policyTypes": ["Egress"]}, CLOSED, CLOSED, CLOSED),
        ({"egress": [], "policyTypes": ["Ingress", "Egress"]}, CLOSED, CLOSED, CLOSED),
        ({"egress": [{}], "policyTypes": ["Ingress"]}, OPEN, OPEN, OPEN),
        ({"egress": [{"to": [ONE_WEB]}]}, OPEN, CLOSED, CLOSED),
        ({"egress": [{"to": [TOOLS]}]}, CLOSED, OPEN, CLOSED),
        ({"egress": [{"to": [BLOCKED]}]}, BLOCK, BLOCK, OPEN),
        ({"egress": [{"to": [{"podSelector": {}}], "ports": [{"port": 443}]}]}, CLOSED, CLOSED, CLOSED),
    ],
)
def test_out_of_a_pod(spec: Object, web: str, job: str, outside: str) -> None:
    found = read(*namespaces(), *pods(), db(**spec))
    assert [verdict(found, DB, destination) for destination in (WEB, JOB, OUTSIDE)] == [web, job, outside]


def test_a_named_port_is_the_destinations() -> None:
    named = {"ports": [{"port": "sql"}]}
    into = read(*namespaces(), *pods(), db(ingress=[named]))
    assert verdict(into, WEB, DB, "5432") == OPEN
    out = read(*namespaces(), *pods(), policy({"egress": [named], "policyTypes": ["Egress"]}))
    assert [verdict(out, WEB, one, "5432") for one in (DB, JOB, OUTSIDE)] == [OPEN, CLOSED, CLOSED]


def test_sidecars_name_ports_and_init_containers_do_not() -> None:
    named = {"ports": [{"containerPort": 81, "name": "side"}], "image": "s:1", "name": "s"}
    rule = db(ingress=[{"ports": [{"port": "side"}]}])
    sidecar = read(*namespaces(), *pods(initContainers=[{**named, "restartPolicy": "Always"}]), rule)
    init = read(*namespaces(), *pods(initContainers=[named]), rule)
    assert [verdict(one, WEB, DB, "81") for one in (sidecar, init)] == [OPEN, CLOSED]


def test_both_ends_must_allow_and_policies_add_up() -> None:
    out = policy({"policyTypes": ["Egress"], "egress": [{"to": [{"podSelector": {}}]}]}, name="out")
    closed, opened = db(ingress=[]), policy({"ingress": [{"from": [ONE_WEB]}]}, name="opened")
    assert verdict(read(*namespaces(), *pods(), out), WEB, DB) == OPEN
    assert verdict(read(*namespaces(), *pods(), out, closed), WEB, DB) == CLOSED
    assert verdict(read(*namespaces(), *pods(), out, closed, opened), WEB, DB) == OPEN
    assert verdict(read(*namespaces(), *pods(), out, opened), JOB, DB) == CLOSED


def test_host_network_is_undefined_where_it_matters() -> None:
    host = pods(hostNetwork=True)
    assert verdict(read(*namespaces(), *host), WEB, DB) == OPEN
    assert verdict(read(*namespaces(), *host, db(ingress=[])), WEB, DB) == HOST
    out = policy({"policyTypes": ["Egress"], "podSelector": {"matchLabels": {"app": "web"}}})
    named = {**out, "spec": {**out["spec"], "egress": [{"to": [{"podSelector": {}}]}]}}
    everything = {**out, "spec": {**out["spec"], "egress": [{}]}}
    assert verdict(read(*namespaces(), *host, named), WEB, DB) == HOST
    assert verdict(read(*namespaces(), *host, everything), WEB, DB) == OPEN


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (Reading(), BLOCK),
        (Reading(block_holds_pods=False), CLOSED),
        (Reading(pod_ranges=(cidr("10.244.0.0/16"),)), CLOSED),
        (Reading(pod_ranges=(cidr("192.0.0.0/8"),)), BLOCK),
        (Reading(block_holds_pods=True, pod_ranges=(cidr("192.0.2.0/26"),)), OPEN),
        (Reading(block_holds_pods=True, pod_ranges=(cidr("10.244.0.0/16"),)), CLOSED),
    ],
)
def test_what_is_known_of_pods_and_blocks(reading: Reading, expected: str) -> None:
    found = read(*namespaces(), *pods(), ingress(BLOCKED))
    assert verdict(found, WEB, DB, reading=reading) == expected


def test_labels_of_a_namespace_that_was_not_read() -> None:
    found = read(*pods(), ingress({"namespaceSelector": {"matchLabels": {"team": "tools"}}}))
    assert verdict(found, JOB, DB) == LABELS
    name = {"matchLabels": {"kubernetes.io/metadata.name": "tools"}}
    known = read(*pods(), ingress({"namespaceSelector": name}))
    assert [verdict(known, one, DB) for one in (JOB, WEB)] == [OPEN, CLOSED]
    assert verdict(read(*pods(), ingress(EVERYWHERE)), JOB, DB) == OPEN


def test_whether_a_policy_of_the_cluster_is_about_a_namespace_that_was_not_read() -> None:
    subject = {"namespaces": {"matchLabels": {"team": "shop"}}}
    denied = cluster_policy(
        "Admin", 1, subject=subject, ingress=[{"action": "Deny", "from": [{"namespaces": {}}]}]
    )
    assert verdict(read(*pods(), denied), WEB, DB) == LABELS
    assert verdict(read(*namespaces(), *pods(), denied), WEB, DB) == CLOSED
    assert verdict(read(*namespaces(), *pods(), denied), WEB, JOB) == OPEN


def rule(action: str, **rest: Any) -> Object:
    return {"action": action, "from": [{"namespaces": {"matchLabels": {"team": "tools"}}}], **rest}


@pytest.mark.parametrize(
    ("policies", "job", "web"),
    [
        ([cluster_policy("Admin", 1, ingress=[rule("Deny")])], CLOSED, OPEN),
        ([cluster_policy("Admin", 1, ingress=[rule("Accept")]), db(ingress=[])], OPEN, CLOSED),
        ([cluster_policy("Admin", 1, ingress=[rule("Pass"), rule("Deny")])], OPEN, OPEN),
        ([cluster_policy("Admin", 1, ingress=[rule("Pass")]), db(ingress=[])], CLOSED, CLOSED),
        ([cluster_policy("Baseline", 1, ingress=[rule("Deny")])], CLOSED, OPEN),
        ([cluster_policy("Baseline", 1, ingress=[rule("Deny")]), db(ingress=[{}])], OPEN, OPEN),
        ([cluster_policy("Baseline", 1, ingress=[rule("Accept")]), db(ingress=[])], CLOSED, CLOSED),
        # a NetworkPolicy of the other direction decides nothing here
        (
            [cluster_policy("Baseline", 1, ingress=[rule("Deny")]), db(policyTypes=["Egress"])],
            CLOSED,
            OPEN,
        ),
        (
            [
                cluster_policy("Admin", 2, "late", ingress=[rule("Deny")]),
                cluster_policy("Admin", 1, "early", ingress=[rule("Accept")]),
            ],
            OPEN,
            OPEN,
        ),
        (
            [
                cluster_policy("Admin", 1, "a", ingress=[rule("Deny")]),
                cluster_policy("Admin", 1, "b", ingress=[rule("Accept")]),
            ],
            TIE,
            OPEN,
        ),
        (
            [
                cluster_policy("Admin", 1, "a", ingress=[rule("Deny")]),
                cluster_policy("Admin", 1, "b", ingress=[rule("Deny")]),
            ],
            CLOSED,
            OPEN,
        ),
        (
            [
                cluster_policy("Admin", 1, "a", ingress=[rule("Deny")]),
                cluster_policy("Admin", 1, "b", ingress=[rule("Accept", protocols=[{"udp": {}}])]),
            ],
            CLOSED,
            OPEN,
        ),
        (
            [cluster_policy("Admin", 1, ingress=[rule("Deny", protocols=[{"udp": {}}])])],
            OPEN,
            OPEN,
        ),
        (
            [
                cluster_policy(
                    "Admin",
                    1,
                    ingress=[
                        rule(
                            "Deny",
                            protocols=[{"tcp": {"destinationPort": {"range": {"start": 80, "end": 90}}}}],
                        )
                    ],
                )
            ],
            CLOSED,
            OPEN,
        ),
        # a peer of a sort that we do not know: to be on the safe side
        ([cluster_policy("Admin", 1, ingress=[{"action": "Deny", "from": [{"newer": {}}]}])], CLOSED, CLOSED),
        ([cluster_policy("Admin", 1, ingress=[{"action": "Pass", "from": [{"newer": {}}]}])], CLOSED, CLOSED),
        (
            [
                cluster_policy("Admin", 1, ingress=[{"action": "Accept", "from": [{"newer": {}}]}]),
                db(ingress=[]),
            ],
            CLOSED,
            CLOSED,
        ),
    ],
)
def test_tiers(policies: list[Object], job: str, web: str) -> None:
    found = read(*namespaces(), *pods(), *policies)
    assert [verdict(found, source, DB) for source in (JOB, WEB)] == [job, web]


def test_egress_accepted_by_the_cluster_needs_the_destination_still() -> None:
    accept = cluster_policy("Admin", 1, egress=[{"action": "Accept", "to": [{"namespaces": {}}]}])
    assert verdict(read(*namespaces(), *pods(), accept, db(ingress=[])), WEB, DB) == CLOSED


def test_networks_match_pods_too_and_nodes_and_names_are_not_resolved() -> None:
    def denying(**peer: Any) -> Object:
        return cluster_policy("Admin", 1, egress=[{"action": "Deny", "to": [peer]}])

    blocked = read(*namespaces(), *pods(), denying(networks=["192.0.2.0/24"]))
    assert verdict(blocked, WEB, OUTSIDE) == CLOSED
    assert "not known" in verdict(blocked, WEB, DB)
    inside = Reading(pod_ranges=(cidr("192.0.2.0/26"),))
    assert verdict(blocked, WEB, DB, reading=inside) == CLOSED
    assert verdict(blocked, WEB, DB, reading=Reading(pod_ranges=(cidr("10.0.0.0/8"),))) == OPEN
    nodes = read(*namespaces(), *pods(), denying(nodes={}))
    assert verdict(nodes, WEB, DB) == OPEN
    assert verdict(nodes, WEB, OUTSIDE) == "nodes are not resolved to addresses"


def test_subjects_of_the_cluster_leave_out_the_network_of_the_node() -> None:
    denied = cluster_policy("Admin", 1, ingress=[{"action": "Deny", "from": [{"namespaces": {}}]}])
    host = read(*namespaces(), *pods(hostNetwork=True), denied)
    assert [verdict(host, WEB, DB), verdict(host, DB, WEB), verdict(host, JOB, WEB)] == [OPEN, OPEN, CLOSED]
