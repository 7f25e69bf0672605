"""Which edge to cut: the one that most of the paths that were found go through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

import msgspec

from auditor.access.graph import Node, Path, Step

_Edge = str | tuple[Node, Node]

MAX_TEXT = 400
"""Characters of a name that a step tells: those of users and groups may be of any length."""


class Cut(msgspec.Struct, frozen=True):
    """What is to be taken away so that a path ends there."""

    edge: str
    """A binding, as `RoleBinding shop/deployers`, or `Deployment shop/web -> ServiceAccount shop/web`."""
    paths: int
    """How many of the paths that were found go through it."""


class Cuts:
    """The paths of one cluster, counted by what they go through."""

    def __init__(self, paths: Iterable[Path], shipped: Collection[str] = ()) -> None:
        """Count all of them; `shipped` are bindings that Kubernetes needs, which nobody takes away."""
        self._shipped = frozenset(shipped)
        self._through = Counter(edge for path in paths for edge in self._edges(path))

    def cheapest(self, path: Path) -> Cut:
        """Return the edge of a path that most paths go through, of several rather a binding."""
        found = self._edges(path)
        best = max(found, key=lambda one: (self._through[one], isinstance(one, str)))
        return Cut(best if isinstance(best, str) else f"{best[0]} -> {best[1]}", self._through[best])

    def _edges(self, path: Path) -> list[_Edge]:
        """Return what of a path can be taken away, each once; its first step, if nothing of it can."""
        found = [edge for edge in _removable(path) if edge not in self._shipped]
        return list(dict.fromkeys(found)) or [(path[0].source, path[0].target)]


def _removable(path: Path) -> Iterator[_Edge]:
    """Yield bindings, tokens, and the rights of pods over their node."""
    for step in path:
        for move in step.moves:
            yield from (via.binding for via in move.via)
            if move.edge in ("runs_as", "root"):
                yield step.source, step.target


def told(step: Step) -> dict[str, object]:
    """Return a step as policies and JSON show it: {from, to, edge, how, binding?, role?, rule?, with?}."""
    vias = [via for move in step.moves for via in move.via]
    return {
        "from": str(step.source)[:MAX_TEXT],
        "to": str(step.target)[:MAX_TEXT],
        "edge": step.moves[0].edge,
        "how": ", then ".join(move.words for move in step.moves),
        **(msgspec.to_builtins(vias[0]) if vias else {}),
        **({"with": msgspec.to_builtins(vias[1:])} if vias[1:] else {}),
    }
