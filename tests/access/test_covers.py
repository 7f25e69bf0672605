"""What rules give that others do not: held against a comparison right by right."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import product

from hypothesis import given
from hypothesis import strategies as some

from auditor.access.attributes import Attributes
from auditor.access.covers import MAX_TARGETS, extra
from auditor.access.rule import Rule

VERBS = ("get", "list", "*")
GROUPS = ("", "apps", "*")
RESOURCES = ("pods", "pods/exec", "*/exec", "*", "pods/*")
NAMES = ("a", "*")
PATHS = ("/a", "/a/b", "/a*", "/a/*", "*", "/a*b")


def chosen(values: Sequence[str], least: int = 1) -> some.SearchStrategy[tuple[str, ...]]:
    return some.lists(some.sampled_from(values), min_size=least, max_size=2, unique=True).map(tuple)


RULES = some.one_of(
    some.builds(Rule, chosen(VERBS), chosen(GROUPS), chosen(RESOURCES), chosen(NAMES, 0)),
    some.builds(Rule, chosen(VERBS), paths=chosen(PATHS)),
)


def atoms(rule: Rule) -> Iterator[Rule]:
    for group, resource, verb, name in product(rule.groups, rule.resources, rule.verbs, rule.names or [""]):
        yield Rule((verb,), (group,), (resource,), (name,) if name else ())
    for path, verb in product(rule.paths, rule.verbs):
        yield Rule((verb,), paths=(path,))


def gives(owner: Rule, atom: Rule) -> bool:
    """The API server's comparison, for a right that is about one thing."""
    if "*" not in owner.verbs and atom.verbs[0] not in owner.verbs:
        return False
    if atom.paths:
        path = atom.paths[0]
        return any(
            path == one or (one.endswith("*") and path.startswith(one.rstrip("*"))) for one in owner.paths
        )
    resource = atom.resources[0]
    forms = {"*", resource} | ({f"*/{resource.split('/', 1)[1]}"} if "/" in resource else set())
    return (
        bool({"*", atom.groups[0]}.intersection(owner.groups))
        and bool(forms.intersection(owner.resources))
        and (not owner.names or (bool(atom.names) and atom.names[0] in owner.names))
    )


@given(some.lists(RULES, max_size=3), some.lists(RULES, max_size=3))
def test_what_is_left_is_what_no_single_rule_gives(owner: list[Rule], rules: list[Rule]) -> None:
    expected = {
        (index, atom)
        for index, rule in enumerate(rules)
        for atom in atoms(rule)
        if not any(gives(one, atom) for one in owner)
    }
    found = {(one.rule, atom) for one in extra(owner, rules) for rule in one.gives for atom in atoms(rule)}
    assert found == expected


@given(some.lists(RULES, max_size=3), RULES)
def test_what_is_given_allows_no_more(owner: list[Rule], rule: Rule) -> None:
    """The other way round, by the authoriser: what is covered allows nothing that others do not."""
    if extra(owner, [rule]):
        return
    for verb, group, (resource, sub), name in product(
        ("get", "list"), ("", "apps"), (("pods", ""), ("pods", "exec"), ("jobs", "exec")), ("", "a", "b")
    ):
        asked = Attributes(verb, group, resource, sub, name, "shop")
        assert not rule.allows(asked) or any(one.allows(asked) for one in owner)
    for path in ("/a", "/a/b", "/ab", "/"):
        asked = Attributes("get", path=path)
        assert not rule.allows(asked) or any(one.allows(asked) for one in owner)


def test_nobody_makes_us_count_on() -> None:
    many = tuple(str(number) for number in range(MAX_TARGETS))
    rules = [Rule(("get",), many, many, many), Rule(("get",), ("",), ("pods",))]
    began = time.process_time()
    assert [one.gives for one in extra([Rule(("get",), ("*",), ("*",), ("a",))], rules)] == [
        (rules[0],),
        (rules[1],),
    ]
    assert extra(rules, rules) == ()
    assert time.process_time() - began < 1
