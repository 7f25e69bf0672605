"""The relations in use, joined to the resources of one snapshot."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping

from auditor.document.relations.relation import Relation, World, filed, part
from auditor.model import Part, Resource


class Index:
    """What each resource is given of others."""

    def __init__(self, relations: Iterable[Relation], world: World) -> None:
        """Prepare every relation for these resources."""
        self._relations = {relation.name: relation for relation in relations}
        self._joins = {name: relation.join(world) for name, relation in self._relations.items()}
        self._parts: dict[tuple[str, Hashable], Part | None] = {}

    def related(self, resource: Resource, wanted: Collection[str]) -> Mapping[str, Part]:
        """Return the wanted parts `related.<name>` of this resource; the same keys are joined once."""
        joined = {}
        for name, join in self._joins.items():
            if (called := f"related.{name}") not in wanted:
                continue
            key = (name, join.keys(resource))
            if key not in self._parts:
                value = join.value(resource)
                names = None if value is None else filed(self._relations[name], value)
                self._parts[key] = None if value is None else part(value, names)
            if found := self._parts[key]:
                joined[called] = found
        return joined

    def missing(self, resource: Resource) -> Mapping[str, str]:
        """Return the relations that would join a broken manifest to this resource, with the reason."""
        reasons = {name: join.refused(resource) for name, join in self._joins.items()}
        return {name: reason for name, reason in reasons.items() if reason}
