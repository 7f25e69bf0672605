"""Who may really connect to a pod, and it to addresses: by hand, and held against `reach`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from auditor.network.addresses import Range, cidr
from auditor.network.exposure import CUTS, UNCLEAR, Answer, Fact
from auditor.network.model import Network
from auditor.network.neighbours import ADDRESSES, Neighbours
from auditor.network.policy import PortRange
from auditor.network.space import BLOCK, Reading
from tests import factories
from tests.network.naive import Object
from tests.network.ours import read as read_world
from tests.network.shop import namespaces, pods, policy, read
from tests.network.worlds import Maker

DB = {"podSelector": {"matchLabels": {"app": "db"}}}
OUT = {"policyTypes": ["Egress"]}
TOOLS = {"namespaceSelector": {"matchLabels": {"team": "tools"}}}
API = (PortRange("TCP", 443, 443), PortRange("TCP", 10250, 10250))
NODE = (cidr("10.0.1.7"),)
WORLDS = 30


def model(*bodies: Object, **spec: Any) -> Network:
    return read(*namespaces(), *pods(**spec), *bodies).network(Reading(), CUTS)


def places(network: Network, name: str) -> list[int]:
    return [place for place, one in enumerate(network.space.classes) if one.owner.name == name]


def peers(*bodies: Object, **spec: Any) -> dict[str, list[str]]:
    """By ports, who may connect to `db`: with a question mark where that is not known."""
    network = model(*bodies, **spec)
    found = {}
    for one in Neighbours(network).openings(places(network, "db")):
        words = ", ".join(map(str, network.space.ports.traffic(one.atoms)))
        found[words] = [
            f"{network.space.classes[place].owner.name or 'any'}{'' if one.sure >> place & 1 else '?'}"
            for place in range(network.space.count)
            if one.likely >> place & 1
        ]
    return found


def into(*sources: Object, port: int = 5432) -> Object:
    return policy({**DB, "ingress": [{"from": list(sources), "ports": [{"port": port}]}]}, name="in")


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ((), {"TCP, UDP, SCTP": ["web", "db", "job", "any"]}),
        ((into(TOOLS),), {"TCP 5432": ["job"]}),
        ((into({"podSelector": {}}),), {"TCP 5432": ["web", "db"]}),
        ((into({"namespaceSelector": {}}),), {"TCP 5432": ["web", "db", "job", "any"]}),
        # who is not let out does not come in
        ((into(TOOLS), policy({"podSelector": {}, **OUT}, name="out", namespace="tools")), {}),
        # ... or only at another port
        (
            (
                into(TOOLS),
                policy(
                    {"podSelector": {}, **OUT, "egress": [{"ports": [{"port": 80}]}]},
                    "out",
                    namespace="tools",
                ),
            ),
            {},
        ),
        (
            (
                into(TOOLS, {"podSelector": {}}),
                policy(
                    {"podSelector": {}, **OUT, "egress": [{"ports": [{"port": 5432}]}]},
                    "out",
                    namespace="tools",
                ),
            ),
            {"TCP 5432": ["web", "db", "job"]},
        ),
        ((into({"ipBlock": {"cidr": "10.0.0.0/8"}}),), {"TCP 5432": ["web?", "db?", "job?", "any?"]}),
    ],
)
def test_both_ends_count(bodies: Sequence[Object], expected: dict[str, list[str]]) -> None:
    assert peers(*bodies) == expected


def test_pods_on_their_nodes_network_are_no_peers() -> None:
    host = factories.pod(
        factories.pod_spec(hostNetwork=True), name="host", namespace="tools", labels={"app": "host"}
    )
    assert peers(host, into(TOOLS)) == {"TCP 5432": ["job"]}
    assert peers(into(TOOLS), hostNetwork=True) == {}


def witness(*bodies: Object) -> Fact:
    network = model(*bodies)
    found = Neighbours(network)
    [opening] = found.openings(places(network, "db"))
    return found.fact(opening, found.namespaces["tools"])


def test_a_witness_names_the_policies_of_both_ends() -> None:
    rules: Object = {"podSelector": {}, **OUT, "egress": [{"ports": [{"port": 5432}]}]}
    fact = witness(into(TOOLS), policy(rules, name="out", namespace="tools"))
    assert (fact.answer, fact.peer, fact.reasons) == (Answer.YES, "Pod tools/job", ())
    assert [str(one) for one in fact.ports] == ["TCP 5432"]
    assert [f"{one.policy} {one.effect}" for one in fact.notes] == [
        "NetworkPolicy tools/out allows",
        "NetworkPolicy shop/in allows",
    ]


def test_a_witness_that_is_not_sure_says_why() -> None:
    fact = witness(into({"ipBlock": {"cidr": "10.0.0.0/8"}}))
    assert (fact.answer, fact.reasons) == (Answer.UNKNOWN, (BLOCK,))
    engine = factories.obj("CiliumNetworkPolicy", {}, name="x", namespace="tools")
    fact = witness(engine)
    assert fact.reasons == ("other policy engine: CiliumNetworkPolicy",)
    assert UNCLEAR not in fact.reasons


@pytest.mark.parametrize(
    ("egress", "known", "answer", "ports"),
    [
        (None, True, Answer.YES, ["TCP 443", "TCP 10250"]),
        ([], True, Answer.NO, []),
        ([{"to": [{"ipBlock": {"cidr": "10.0.0.0/16"}}]}], True, Answer.YES, ["TCP 443", "TCP 10250"]),
        ([{"to": [{"ipBlock": {"cidr": "10.0.0.0/24"}}]}], True, Answer.NO, []),
        (
            [{"to": [{"ipBlock": {"cidr": "10.0.0.0/16"}}], "ports": [{"port": 443}]}],
            True,
            Answer.YES,
            ["TCP 443"],
        ),
        ([{"to": [{"ipBlock": {"cidr": "10.0.0.0/16"}}], "ports": [{"port": 80}]}], True, Answer.NO, []),
        # where it may be anywhere, some of the addresses are not enough
        ([{"to": [{"ipBlock": {"cidr": "10.0.1.0/24"}}]}], False, Answer.UNKNOWN, ["TCP 443", "TCP 10250"]),
        ([{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}], False, Answer.YES, ["TCP 443", "TCP 10250"]),
        ([{"to": [{"podSelector": {}}]}], False, Answer.NO, []),
    ],
)
def test_addresses(egress: list[Object] | None, known: bool, answer: Answer, ports: list[str]) -> None:
    given = [] if egress is None else [policy({**DB, **OUT, "egress": egress})]
    network = model(*given)
    where: tuple[Range, ...] = NODE if known else (cidr("10.0.0.0/8"),)
    fact = Neighbours(network).to_addresses(places(network, "db"), where, API, known=known)
    assert (fact.answer, [str(one) for one in fact.ports]) == (answer, ports)
    if answer is not Answer.NO:
        assert fact.peer == str(where[0])
    assert fact.reasons == ((ADDRESSES,) if answer is Answer.UNKNOWN else ())


@pytest.mark.parametrize("seed", range(WORLDS))
def test_openings_are_the_connections_that_reach_tells(seed: int) -> None:
    """In random worlds, of every pair of classes and every port."""
    network = read_world(Maker(seed).world()).network(Reading())
    space, found = network.space, Neighbours(network)
    for place in range(space.count):
        openings = found.openings([place])
        assert len({one.atoms for one in openings}) == len(openings)
        for peer in range(space.count):
            sure = likely = 0
            for one in openings:
                sure |= one.atoms if one.sure >> peer & 1 else 0
                likely |= one.atoms if one.likely >> peer & 1 else 0
            open_, unknown = network.connection(peer, place)
            if space.host >> peer & 1 or space.host >> place & 1:
                open_ = unknown = 0
            assert (sure, likely & ~sure) == (open_, unknown), (seed, peer, place)
