"""What closes a namespace for new pods."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.network.default_deny import default_deny
from auditor.network.policy import Direction
from tests.network.naive import Object
from tests.network.shop import cluster_policy, policy, read

EVERY: Object = {"namespaces": {}}
WORLD = {"networks": ["0.0.0.0/0"]}


def closed(*bodies: Object) -> list[str]:
    """The directions in which `shop` is closed."""
    found = read(*bodies)
    assert not found.unread
    return [one.value for one in Direction if default_deny(found.policies, "shop", {"team": "shop"}, one)]


def rule(action: str, field: str, *peers: Any, **more: Any) -> Object:
    return {"action": action, field: list(peers), **more}


def tier(name: str = "Baseline", subject: Object | None = None, **rules: Any) -> Object:
    return cluster_policy(name, 1, subject=subject, **rules)


BOTH = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
DENY_IN = rule("Deny", "from", EVERY)
DENY_OUT = rule("Deny", "to", EVERY, WORLD)


@pytest.mark.parametrize(
    ("bodies", "directions"),
    [
        ((), []),
        ((policy({"podSelector": {}}),), ["ingress"]),
        ((policy(BOTH),), ["ingress", "egress"]),
        ((policy(BOTH, namespace="tools"),), []),
        ((policy({**BOTH, "podSelector": {"matchLabels": {"app": "web"}}}),), []),
        # of a policy for all pods that allows something the rest stays denied, but not of one that allows all
        ((policy({**BOTH, "ingress": [{"from": [{"podSelector": {}}]}]}),), ["ingress", "egress"]),
        ((policy({**BOTH, "ingress": [{"ports": [{"port": 80}]}]}),), ["ingress", "egress"]),
        ((policy({**BOTH, "ingress": [{}]}),), ["egress"]),
        ((policy(BOTH), policy({"podSelector": {}, "ingress": [{}]}, name="open")), ["egress"]),
        ((tier(ingress=[DENY_IN]),), ["ingress"]),
        ((tier("Admin", ingress=[DENY_IN]),), ["ingress"]),
        ((tier(ingress=[DENY_IN], egress=[DENY_OUT]),), ["ingress", "egress"]),
        ((tier(egress=[rule("Deny", "to", EVERY)]),), []),
        ((tier(egress=[rule("Deny", "to", WORLD)]),), []),
        ((tier(egress=[rule("Deny", "to", EVERY), rule("Deny", "to", WORLD)]),), ["egress"]),
        ((tier(ingress=[rule("Deny", "from", {"namespaces": {"matchLabels": {"team": "x"}}})]),), []),
        ((tier(ingress=[rule("Accept", "from", EVERY), DENY_IN]),), []),
        ((tier(ingress=[rule("Pass", "from", EVERY), DENY_IN]),), []),
        (
            (
                tier(
                    ingress=[rule("Accept", "from", {"namespaces": {"matchLabels": {"team": "x"}}}), DENY_IN]
                ),
            ),
            ["ingress"],
        ),
        (
            (tier(ingress=[rule("Deny", "from", EVERY, protocols=[{"tcp": {}}])]),),
            [],
        ),
        ((tier(ingress=[rule("Deny", "from", {"unknown": {}})]),), ["ingress"]),
        ((tier(subject={"namespaces": {"matchLabels": {"team": "shop"}}}, ingress=[DENY_IN]),), ["ingress"]),
        ((tier(subject={"namespaces": {"matchLabels": {"team": "x"}}}, ingress=[DENY_IN]),), []),
        (
            (
                tier(
                    subject={"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}},
                    ingress=[DENY_IN],
                ),
            ),
            ["ingress"],
        ),
        (
            (
                tier(
                    subject={"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}}},
                    ingress=[DENY_IN],
                ),
            ),
            [],
        ),
    ],
)
def test_directions(bodies: tuple[Object, ...], directions: list[str]) -> None:
    assert closed(*bodies) == directions
