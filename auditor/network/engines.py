"""Policies of other engines: what they say we do not read, so that where they count we do not know."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Engine(msgspec.Struct, frozen=True):
    """What policies of one kind can do to verdicts."""

    opens: bool = True
    """Whether one may allow what Kubernetes' own policies deny."""
    root: str = ""
    """A namespace whose policies count everywhere."""


ENGINES: Mapping[str, Engine] = {
    # Cilium allows what any of its own or of Kubernetes' policies allows.
    "CiliumNetworkPolicy": Engine(),
    "CiliumClusterwideNetworkPolicy": Engine(),
    # Calico and Antrea have tiers before that of Kubernetes. Staged policies of Calico change nothing.
    "NetworkPolicy.projectcalico.org": Engine(),
    "NetworkPolicy.crd.projectcalico.org": Engine(),
    "GlobalNetworkPolicy.projectcalico.org": Engine(),
    "GlobalNetworkPolicy.crd.projectcalico.org": Engine(),
    "NetworkPolicy.crd.antrea.io": Engine(),
    "ClusterNetworkPolicy.crd.antrea.io": Engine(),
    "ApplicationNetworkPolicy": Engine(),
    "ClusterNetworkPolicy.networking.k8s.aws": Engine(),
    "FQDNNetworkPolicy": Engine(),
    # These only take away.
    "EgressFirewall": Engine(opens=False),
    "UserDefinedNetwork": Engine(opens=False),
    "ClusterUserDefinedNetwork": Engine(opens=False),
    "AuthorizationPolicy": Engine(opens=False, root="istio-system"),
}
"""By the name of the kind in `document/kinds.py`; one without a namespace counts everywhere."""
