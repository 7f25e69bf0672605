"""Our model of a world, asked for one packet at a time."""

from __future__ import annotations

from auditor.document.network import Parts, parts
from auditor.model import SourceFacts
from auditor.network.addresses import cidr
from auditor.network.model import Network
from auditor.network.policy import Action, Direction
from auditor.network.space import Reading
from auditor.network.trace import ISOLATES, Note, trace
from tests import factories
from tests.network.naive import Object, Packet, World


class Ours:
    """The model of one world."""

    def __init__(self, world: World) -> None:
        self.parts = read(world)
        self.network: Network = self.parts.network(Reading(world.ipblocks))
        self._places: dict[tuple[str, str], int] = {}
        self._connections: dict[tuple[int, int], tuple[int, int]] = {}
        for place, one in enumerate(self.network.space.classes):
            self._places[one.owner.namespace, one.owner.name] = place

    def verdict(self, packet: Packet) -> str:
        """Return `allow`, `deny` or `unknown`, as `naive.verdict` does."""
        if packet.source is packet.destination:
            return "allow"  # between pods: what one does with itself is no matter of policies
        ends = self.place(packet.source), self.place(packet.destination)
        if ends not in self._connections:
            self._connections[ends] = self.network.connection(*ends)
        open_, unknown = self._connections[ends]
        bit = 1 << self.network.space.ports.atom(packet.protocol, packet.port)
        return "allow" if open_ & bit else "unknown" if unknown & bit else "deny"

    def explains(self, packet: Packet, verdict: str) -> bool:
        """Tell whether the policies that are named bear a verdict out."""
        if packet.source is packet.destination:
            return True
        out, into = self.notes(packet)
        if verdict == "unknown":
            return any(note.unsure for note in out + into)
        closed = [_closes(notes) for notes in (out, into)]
        return any(closed) if verdict == "deny" else not any(closed)

    def notes(self, packet: Packet) -> tuple[list[Note], list[Note]]:
        """Return what policies of the source do, and what those of the destination do."""
        source, destination = self.place(packet.source), self.place(packet.destination)
        atom = self.network.space.ports.atom(packet.protocol, packet.port)
        return (
            trace(self.network, Direction.EGRESS, source, destination, atom),
            trace(self.network, Direction.INGRESS, destination, source, atom),
        )

    def place(self, end: Object | str) -> int:
        """Return the place of a pod, or of an address."""
        if isinstance(end, str):
            if ("", end) not in self._places:
                address, space = cidr(end), self.network.space
                [index] = [number for number, one in enumerate(space.outside) if one.holds(address)]
                self._places["", end] = space.count + index
            return self._places["", end]
        return self._places[end["metadata"]["namespace"], end["metadata"]["name"]]


def _closes(notes: list[Note]) -> bool:
    """Tell whether the policies of one direction, all of which are sure of what they do, deny."""
    effects = [note.effect for note in notes if note.effect != Action.PASS]
    if Action.DENY in effects:
        return effects.index(Action.DENY) == 0
    return ISOLATES in effects and Action.ALLOW not in effects


def read(world: World) -> Parts:
    """Return a world as it comes from a cluster, pods with their status."""
    bodies = [*world.namespaces, *world.pods, *world.network_policies, *world.cluster_policies]
    resources = [factories.resource({"apiVersion": "v1", **body}) for body in bodies]
    found = parts(SourceFacts("cluster"), resources)
    assert not found.unread, found.unread
    return found
