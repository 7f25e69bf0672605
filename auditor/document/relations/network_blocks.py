"""`network_blocks`: what of the cluster itself lies in the ipBlocks of a NetworkPolicy, {blocks, known}.

`blocks` is {total, items} of {path, pods?, services?, nodes?}, each of these {total, items}: the ranges
that Nodes have for pods, the addresses of Services, and those of Nodes, as far as they lie in the block and
are not excepted. `known` has those of the three that anybody knows of: manifests seldom have Nodes.
Addresses of single pods are not kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from auditor.document.relations.bounded import LIMIT, bounded
from auditor.document.relations.inhabitants import PolicyJoin
from auditor.document.relations.network_peers import LIST
from auditor.document.relations.relation import Relation
from auditor.model import Body, Resource
from auditor.network.addresses import Range, cidr
from auditor.network.policy import Block

_KIND = "NetworkPolicy"


class _Join(PolicyJoin):
    """The `Join` of `relation.py`."""

    def keys(self, resource: Resource) -> int | bool | None:
        if resource.ref.kind != _KIND or self.policy(resource) is None:
            return None
        return id(resource) if any(self._blocks(resource)) else True

    def value(self, resource: Resource) -> Any:
        if self.keys(resource) is None:
            return None
        known = sorted(name for name, found in self._own.items() if found)
        return {"blocks": bounded(self._blocks(resource)), "known": known}

    def _blocks(self, resource: Resource) -> Iterator[dict[str, Any]]:
        found = self.policy(resource)
        for direction, rules in found.rules.items() if found else ():
            for number, rule in enumerate(rules):
                for index, peer in enumerate(rule.peers):
                    inside = self._inside(peer.ranges) if isinstance(peer, Block) else {}
                    if inside:
                        path = f"/spec/{direction}/{number}/{LIST[direction]}/{index}/ipBlock"
                        yield {"path": path, **inside}

    def _inside(self, ranges: Iterable[Range]) -> dict[str, Any]:
        found = {}
        for name, own in self._own.items():
            spans = [own.met(one) for one in ranges]
            if total := sum(map(len, spans)):
                some = islice((own.ranges[at] for span in spans for at in span), LIMIT)
                found[name] = bounded(map(str, some), total)
        return found

    @cached_property
    def _own(self) -> Mapping[str, _Ranges]:
        nodes, services = list(self._world.of("Node")), list(self._world.of("Service"))
        return {
            "pods": _Ranges(one for node in nodes for one in _pod_ranges(node.body)),
            "services": _Ranges(one for service in services for one in _cluster_addresses(service.body)),
            "nodes": _Ranges(one for node in nodes for one in _node_addresses(node.body)),
        }


class _Ranges:
    """Ranges in order, without those that lie in another one."""

    def __init__(self, found: Iterable[str]) -> None:
        self.ranges: list[Range] = []
        order = sorted(filter(None, map(_range, found)), key=lambda one: (one.family, one.first, -one.last))
        for one in order:  # a CIDR lies in another one, or meets none of it
            if not (self.ranges and self.ranges[-1].holds(one)):
                self.ranges.append(one)
        self._first = [(one.family, one.first) for one in self.ranges]
        self._last = [(one.family, one.last) for one in self.ranges]

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def met(self, one: Range) -> range:
        """Return the places of those that have an address in common with a range."""
        begin = bisect_left(self._last, (one.family, one.first))
        return range(begin, max(begin, bisect_right(self._first, (one.family, one.last))))


def _range(text: str) -> Range | None:
    try:
        return cidr(text)
    except ValueError:  # a name, or None of a headless Service
        return None


def _pod_ranges(node: Body) -> list[str]:
    return _texts(node.get("spec", {}), "podCIDRs", "podCIDR")


def _cluster_addresses(service: Body) -> list[str]:
    return _texts(service.get("spec", {}), "clusterIPs", "clusterIP")


def _node_addresses(node: Body) -> list[str]:
    listed = node.get("status", {}).get("addresses")
    entries = listed if isinstance(listed, list) else []
    found = (one.get("address") for one in entries if isinstance(one, Mapping))
    return [one for one in found if isinstance(one, str)]


def _texts(spec: Mapping[str, Any], many: str, one: str) -> list[str]:
    """The texts of a list, or of the older field that has the first of them."""
    listed = spec.get(many)
    found = listed if isinstance(listed, list) else [spec.get(one)]
    return [text for text in found if isinstance(text, str)]


NETWORK_BLOCKS = Relation(
    "network_blocks",
    ("Node", "Service"),
    _Join,
    words="the pods, Services and Nodes whose addresses lie in ipBlocks of a NetworkPolicy",
)
