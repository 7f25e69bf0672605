"""`exposure`: with whom the pods of a workload may connect, as far as their own policies say.

`{host: true}` where all of them are on the network of their node, which no policy is about. Else answers:

- `from_everybody`: any pod, and the internet, may connect to all ports;
- `from_any_namespace`: any pod may connect, also one that nobody knows yet;
- `from_internet`: all addresses of the internet of one family may;
- `to_internet`: it may connect to all of those, at all ports;
- `to_metadata`: by address, whether it may ask a cloud for its metadata.

An answer is {answer: yes, no, unknown}, and with the first and the last one witness (`networks.told`). It
names neither the workload nor its pods, so that what has the same policies has the same value.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from auditor.document.network import NETWORK_KINDS
from auditor.document.relations.networks import Networked, networked, told
from auditor.document.relations.relation import Relation, World
from auditor.model import Resource
from auditor.network.exposure import exposure
from auditor.network.policy import Direction


class _Join:
    """The `Join` of `relation.py`; nothing is made before it is asked."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _found(self) -> Networked:
        return networked(self._world)

    def keys(self, resource: Resource) -> Hashable:
        places = self._found.of(resource)
        if places is None:
            return None
        network = self._found.network
        # who is selected by the same policies shares their verdicts
        return frozenset(
            tuple(id(network.verdicts(direction, place)) for direction in Direction)
            for place in places
            if not network.space.host >> place & 1
        )

    def value(self, resource: Resource) -> Any:
        places = self._found.of(resource)
        if places is None:
            return None
        network = self._found.network
        if all(network.space.host >> place & 1 for place in places):
            return {"host": True}
        found = exposure(network, places)
        return {
            "host": False,
            "from_everybody": told(found.from_everybody),
            "from_any_namespace": told(found.from_any_namespace),
            "from_internet": told(found.from_internet),
            "to_internet": told(found.to_internet),
            "to_metadata": {name: told(fact) for name, fact in found.to_metadata.items()},
        }

    def refused(self, resource: Resource) -> str:  # noqa: ARG002 - a policy that cannot be read makes unknown
        return ""


EXPOSURE = Relation(
    "exposure",
    tuple(sorted(NETWORK_KINDS)),
    _Join,
    words="with whom its pods may connect, as far as their own network policies say",
)
