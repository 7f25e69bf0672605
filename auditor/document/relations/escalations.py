"""`escalations`: what an entry can reach: {entry, kind, path, by, paths}, or {entry: ""} for what is none.

Entries are exposed workloads outside of system namespaces, the ServiceAccounts `default`, and bindings that
name a group or user that nearly everybody is. A path of `paths` is {sink, words, hops, steps, cut, of}; at a
binding are those that begin with it. What a broad group holds is told at its bindings, and not again at
each account that is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from auditor.access.cuts import Cuts, told
from auditor.access.escalation import BROAD, escalation, subject_node
from auditor.access.graph import Graph, Node, Path, Sink
from auditor.access.objects import BINDINGS, ROLES
from auditor.access.roles import SubjectKind, effective
from auditor.document.kinds import SYSTEM_NAMESPACES, WORKLOADS, pod_pointer
from auditor.document.normalise import pod_holder
from auditor.document.relations.bounded import bounded
from auditor.document.relations.exposed import KINDS, Exposed, by_itself
from auditor.document.relations.heads import place, sketch
from auditor.document.relations.relation import Relation, World
from auditor.document.relations.rights import named, rights
from auditor.document.relations.selected import heads_of
from auditor.document.relations.surroundings import surroundings
from auditor.model import Resource, ResourceRef

MAX_STEPS = 12
"""Steps of a path that are told; a longer one is not."""

_NONE = {"entry": ""}

_BROAD_NAMES = frozenset(node.name for node in BROAD)


class Found(NamedTuple):
    """A path, from where and to what."""

    entry: Node
    sink: Sink
    path: Path
    bearer: str = ""
    """The binding that names a broad group and that it begins with."""


class Entry(msgspec.Struct, frozen=True):
    """From where paths are looked for."""

    nodes: tuple[Node, ...]
    kind: str
    """`workload`, `account` or `group`."""
    path: str
    """JSON pointer into the object."""
    by: tuple[str, ...] = ()
    """What exposes a workload."""
    binding: str = ""
    """With which binding paths begin, where they sit on one."""


class _Join:
    """The `Join` of `relation.py`; nothing is made before it is asked."""

    def __init__(self, world: World) -> None:
        self._world = world

    def keys(self, resource: Resource) -> Entry | None:
        return self._entries.get(id(resource))

    def value(self, resource: Resource) -> Any:
        entry = self._entries.get(id(resource))
        if entry is None:
            return _NONE
        found = [one for one in self._found if one.entry in entry.nodes and one.bearer == entry.binding]
        return {
            "entry": str(entry.nodes[0]),
            "kind": entry.kind,
            "path": entry.path,
            "by": bounded(entry.by),
            "paths": [self._told(one) for one in found],
        }

    def refused(self, resource: Resource) -> str:
        broken = rights(self._world).broken
        if broken:
            ref = min(broken)
            return f"{ref}: {broken[ref]}"
        return self._broken or self._exposed.broken.get(place(resource), "")

    @cached_property
    def _broken(self) -> str:
        """An account or a namespace that cannot be read."""
        kinds = ("ServiceAccount", "Namespace")
        found = (one for one in self._world.resources if one.ref.kind in kinds and one.content.refused)
        return next((f"{one.ref}: {one.content.refused}" for one in found), "")

    def _told(self, found: Found) -> dict[str, Any]:
        return {
            "entry": str(found.entry),
            "sink": found.sink.value,
            "words": str(found.path[-1].target),
            "hops": len(found.path),
            "steps": [told(step) for step in found.path],
            "cut": msgspec.to_builtins(self._cuts.cheapest(found.path)),
            "of": len(self._found),
        }

    @cached_property
    def _graph(self) -> Graph:
        held = rights(self._world)
        shipped = {} if self._world.live else held.shipped.roles
        roles = {**shipped, **held.roles}
        return escalation(roles.values(), held.bindings.values(), surroundings(self._world))

    @cached_property
    def _found(self) -> list[Found]:
        """Every path from every entry, each once, in order."""
        wanted = sorted({(node, entry.kind) for entry in self._entries.values() for node in entry.nodes})
        found = []
        for node, kind in wanted:
            for sink in Sink:
                path = self._graph.shortest(node, sink, frozenset() if kind == "workload" else BROAD)
                if path and len(path) <= MAX_STEPS and _takes_rights(path):
                    found.append(Found(node, sink, path, self._bearer(node, path) if kind == "group" else ""))
        return found

    def _bearer(self, node: Node, path: Path) -> str:
        """Return the binding that a path begins with and that names the group."""
        bindings = [via.binding for move in path[0].moves for via in move.via]
        naming = {one.binding for one in self._entries.values() if node in one.nodes}
        return next((one for one in bindings if one in naming), "")

    @cached_property
    def _cuts(self) -> Cuts:
        held = rights(self._world)
        shipped = [str(ref) for ref, binding in held.bindings.items() if held.ships(binding)]
        return Cuts((one.path for one in self._found), shipped)

    @cached_property
    def _exposed(self) -> Exposed:
        return Exposed(self._world)

    @cached_property
    def _entries(self) -> Mapping[int, Entry]:
        """By the id of the resource that a finding would be about."""
        heads = heads_of(self._world)
        known: dict[int, Entry | None] = {}
        found: dict[int, Entry] = {}
        for one in self._world.resources:
            if one.content.refused:
                continue
            if head := heads.get(id(one)):
                top = head.resource
                if id(top) not in known:
                    known[id(top)] = None if top.content.refused else self._workload(top)
                entry = known[id(top)]
            else:
                entry = self._other(one)
            if entry:
                found[id(one)] = entry
        return found

    def _workload(self, one: Resource) -> Entry | None:
        if place(one) in SYSTEM_NAMESPACES:
            return None
        spec = (pod_holder(one.body) or {}).get("spec", {})
        by = [*self._exposed.by_services(place(one), sketch(one).labels), *by_itself(spec)]
        node = Node(one.ref.kind, place(one), one.ref.name)
        return Entry((node,), "workload", pod_pointer(one.ref.kind), tuple(by)) if by else None

    def _other(self, one: Resource) -> Entry | None:
        if one.ref.kind == "ServiceAccount" and one.ref.name == "default":
            node = Node(SubjectKind.SERVICE_ACCOUNT, place(one), "default")
            return Entry((node,), "account", "/metadata/name")
        if one.ref.kind in BINDINGS:
            return self._binding(named(one))
        return None

    def _binding(self, ref: ResourceRef) -> Entry | None:
        held = rights(self._world)
        binding = held.bindings.get(ref)
        broad = [
            (subject_node(subject), index)
            for index, one in enumerate(binding.subjects if binding else ())
            if one.name in _BROAD_NAMES and (subject := effective(one, ref.namespace))
        ]
        broad = [one for one in broad if one[0] in BROAD]
        if not (broad and binding) or held.ships(binding):
            return None
        nodes = tuple(dict.fromkeys(node for node, _ in broad))
        return Entry(nodes, "group", f"/subjects/{broad[0][1]}", binding=str(ref))


def _takes_rights(path: Path) -> bool:
    """Tell whether RBAC has a part in it: that a privileged pod has its node is a finding of its own."""
    return any(move.via for step in path for move in step.moves)


ESCALATIONS = Relation(
    "escalations",
    (*ROLES, *BINDINGS, "ServiceAccount", "Namespace", *WORKLOADS, *KINDS),
    _Join,
    words="where an entry leads: the paths to cluster admin, all Secrets, a node, or control of admission",
)
