"""Our model says what the engine of kube-network-policies says, but for what it is known to do otherwise.

It passes over the Baseline tier in one direction for pods that NetworkPolicies select in the other direction
only. The API says otherwise: a NetworkPolicy decides about the directions in its policyTypes, and no other.
Those packets are told apart before anything is asked, and counted; where it lets one through that we do not,
such a policy must be our reason.

Not in these worlds, since it reads them otherwise or not at all: pods on the network of their node, ports
that sidecars name, names of ports in the API before today's, policies of the same priority.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from tests.network import oracle
from tests.network.naive import Object, Packet, World
from tests.network.ours import Ours
from tests.network.worlds import Choice, Maker

PACKETS = int(os.environ.get("AUDITOR_PROOF_PACKETS", "500000"))
SEED = int(os.environ.get("AUDITOR_PROOF_SEED", "1"))
EACH = 1250
"""Packets of a world, on the average."""
BATCH = 50
PARTS = 2


@pytest.mark.parametrize("part", range(PARTS))
def test_packets_pass_where_we_say_that_they_do(part: int) -> None:
    seen: Counter[str] = Counter()
    numbers = range(part, PACKETS // EACH, PARTS)
    for begin in range(0, len(numbers), BATCH):
        batch = [_question(number) for number in numbers[begin : begin + BATCH]]
        for (number, world, packets, ours), answers in zip(
            batch, oracle.passed((world, packets) for _, world, packets, _ in batch), strict=True
        ):
            skipping = _Skipping(world)
            for packet, passes in zip(packets, answers, strict=True):
                same = ours.verdict(packet) == ("allow" if passes else "deny")
                if skipping.baseline_of(packet):
                    seen["excluded"] += 1
                    seen["excluded and different"] += not same
                    assert same or (passes and skipping.is_why(ours, packet)), (number, packet, world)
                    continue
                assert same, (number, packet, passes, world)
                seen["passes" if passes else "does not pass"] += 1
    print(dict(seen))
    assert min(seen["passes"], seen["does not pass"]) > seen.total() / 10, seen
    assert seen["excluded"] < seen.total() / 10, seen
    assert seen["excluded and different"], "the engine no longer does this: exclude nothing"


def _question(number: int) -> tuple[int, World, list[Packet], Ours]:
    maker = Maker(SEED * 10_000_000 + number, Choice(ties=False, hosts=False, sidecars=False))
    world = maker.world()._replace(ipblocks=True)
    if number % 4 == 3:
        world = world._replace(cluster_policies=previous(world.cluster_policies))
    return number, world, list(maker.every_packet(world)), Ours(world)


class _Skipping:
    """For which packets the engine passes over the Baseline tier."""

    def __init__(self, world: World) -> None:
        baseline = [
            one
            for one in world.cluster_policies
            if one["kind"] == "BaselineAdminNetworkPolicy" or one["spec"].get("tier") == "Baseline"
        ]
        self._directions = {
            direction for one in baseline for direction in ("ingress", "egress") if one["spec"].get(direction)
        }
        self._names = {one["metadata"]["name"] for one in baseline}
        self._network = Ours(world._replace(cluster_policies=()))
        self._known: dict[tuple[str, str, str], bool] = {}

    def baseline_of(self, packet: Packet) -> bool:
        """Tell whether it does so for either end of a packet."""
        return self._skips(packet.source, "egress") or self._skips(packet.destination, "ingress")

    def is_why(self, ours: Ours, packet: Packet) -> bool:
        """Tell whether we say no because of a policy of that tier."""
        denying = {
            note.policy.name for notes in ours.notes(packet) for note in notes if note.effect == "denies"
        }
        return bool(denying) and denying <= self._names

    def _skips(self, pod: Object | str, direction: str) -> bool:
        if isinstance(pod, str) or direction not in self._directions:
            return False
        key = (pod["metadata"]["namespace"], pod["metadata"]["name"], direction)
        if key not in self._known:
            place, network = self._network.place(pod), self._network.network
            about = {one: bool(network.selecting(one, place)) for one in ("ingress", "egress")}  # type: ignore[arg-type]
            self._known[key] = any(about.values()) and not about[direction]
        return self._known[key]


def previous(policies: Any) -> list[Object]:
    """Return policies of today's API in the words of the one before it, as far as it has words for them."""
    found: list[Object] = []
    for one in policies:
        spec = {key: value for key, value in one["spec"].items() if key != "tier"}
        admin = one["spec"]["tier"] == "Admin"
        if not admin:
            del spec["priority"]
        for direction in ("ingress", "egress"):
            if direction in spec:
                spec[direction] = [_previous(rule, admin=admin) for rule in spec[direction]]
        kind = "AdminNetworkPolicy" if admin else "BaselineAdminNetworkPolicy"
        if admin or not any(other["kind"] == kind for other in found):  # there is one for the cluster
            metadata = one["metadata"] if admin else {"name": "default"}
            version = "policy.networking.k8s.io/v1alpha1"
            found.append({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec})
    return found


def _previous(rule: Object, *, admin: bool) -> Object:
    words = {"Accept": "Allow", "Deny": "Deny", "Pass": "Pass" if admin else "Deny"}
    rest = {key: value for key, value in rule.items() if key not in ("action", "protocols")}
    ports = [_previous_port(one) for one in rule.get("protocols", ())]
    return {**rest, "action": words[rule["action"]], **({"ports": ports} if ports else {})}


def _previous_port(written: Object) -> Object:
    # the engine takes a name for any port: ask for a number there
    if "destinationNamedPort" in written:
        return {"portNumber": {"protocol": "TCP", "port": 80}}
    [(protocol, inside)] = written.items()
    port = inside.get("destinationPort")
    if port is None:
        return {"portRange": {"protocol": protocol.upper(), "start": 1, "end": 65535}}
    if "range" in port:
        return {"portRange": {"protocol": protocol.upper(), **port["range"]}}
    return {"portNumber": {"protocol": protocol.upper(), "port": port["number"]}}
