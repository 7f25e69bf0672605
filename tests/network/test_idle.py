"""What of a policy changes nothing: by hand, and by leaving it out of random ones."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.document.network import Parts
from auditor.network import idle as module
from auditor.network.addresses import cidr
from auditor.network.idle import Idle, idle
from auditor.network.policy import Direction, Policy
from auditor.network.space import Reading
from tests.network.naive import Object
from tests.network.shop import cluster_policy, namespaces, pods, policy, read

INTO, OUT = Direction.INGRESS, Direction.EGRESS

WEB = {"podSelector": {"matchLabels": {"app": "web"}}}
OWN: Object = {"podSelector": {}}
NAMED = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}
ALL: Object = {"namespaceSelector": {}}
TOOLS = {"namespaceSelector": {"matchLabels": {"team": "tools"}}}
NET, HALF = {"ipBlock": {"cidr": "192.0.2.0/24"}}, {"ipBlock": {"cidr": "192.0.2.0/25"}}
NOTHING = {"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.0/25", "192.0.2.128/25"]}}
SQL, WIDE = {"port": 5432}, {"port": 5000, "endPort": 6000}


def rule(*peers: Object, ports: list[Object] | None = None) -> Object:
    return {**({"from": list(peers)} if peers else {}), **({"ports": ports} if ports else {})}


def parsed(body: Object) -> Policy:
    [only] = read(body).policies
    return only


def covered(*rules: Object) -> list[tuple[int, int | None]]:
    """Which rules for ingress change nothing, and by which others."""
    found = idle(parsed(policy({"podSelector": {}, "ingress": list(rules)})))
    assert found.complete
    return [(one.rule, one.by) for one in found.idle]


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([rule(WEB), rule(OWN)], [(0, 1)]),
        ([rule(OWN), rule(WEB)], [(1, 0)]),
        ([rule(WEB), rule(WEB)], [(1, 0)]),
        ([rule(), rule(WEB), rule(NET)], [(1, 0), (2, 0)]),
        ([rule(OWN), rule(NAMED)], [(1, 0)]),  # the same in other words: the first one stays
        ([rule(NAMED), rule(WEB)], [(1, 0)]),
        ([rule(ALL), rule(WEB), rule(TOOLS)], [(1, 0), (2, 0)]),
        ([rule(TOOLS), rule(ALL)], [(0, 1)]),
        ([rule(NET), rule(HALF)], [(1, 0)]),
        ([rule(WEB, TOOLS), rule(OWN, ALL)], [(0, 1)]),
        ([rule(OWN), rule(WEB, ports=[SQL])], [(1, 0)]),
        ([rule(OWN, ports=[WIDE]), rule(WEB, ports=[SQL])], [(1, 0)]),
        ([rule(OWN, ports=[{"port": "sql"}]), rule(WEB, ports=[{"port": "sql"}])], [(1, 0)]),
        # each adds something
        ([rule(WEB, TOOLS), rule(OWN)], []),
        ([rule(HALF), rule(TOOLS), rule(WEB)], []),
        ([rule(OWN), rule(TOOLS)], []),
        ([rule(ALL), rule(NET)], []),
        ([rule(OWN, ports=[SQL]), rule(WEB, ports=[WIDE])], []),
        ([rule(OWN, ports=[SQL]), rule(WEB)], []),
        ([rule(OWN, ports=[{**SQL, "protocol": "UDP"}]), rule(WEB, ports=[SQL])], []),
        ([rule(OWN, ports=[{"port": "sql"}]), rule(WEB, ports=[{"port": "web"}])], []),
        ([], []),
    ],
)
def test_a_rule_that_another_one_covers(rules: list[Object], found: list[tuple[int, int]]) -> None:
    assert covered(*rules) == found


def test_a_block_of_which_all_is_excepted() -> None:
    found = idle(parsed(policy({"podSelector": {}, "egress": [{"to": [NET]}, {"to": [WEB, NOTHING]}]})))
    assert found.idle == (Idle(OUT, 1, peer=1),)
    # a rule of nothing else is told once
    alone = idle(parsed(policy({"podSelector": {}, "ingress": [rule(NOTHING), rule(NET)]})))
    assert alone.idle == (Idle(INTO, 0, peer=0),)
    # and what is empty keeps the rest of its rule from nothing
    beside = idle(parsed(policy({"podSelector": {}, "ingress": [rule(OWN), rule(WEB, NOTHING)]})))
    assert beside.idle == (Idle(INTO, 1, peer=1), Idle(INTO, 1, by=0))


def ordered(*actions: tuple[str, Object]) -> list[tuple[int, int | None]]:
    rules = [{"action": action, "from": [peer]} for action, peer in actions]
    found = idle(parsed(cluster_policy("Admin", 1, ingress=rules)))
    return [(one.rule, one.by) for one in found.idle]


def test_in_a_policy_with_an_order_only_an_earlier_rule_covers_whatever_it_does() -> None:
    everybody: Object = {"namespaces": {}}
    tools = {"namespaces": {"matchLabels": {"team": "tools"}}}
    assert ordered(("Deny", everybody), ("Accept", tools)) == [(1, 0)]
    assert ordered(("Accept", tools), ("Deny", everybody)) == []
    assert ordered(("Accept", tools), ("Accept", everybody)) == []


def test_what_has_too_many_rules_is_compared_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_COMPARED", 3)
    many = [rule({"podSelector": {"matchLabels": {"app": f"a{i}"}}}) for i in range(4)]
    assert not idle(parsed(policy({"podSelector": {}, "ingress": many}))).complete


PEERS = st.sampled_from((WEB, OWN, NAMED, ALL, TOOLS, NET, HALF, NOTHING))
PORTS = st.none() | st.lists(st.sampled_from((SQL, WIDE, {"port": "sql"})), min_size=1, max_size=2)
RULES = st.lists(
    st.builds(lambda peers, ports: rule(*peers, ports=ports), st.lists(PEERS, max_size=2), PORTS), max_size=4
)
CLUSTER_RULES = st.lists(
    st.builds(
        lambda action, space: {"action": action, "from": [{"namespaces": space}]},
        st.sampled_from(("Accept", "Deny", "Pass")),
        st.sampled_from(({}, {"matchLabels": {"team": "tools"}}, {"matchLabels": {"team": "shop"}})),
    ),
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(RULES, CLUSTER_RULES)
def test_without_what_is_idle_everything_stays_as_it_is(rules: Any, ordered_rules: Any) -> None:
    bodies = [policy({"podSelector": {}, "ingress": rules})]
    bodies += [cluster_policy("Admin", 1, ingress=ordered_rules)]
    whole = read(*namespaces(), *pods(), *bodies)
    lean = msgspec.structs.replace(whole, policies=tuple(map(_lean, whole.policies)))
    assert _open(whole) == _open(lean)


def _lean(one: Policy) -> Policy:
    gone = {found.rule for found in idle(one).idle if found.by is not None}
    kept = tuple(rule for number, rule in enumerate(one.rules[INTO]) if number not in gone)
    return msgspec.structs.replace(one, rules={**one.rules, INTO: kept})


def _open(found: Parts) -> list[tuple[str, ...]]:
    """What is open and what is unknown between all pods and addresses, in words."""
    network = found.network(Reading(), [cidr(block["ipBlock"]["cidr"]) for block in (NET, HALF)])
    traffic = network.space.ports.traffic
    ends = range(network.space.count + len(network.space.outside))
    return [
        tuple(map(str, (*traffic(open_), "?", *traffic(unknown))))
        for source in ends
        for destination in range(network.space.count)
        for open_, unknown in [network.connection(source, destination)]
    ]
