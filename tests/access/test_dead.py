"""Rules that give nothing: none of the requests that a server serves matches what is called dead."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from auditor.access.attributes import Attributes
from auditor.access.dead import MAX_RIGHTS, Reach, dead
from auditor.access.resources import served
from auditor.access.rule import Rule
from tests.access.test_covers import chosen

SERVED = served()
GROUPS = SERVED.groups
EVERYWHERE = Reach(everywhere=True, groups=GROUPS, served=SERVED)
INSIDE = Reach(everywhere=False, groups=GROUPS, served=SERVED)

VERBS = ("get", "create", "deletecollection", "*", "bind")
RESOURCES = ("pods", "pods/log", "pods/*", "nodes", "namespaces", "podz", "*/scale", "deployments", "*")
RULES = some.one_of(
    some.builds(Rule, chosen(VERBS), chosen(("", "apps", "old", "*.io")), chosen(RESOURCES), chosen("a*", 0)),
    some.builds(Rule, chosen(("get", "*")), paths=chosen(("/metrics", "*"))),
)


def requests(reach: Reach) -> Iterator[Attributes]:
    """Every request that is served of what the rules are about, for an object called `a` or for none."""
    for (group, whole), verbs in SERVED.verbs.items():
        resource, _, sub = whole.partition("/")
        if resource not in ("pods", "nodes", "namespaces", "deployments"):
            continue
        home = "shop" if SERVED.namespaced[group, whole] or not reach.everywhere else ""
        if not reach.everywhere and not SERVED.namespaced[group, whole] and resource != "namespaces":
            continue
        nameless = verbs & {"list", "watch", "deletecollection"} | ({"create"} if not sub else set())
        for verb in verbs:
            yield Attributes(verb, group, resource, sub, "" if verb in nameless else "a", home)
    if reach.everywhere:
        yield Attributes("get", path="/metrics")


@settings(max_examples=300)
@given(some.lists(RULES, min_size=1, max_size=2), some.booleans())
def test_no_request_matches_a_dead_rule(rules: list[Rule], everywhere: bool) -> None:
    reach = EVERYWHERE if everywhere else INSIDE
    for one in dead(rules, reach):
        if one.path.count("/") == 2:
            rule = rules[int(one.path.rpartition("/")[2])]
            assert [asked for asked in requests(reach) if rule.allows(asked)] == []


@pytest.mark.parametrize(
    ("rule", "path", "reason"),
    [
        (Rule(("get",), ("",), ("pods/*",)), "/rules/0", "pods/* matches nothing"),
        (Rule(("get",), ("",), ("pods", "pods/*")), "/rules/0/resources/1", "pods/* matches nothing"),
        (Rule(("get",), ("*.k8s.io",), ("pods",)), "/rules/0", "letter for letter"),
        (Rule(("get",), ("", "*.k8s.io"), ("pods",)), "/rules/0/apiGroups/1", "letter for letter"),
        (Rule(("get",), ("",), ("pods",), ("*",)), "/rules/0", "called *"),
        (Rule(("get",), ("",), ("pods",), ("a", "*")), "/rules/0/resourceNames/1", "called *"),
        (Rule(("create",), ("",), ("pods",), ("a",)), "/rules/0", "names no object"),
        (Rule(("delete",), ("",), ("pods/log",)), "/rules/0", "the server has no delete of pods/log"),
        (Rule(("get",), ("",), ("podz",)), "/rules/0", "the server has no podz in the core group"),
        (Rule(("get",), ("extensions",), ("ingresses",)), "/rules/0", "no API group extensions"),
        (Rule(("get",), ("",), ("deployments",)), "/rules/0", "no deployments in the core group"),
    ],
)
def test_what_is_dead(rule: Rule, path: str, reason: str) -> None:
    (found,) = dead([rule], EVERYWHERE)
    assert found.path == path
    assert reason in found.reason


@pytest.mark.parametrize(
    "rule",
    [
        Rule(("get", "delete"), ("",), ("pods/log",)),
        Rule(("create",), ("",), ("serviceaccounts/token",), ("web",)),
        Rule(("list", "watch"), ("",), ("secrets",), ("web",)),
        Rule(("create",), ("",), ("*",), ("web",)),
        Rule(("impersonate",), ("",), ("users", "groups")),
        Rule(("approve",), ("certificates.k8s.io",), ("signers",)),
        Rule(("get",), ("",), ("nodes/metrics", "nodes/stats")),
        Rule(("update",), ("apps",), ("deployments/finalizers",)),
        Rule(("get",), ("", "extensions"), ("pods",)),
        Rule(("*",), ("*",), ("*",)),
        Rule(("get",), ("*",), ("podz",)),
        Rule(("*",), ("",), ("podz",)),
        Rule(("update",), ("",), ("*/status",)),
        Rule(),
    ],
)
def test_what_lives(rule: Rule) -> None:
    assert dead([rule], EVERYWHERE) == ()


def test_inside_a_namespace() -> None:
    rules = [
        Rule(("get",), paths=("/metrics",)),
        Rule(("get",), ("",), ("nodes",)),
        Rule(("patch",), ("",), ("namespaces",)),
        Rule(("get",), ("",), ("nodes", "pods")),
    ]
    assert [one.path for one in dead(rules, INSIDE)] == ["/rules/0", "/rules/1"]
    assert dead(rules, EVERYWHERE) == ()


def test_an_apply_creates_by_name() -> None:
    create, patch = (Rule((verb,), ("",), ("pods",), ("a",)) for verb in ("create", "patch"))
    assert [one.path for one in dead([create], EVERYWHERE)] == ["/rules/0"]
    assert dead([create, patch], EVERYWHERE) == ()


def test_what_is_not_known_of_a_server_is_no_fault() -> None:
    rules = [Rule(("get",), ("old",), ("things",)), Rule(("get",), ("",), ("podz",))]
    assert dead(rules, Reach(everywhere=True)) == ()
    assert [one.path for one in dead(rules, Reach(everywhere=True, groups=GROUPS))] == ["/rules/0"]


def test_nobody_makes_us_count_on() -> None:
    many = tuple(f"g{number}" for number in range(MAX_RIGHTS))
    assert dead([Rule(many, many, many)], EVERYWHERE) == ()


def test_reasons_are_told_once_each() -> None:
    rules = [Rule(verbs, ("",), ("pods/log",)) for verbs in product(("delete",), ("update",))]
    (found,) = dead(rules, EVERYWHERE)
    assert found.reason == "the server has no delete of pods/log; the server has no update of pods/log"
