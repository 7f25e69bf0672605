"""All that can be an end of a connection: classes of pods, then pieces of the address space, as bits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from auditor.network.addresses import EVERYWHERE, Range, cut
from auditor.network.pods import Distinctions, PodFacts, classes
from auditor.network.policy import (
    Block,
    Everybody,
    NamedPort,
    Outside,
    Peer,
    Pods,
    Policy,
    PortRange,
    Rule,
    Tier,
)
from auditor.network.ports import PortAtoms
from auditor.network.selection import Labelled, Namespaces, union
from auditor.selectors import Labels, Selector

HOST = "a pod on the network of its node: what applies to it is undefined"
BLOCK = "whether an ipBlock matches the address of a pod is undefined"
ADDRESS = "the address of a pod is not known"
LABELS = "the labels of its namespace were not read"
OUTSIDE = "{what} are not resolved to addresses"


class Reading(msgspec.Struct, frozen=True):
    """How is read what the API leaves open, and what is known of pods in general."""

    block_holds_pods: bool | None = None
    """Whether an ipBlock of a NetworkPolicy matches pods by their addresses; None: it is left open."""
    pod_ranges: tuple[Range, ...] = EVERYWHERE
    """Where the addresses of pods lie that are not known one by one."""


class Match(msgspec.Struct, frozen=True):
    """Whom a peer, or a subject, names."""

    sure: int
    unsure: int = 0
    """Those of whom it cannot be told."""
    why: str = ""
    """Why it cannot be told."""


class Space:
    """The ends of all connections, and the ports."""

    def __init__(
        self,
        pods: Iterable[PodFacts],
        namespaces: Mapping[str, Labels],
        policies: Sequence[Policy],
        reading: Reading,
        more: Distinctions,
    ) -> None:
        """`namespaces` has the labels of those that were read; `more` is told apart besides."""
        self.reading = reading
        rules = [rule for policy in policies for rules in policy.rules.values() for rule in rules]
        selectors = list(_selectors(policies, rules))
        written = [port for rule in rules for port in rule.ports or ()]
        names = {port.name for port in written if isinstance(port, NamedPort)}
        blocks = [peer for rule in rules for peer in rule.peers if isinstance(peer, Block)]
        self.outside = cut([one for block in blocks for one in block.ranges] + list(more.addresses))
        keys = {key for one in selectors for key, _ in one.labels}
        keys |= {key for one in selectors for key, *_ in one.expressions}
        told = Distinctions(keys.union(more.keys), names.union(more.port_names), self.outside)
        self.classes = classes(pods, told)
        self.count = len(self.classes)
        self.pods = (1 << self.count) - 1
        self.addresses = ((1 << len(self.outside)) - 1) << self.count
        self.all = self.pods | self.addresses
        self.host = union(1 << place for place, one in enumerate(self.classes) if one.host_network)
        self.ports = PortAtoms(
            [port for port in written if isinstance(port, PortRange)]
            + [
                PortRange(port.protocol, port.number, port.number)
                for one in self.classes
                for port in one.ports
            ]
        )
        self._starts = [(one.family, one.first) for one in self.outside]
        self._labelled = Labelled([one.labels for one in self.classes])
        self._in: dict[str, int] = defaultdict(int)
        for place, one in enumerate(self.classes):
            self._in[one.owner.namespace] |= 1 << place
        self._namespaces = Namespaces(self._in, namespaces)
        self._named = self._joined_names()

    def subject(self, policy: Policy) -> Match:
        """Return which pods a policy is about; a pod on its node's network is no subject of a tier's."""
        found = self.chosen(policy, policy.subject)
        if policy.tier is Tier.NAMESPACED and found.sure & self.host:
            return Match(found.sure & ~self.host, found.unsure | found.sure & self.host, HOST)
        return Match(found.sure & ~self.host, found.unsure & ~self.host, found.why)

    def chosen(self, policy: Policy, peer: Pods) -> Match:
        """Return which pods have the labels, those on the network of their node among them."""
        selected = self._labelled.selected(peer.pods)
        if peer.namespaces is None:
            return Match(selected & self._in.get(policy.ref.namespace, 0))
        sure, unsure = self._namespaces.selected(peer.namespaces)
        return Match(
            selected & union(self._in[name] for name in sure),
            selected & union(self._in[name] for name in unsure),
            LABELS,
        )

    def matches(self, policy: Policy, rule: Rule) -> tuple[Match, ...]:
        """Return whom the peers of a rule name."""
        found = [self._match(policy, peer) for peer in rule.peers]
        if policy.tier is Tier.NAMESPACED:
            # its traffic may be taken for that of its node, and a node reaches the pods that it runs
            found.append(Match(0, self.host, HOST))
        return tuple(found)

    def named(self, port: NamedPort) -> Iterator[tuple[int, int]]:
        """Yield each atom of ports that pods have under a name, and the pods that do."""
        for (name, protocol, atom), bits in self._named.items():
            if name == port.name and port.protocol in ("", protocol):
                yield atom, bits

    def covered(self, block: Sequence[Range]) -> int:
        """Return the pieces of the address space that lie in ranges at whose edges was cut."""
        found = 0
        for one in block:
            first = bisect_left(self._starts, (one.family, one.first))
            after = bisect_right(self._starts, (one.family, one.last))
            found |= (1 << after) - (1 << first)
        return found << self.count

    def _match(self, policy: Policy, peer: Peer) -> Match:
        match peer:
            case Everybody():
                return Match(self.all)
            case Pods():
                found = self.chosen(policy, peer)
                return Match(found.sure & ~self.host, found.unsure & ~self.host, found.why)
            case Outside(what):
                return Match(0, self.addresses | self.host, OUTSIDE.format(what=what))
            case Block():
                return self._block(peer)

    def _block(self, block: Block) -> Match:
        outside = self.covered(block.ranges)
        counts = True if block.pods else self.reading.block_holds_pods
        if counts is False:
            return Match(outside)
        sure, unsure = self._in_block(block, outside >> self.count)
        if counts is None:
            return Match(outside, (sure | unsure) & ~self.host, BLOCK)
        return Match(outside | sure, unsure, ADDRESS)

    def _in_block(self, block: Block, atoms: int) -> tuple[int, int]:
        """Which classes have all of their addresses in a block, and which may have some there."""
        sure = unsure = 0
        ranges = self.reading.pod_ranges
        some = any(one.meets(inside) for one in ranges for inside in block.ranges)
        whole = all(any(inside.holds(one) for inside in block.ranges) for one in ranges)
        for place, one in enumerate(self.classes):
            if one.host_network:  # it has the addresses of its node, and more than one
                inside = [True, False]
            elif one.atoms is None:
                inside = [some, whole]
            else:
                hits = [atoms >> atom & 1 for atom in one.atoms]
                inside = [any(hits), all(hits)]
            if inside[1]:
                sure |= 1 << place
            elif inside[0]:
                unsure |= 1 << place
        return sure, unsure

    def _joined_names(self) -> dict[tuple[str, str, int], int]:
        found: dict[tuple[str, str, int], int] = defaultdict(int)
        for place, one in enumerate(self.classes):
            for port in one.ports:
                atom = self.ports.atom(port.protocol, port.number)
                found[port.name, port.protocol, atom] |= 1 << place
        return found


def _selectors(policies: Sequence[Policy], rules: Sequence[Rule]) -> Iterator[Selector]:
    for policy in policies:
        yield policy.subject.pods
    for rule in rules:
        for peer in rule.peers:
            if isinstance(peer, Pods):
                yield peer.pods
