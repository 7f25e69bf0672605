"""Policies of the same priority that contradict each other."""

from __future__ import annotations

import pytest

from auditor.network import ties as module
from auditor.network.model import STRANGER
from auditor.network.pods import Distinctions
from auditor.network.policy import Action, Direction
from auditor.network.space import Reading, Space
from auditor.network.ties import Tie, Ties, ties
from tests import factories
from tests.network.naive import Object
from tests.network.shop import cluster_policy, namespaces, pods, read

EVERYBODY: Object = {"namespaces": {}}
TOOLS = {"namespaces": {"matchLabels": {"team": "tools"}}}
SHOP = {"namespaces": {"matchLabels": {"team": "shop"}}}
DB = {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "db"}}}}
WEB = {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "web"}}}}
NET = {"networks": ["192.0.2.0/24"]}
SQL = [{"tcp": {"destinationPort": {"number": 5432}}}]
NAMED = [{"destinationNamedPort": "sql"}]


def rules(action: str, peer: Object, protocols: list[Object] | None = None, field: str = "from") -> Object:
    listed = {"action": action, field: [peer], **({"protocols": protocols} if protocols else {})}
    return {"ingress" if field == "from" else "egress": [listed]}


def found(*bodies: Object) -> Ties:
    parts = read(*namespaces(), *pods(), *bodies)
    labels = {**parts.namespaces, "": {}}
    space = Space([*parts.pods, STRANGER], labels, parts.policies, Reading(), Distinctions((), (), ()))
    return ties(space, parts.policies)


def pair(
    one: Object, other: Object, subject: Object = EVERYBODY, another: Object = EVERYBODY, second: int = 5
) -> Ties:
    return found(
        cluster_policy("Admin", 5, "one", subject, **one),
        cluster_policy("Admin", second, "two", another, **other),
    )


DENY, OPEN = rules("Deny", EVERYBODY), rules("Accept", EVERYBODY)


def test_a_tie_has_a_witness() -> None:
    [only] = pair(rules("Deny", EVERYBODY, SQL), rules("Accept", WEB), DB).ties
    assert only == Tie(
        only.one,
        only.other,
        Direction.INGRESS,
        "Pod shop/db",
        "Pod shop/web",
        "TCP 5432",
        (Action.DENY, Action.ALLOW),
    )
    assert (only.one.name, only.other.name) == ("one", "two")


@pytest.mark.parametrize(
    ("one", "other", "tied"),
    [
        (DENY, OPEN, True),
        (DENY, rules("Pass", EVERYBODY), True),
        (DENY, DENY, False),
        (rules("Deny", TOOLS), rules("Accept", SHOP), False),
        (rules("Deny", TOOLS), rules("Accept", EVERYBODY), True),
        (rules("Deny", EVERYBODY, SQL), rules("Accept", EVERYBODY, NAMED), True),
        (
            rules("Deny", EVERYBODY, [{"tcp": {"destinationPort": {"number": 80}}}]),
            rules("Accept", EVERYBODY, NAMED),
            False,
        ),
        (DENY, rules("Accept", EVERYBODY, field="to"), False),
        (rules("Deny", NET, field="to"), rules("Accept", NET, field="to"), True),
        # the rule before decides
        ({"ingress": [*DENY["ingress"], *OPEN["ingress"]]}, DENY, False),
    ],
)
def test_which_rules_contradict_each_other(one: Object, other: Object, tied: bool) -> None:
    assert bool(pair(one, other).ties) is tied


def test_others_have_no_tie() -> None:
    assert not pair(DENY, OPEN, second=6).ties
    assert not pair(DENY, OPEN, DB, WEB).ties
    baseline = cluster_policy("Baseline", 5, "two", **OPEN)
    assert not found(cluster_policy("Admin", 5, "one", **DENY), baseline).ties
    older = factories.obj("AdminNetworkPolicy", {"priority": 5, "subject": EVERYBODY, **OPEN}, name="two")
    assert not found(cluster_policy("Admin", 5, "one", **DENY), older).ties


def test_a_pair_that_may_meet_tomorrow_is_open() -> None:
    nobody = {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "x"}}}}
    [only] = pair(DENY, OPEN, nobody).open
    assert [one.name for one in only] == ["one", "two"]
    assert not pair(DENY, DENY, nobody).open
    assert not pair(DENY, rules("Accept", EVERYBODY, field="to"), nobody).open
    assert not pair(DENY, OPEN, DB, WEB).open  # no pod has two values of one label
    assert not pair(DENY, OPEN, TOOLS, SHOP).open


def test_of_many_some_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PAIRS", 2)
    three = [cluster_policy("Admin", 5, name, **DENY) for name in ("one", "two", "three")]
    assert not found(*three).complete
    assert found(*three[:2]).complete
