"""The nouns of network policies, the same for all of their APIs.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
https://network-policy-api.sigs.k8s.io/
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from auditor.model import ResourceRef
from auditor.network.addresses import Range
from auditor.selectors import Selector

PROTOCOLS = ("TCP", "UDP", "SCTP")
"""Those that the APIs can name; what holds for ICMP and others is left open by them."""

LAST_PORT = 65535


class Direction(StrEnum):
    """Which end of a connection a policy is about."""

    INGRESS = "ingress"
    EGRESS = "egress"


class Tier(StrEnum):
    """Where in the order of evaluation a policy stands: a tier that decides leaves nothing to the next."""

    ADMIN = "Admin"
    NAMESPACED = "NetworkPolicy"
    BASELINE = "Baseline"


class Action(StrEnum):
    """What becomes of traffic that a rule matches."""

    ALLOW = "allows"
    DENY = "denies"
    PASS = "passes"
    """Leaves the tier."""


class Pods(msgspec.Struct, frozen=True):
    """Pods, by the labels of their namespace and by their own."""

    pods: Selector = Selector()
    namespaces: Selector | None = None
    """None: the namespace of the policy itself."""


class Block(msgspec.Struct, frozen=True):
    """Whoever has one of these addresses."""

    ranges: tuple[Range, ...]
    pods: bool = False
    """Whether pods count by their addresses, too: a ClusterNetworkPolicy says so, NetworkPolicy nothing."""


class Outside(msgspec.Struct, frozen=True):
    """Somebody outside of the pods whose addresses we do not know: nodes, domain names."""

    what: str


class Everybody(msgspec.Struct, frozen=True):
    """All pods and all addresses."""


Peer = Pods | Block | Outside | Everybody


class PortRange(msgspec.Struct, frozen=True):
    """Ports of one protocol, first and last included."""

    protocol: str
    first: int = 1
    last: int = LAST_PORT


class NamedPort(msgspec.Struct, frozen=True):
    """The port that the destination's containers have under a name."""

    name: str
    protocol: str = ""
    """"" is any."""


Port = PortRange | NamedPort


class Rule(msgspec.Struct, frozen=True):
    """What becomes of some traffic: of that with one of the peers, to one of the ports."""

    action: Action
    peers: tuple[Peer, ...]
    ports: tuple[Port, ...] | None = None
    """None is all ports of all protocols, those without ports included."""


class Policy(msgspec.Struct, frozen=True):
    """One policy of any of the APIs."""

    ref: ResourceRef
    tier: Tier
    subject: Pods
    rules: Mapping[Direction, tuple[Rule, ...]] = {}
    """In the order in which they are tried; of a NetworkPolicy the order means nothing."""
    isolates: frozenset[Direction] = frozenset()
    """Of a NetworkPolicy: where only what some policy allows is allowed."""
    priority: int = 0
    """Within its tier the smallest is tried first. Which one of equals is tried first is undefined."""


class Opaque(msgspec.Struct, frozen=True):
    """Something that may change verdicts, and of which we do not know how."""

    reason: str
    namespace: str = ""
    """Where it counts; "" is everywhere."""
    opens: bool = True
    """Whether it may allow what our policies deny; it may always deny what they allow."""
