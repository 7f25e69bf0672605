"""Relations by keys: what a document asks for by name, and under which names resources are found.

Later the same keys tell which documents a changed resource touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from auditor.document.relations.relation import Relation, World
from auditor.model import Resource, ResourceRef

Keys = Callable[[Resource], Iterable[str]]


def keyed(
    name: str,
    kinds: tuple[str, ...],
    words: str = "",
    *,
    asks: Keys,
    answers: Keys,
    shape: Callable[[Sequence[Resource]], Any],
    named: Callable[[str], ResourceRef] | None = None,
    unknown: Any = None,
) -> Relation:
    """Return a relation of those whose keys meet.

    `asks` are the keys that a resource's document looks for, `answers` those under which a resource
    is found, `shape` is what the policy sees of the resources that were found (None leaves the
    relation out), `named` the object that a key names, `words` what people are told. Where manifests
    hold none, the policy sees `unknown`, if it is given: they do not tell that there is none.
    """

    def refs(resource: Resource) -> Iterable[ResourceRef]:
        return [named(key) for key in asks(resource)] if named else ()

    def in_manifests(found: Sequence[Resource]) -> Any:
        return unknown if unknown is not None and not found else shape(found)

    return Relation(
        name,
        kinds,
        join=lambda world: _Keyed(kinds, world, asks, answers, shape if world.live else in_manifests),
        named=refs if named else None,
        words=words,
    )


class _Keyed:
    """The `Join` of `relation.py` over two key functions."""

    def __init__(
        self,
        kinds: tuple[str, ...],
        world: World,
        asks: Keys,
        answers: Keys,
        shape: Callable[[Sequence[Resource]], Any],
    ) -> None:
        self._asks, self._shape = asks, shape
        self._found: dict[str, list[Resource]] = {}
        self._refused: dict[str, str] = {}
        for one in world.resources:
            if one.ref.kind in kinds:
                for key in answers(one):
                    if reason := one.content.refused:
                        self._refused.setdefault(key, f"{one.ref}: {reason}")
                    else:
                        self._found.setdefault(key, []).append(one)

    def keys(self, resource: Resource) -> tuple[str, ...]:
        return tuple(self._asks(resource))

    def value(self, resource: Resource) -> Any:
        asked = tuple(self._asks(resource))
        if not asked:
            return None
        return self._shape([one for key in asked for one in self._found.get(key, ())])

    def refused(self, resource: Resource) -> str:
        if not self._refused:
            return ""  # asking for keys decodes the object
        return next((self._refused[key] for key in self._asks(resource) if key in self._refused), "")
