"""How many pods there may be, and how many of them a disruption budget lets go.

The arithmetic is that of the disruption controller, pkg/controller/disruption/disruption.go:
percentages of a PodDisruptionBudget round up in both of its fields, and are shares of what the owners
of the selected pods ask for, not of the pods. https://kubernetes.io/docs/tasks/run-application/configure-pdb/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

MOST = 2**31 - 1
"""The API counts replicas in 32 bits."""

_PERCENT = re.compile(r"[0-9]+%", re.ASCII)
_TRIED = 1000
"""Replicas up to which it is tried when a budget begins to let pods go."""


class Replicas(msgspec.Struct, frozen=True):
    """A range of replicas, both ends included."""

    min: int
    max: int


NONE = Replicas(0, 0)


def effective(replicas: int, autoscalers: Sequence[Replicas]) -> Replicas:
    """Return how many replicas a workload may have, through the autoscalers that target it.

    A workload at 0 is not scaled, but for one that an autoscaler may have brought there.
    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation
    """
    if not autoscalers:
        return Replicas(replicas, replicas)
    low, high = min(one.min for one in autoscalers), max(one.max for one in autoscalers)
    return Replicas(low, max(low, high)) if replicas or low == 0 else NONE


def total(ranges: Iterable[Replicas]) -> Replicas:
    """Return the range of the sum."""
    low = high = 0
    for one in ranges:
        low, high = low + one.min, high + one.max
    return Replicas(low, high)


class Rule(msgspec.Struct, frozen=True):
    """What a PodDisruptionBudget asks for."""

    field: str = ""
    """`minAvailable`, `maxUnavailable`, or "" if it says neither."""
    value: int = 0
    percent: bool = False

    @property
    def scaled(self) -> bool:
        """It is a share of what the owners of the pods ask for: they need a scale subresource."""
        return self.percent or self.field == "maxUnavailable"

    def expected(self, scale: int, pods: int) -> int:
        """Return `status.expectedPods`: of `pods` selected, whose owners ask for `scale`."""
        if self.scaled:
            return scale
        return pods if self.field else 0

    def desired(self, expected: int) -> int:
        """Return `status.desiredHealthy`."""
        share = -(-self.value * expected // 100) if self.percent else self.value
        return max(0, expected - share) if self.field == "maxUnavailable" else share


def rule(spec: Mapping[str, Any]) -> Rule | str:
    """Return the rule of a PodDisruptionBudget, or why no API server takes it."""
    found = [(field, spec[field]) for field in ("minAvailable", "maxUnavailable") if field in spec]
    if not found:
        return Rule()
    if len(found) == 2:
        return "it sets both minAvailable and maxUnavailable"
    ((field, value),) = found
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        return Rule(field, value)
    if isinstance(value, str) and _PERCENT.fullmatch(value) and len(value) < 8 and int(value[:-1]) <= 100:
        return Rule(field, int(value[:-1]), percent=True)
    return f"{field} is neither a number of pods nor a percentage up to 100%"


class Cover(msgspec.Struct, frozen=True):
    """What a PodDisruptionBudget selects."""

    whole: Replicas = NONE
    """Replicas of the owners all of whose pods it selects."""
    part: Replicas = NONE
    """Replicas of owners of which it selects some pods only: they count as if it selected all."""
    others: int = 0
    """The pods that it selects beside those of `whole`: some of an owner's, and those of nobody."""


class Budget(msgspec.Struct, frozen=True):
    """The answer of the disruption controller where every pod is healthy."""

    expected: int
    desired: int
    healthy: int

    @property
    def allowed(self) -> int:
        """Return `status.disruptionsAllowed`."""
        return max(0, self.healthy - self.desired) if self.expected > 0 else 0


def worst(rule: Rule, cover: Cover) -> Budget | None:
    """Return the tightest budget in the range of replicas; None if there is never a pod to evict.

    Every replica more of a wholly selected owner raises the healthy pods by one and the desired ones
    by one at most; of a partly selected one it raises the desired ones only.
    """
    low = cover.whole.min
    if low + cover.others == 0:
        if not cover.whole.max:
            return None
        low = 1  # on its way from nothing to its maximum it has one
    return _at(rule, cover, low)


def enough(rule: Rule, cover: Cover) -> int | None:
    """Return with how many replicas in all it lets a pod go, None if with none up to a thousand."""
    found = (one for one in range(1, _TRIED + 1) if _at(rule, cover, one).allowed)
    return next(found, None)


def _at(rule: Rule, cover: Cover, whole: int) -> Budget:
    healthy = whole + cover.others
    expected = rule.expected(whole + cover.part.max, healthy)
    return Budget(expected, rule.desired(expected), healthy)
