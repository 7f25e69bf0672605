"""What is shown of two states of an object: every field, readable, and nothing secret."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest

from auditor.stack.live.difference import MASK, OTHER_MASK, changes
from auditor.stack.live.inventory import Inventory
from auditor.stack.live.plan import Action, Plan, Step
from auditor.stack.live.words import MOST_LINES, lines
from auditor.stack.patches import Object
from tests.stack_live.deployer import config, deployment


def told(before: Object, after: Object) -> dict[str, tuple[Any, Any]]:
    """What is different, by path."""
    return {one.path: (one.before, one.after) for one in changes(before, after)}


def changed(path: str, value: Any, kind: Object | None = None) -> dict[str, tuple[Any, Any]]:
    """What is told of one field of a Deployment that is set."""
    one = kind or deployment("shop")
    other = copy.deepcopy(one)
    *way, last = path.split("/")
    here: Any = other
    for key in way:
        here = here[int(key)] if isinstance(here, list) else here.setdefault(key, {})
    here[last] = value
    return told(one, other)


CONTAINER = "spec/template/spec/containers/0"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec/replicas", 3, {"spec.replicas": (2, 3)}),
        ("spec/replicas", "2", {"spec.replicas": (2, "2")}),
        ("spec/paused", False, {"spec.paused": (msgspec.UNSET, False)}),
        (f"{CONTAINER}/image", "b", {"spec.template.spec.containers[web].image": ("web:1", "b")}),
        ("metadata/labels", {"a/b": "c"}, {"metadata.labels": (msgspec.UNSET, {"a/b": "c"})}),
        ("status", {"replicas": 1}, {}),
        ("metadata/resourceVersion", "7", {}),
        ("metadata/managedFields", [{"manager": "x"}], {}),
    ],
)
def test_one_field(path: str, value: Any, expected: Any) -> None:
    assert changed(path, value) == expected


def test_entries_of_lists_are_told_apart_by_name_and_not_by_place() -> None:
    one, other = deployment("shop"), deployment("shop")
    containers = other["spec"]["template"]["spec"]["containers"]
    containers.insert(0, {"name": "sidecar", "image": "s:1"})
    [found] = changes(one, other)
    assert found.path == "spec.template.spec.containers[sidecar]"
    assert (found.before, found.after) == (msgspec.UNSET, containers[0])
    [back] = changes(other, one)
    assert back.pointer == "/spec/template/spec/containers/0"
    assert back.after is msgspec.UNSET


def test_the_pointer_leads_into_the_object_as_it_is() -> None:
    one, other = deployment("shop"), deployment("shop")
    one["spec"]["template"]["spec"]["containers"].insert(0, {"name": "mine", "image": "x"})
    other["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
    found = {one.path: one.pointer for one in changes(one, other)}
    image = "spec.template.spec.containers[web].image"
    assert found[image] == "/spec/template/spec/containers/1/image"


def test_lists_of_equal_names_or_of_values_are_told_whole() -> None:
    twice = {"name": "web", "image": "x"}
    one, other = deployment("shop"), deployment("shop")
    one["spec"]["template"]["spec"]["containers"] += [twice]
    assert list(told(one, other)) == ["spec.template.spec.containers"]
    one, other = deployment("shop"), deployment("shop")
    for each, args in ((one, ["-a", "-b"]), (other, ["-a", "-c"])):
        each["spec"]["template"]["spec"]["containers"][0]["args"] = args
    assert told(one, other) == {"spec.template.spec.containers[web].args[1]": ("-b", "-c")}


def test_nothing_of_a_secret_is_shown() -> None:
    one: Object = {"kind": "Secret", "metadata": {}, "data": {"a": "b25l", "gone": "eA=="}}
    other: Object = {"kind": "Secret", "metadata": {}, "data": {"a": "dHdv", "new": "eQ=="}}
    assert told(one, other) == {
        "data.a": (MASK, OTHER_MASK),
        "data.gone": (MASK, msgspec.UNSET),
        "data.new": (msgspec.UNSET, OTHER_MASK),
    }
    whole = told({"kind": "Secret", "metadata": {}}, other)
    assert whole == {"data": (msgspec.UNSET, {"a": OTHER_MASK, "new": OTHER_MASK})}


def test_nor_of_what_looks_like_a_credential_elsewhere() -> None:
    value = [{"name": "DB_PASSWORD", "value": "correct-horse"}, {"name": "LEVEL", "value": "info"}]
    [(_, after)] = changed(f"{CONTAINER}/env", value).values()
    assert after == [{"name": "DB_PASSWORD", "value": OTHER_MASK}, {"name": "LEVEL", "value": "info"}]
    applied = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    assert changed("metadata/annotations", applied)["metadata.annotations"][1] == {}


def test_texts_are_compared_line_by_line_and_not_without_end() -> None:
    before = config("shop", a="".join(f"line {number}\n" for number in range(200)))
    after = config("shop", a="".join(f"line {number * 2}\n" for number in range(200)))
    step = Step("/ConfigMap/shop/settings", Action.CHANGE, after, tuple(changes(before, after)))
    shown = list(lines(Plan((step,), Inventory("shop"), settled=False)))
    assert shown[:3] == ["~ ConfigMap shop/settings", "    data.a:", "      - line 1"]
    assert len(shown) == MOST_LINES + 4
    assert "lines more" in shown[-2]


def test_a_plan_is_named_by_what_it_does() -> None:
    step = Step("/ConfigMap/shop/settings", Action.CREATE, config("shop"))
    plan = Plan((step,), Inventory("shop"), settled=False, cluster="here")
    others = [
        msgspec.structs.replace(plan, cluster="there"),
        msgspec.structs.replace(plan, inventory=Inventory("other")),
        msgspec.structs.replace(plan, steps=(msgspec.structs.replace(step, action=Action.CHANGE),)),
        msgspec.structs.replace(plan, steps=(msgspec.structs.replace(step, force=True),)),
    ]
    assert len({one.digest for one in (plan, *others)}) == 5
    unchanged = msgspec.structs.replace(step, action=Action.UNCHANGED)
    assert msgspec.structs.replace(plan, steps=(step, unchanged)).digest == plan.digest
