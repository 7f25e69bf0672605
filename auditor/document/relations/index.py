"""The relations in use, joined to the resources of one snapshot."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from auditor.document.relations.relation import Relation, World, part
from auditor.model import Part, Resource


class Index:
    """What each resource is given of others."""

    def __init__(self, relations: Iterable[Relation], world: World) -> None:
        """Prepare every relation for these resources."""
        self._joins = {relation.name: relation.join(world) for relation in relations}
        self._parts: dict[tuple[str, Hashable], Part | None] = {}

    def related(self, resource: Resource) -> Mapping[str, Part]:
        """Return what each relation in use has for this resource, by name; the same keys are joined once."""
        joined = {}
        for name, join in self._joins.items():
            key = (name, join.keys(resource))
            if key not in self._parts:
                value = join.value(resource)
                self._parts[key] = None if value is None else part(value)
            if found := self._parts[key]:
                joined[name] = found
        return joined

    def missing(self, resource: Resource) -> Mapping[str, str]:
        """Return the relations that would join a broken manifest to this resource, with the reason."""
        reasons = {name: join.refused(resource) for name, join in self._joins.items()}
        return {name: reason for name, reason in reasons.items() if reason}
