"""Proof: our label selectors are those of the API server: what they select, and which it refuses."""

from __future__ import annotations

import random
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from auditor.selectors import label_selector
from tests.availability.api import Api, Object

SELECTORS = 400
KEYS = ("app", "tier", "example.com/track", "zone")
VALUES = ("", "a", "b", "1.2-3_x")
ODD_KEYS = ("-a", "a/b/c", "Example.com/a", "a b", "x" * 64, "", "a/", "/a", "é", "a.", f"{'a.' * 127}/b")
ODD_VALUES = ("-a", "a b", "x" * 64, "a/b", "é", "a_")


def random_selector(rng: random.Random, *, odd: bool) -> Object:
    keys = (*KEYS, *ODD_KEYS) if odd else KEYS
    values = (*VALUES, *ODD_VALUES) if odd else VALUES
    operators = ("In", "NotIn", "Exists", "DoesNotExist", *(("Gt", "in", "") if odd else ()))

    def expression() -> Object:
        operator = rng.choice(operators)
        wanted = operator in ("In", "NotIn")
        listed = rng.sample(values, rng.randint(1, 2)) if wanted is not (odd and rng.random() < 0.1) else []
        return {"key": rng.choice(keys), "operator": operator, "values": listed}

    found: Object = {}
    if rng.random() < 0.6:
        found["matchLabels"] = {rng.choice(keys): rng.choice(values) for _ in range(rng.randint(0, 2))}
    if rng.random() < 0.7:
        found["matchExpressions"] = [expression() for _ in range(rng.randint(0, 2))]
    return found


def written(selector: Object) -> str:
    """The selector as a query says it."""
    parts = [f"{key}={value}" for key, value in selector.get("matchLabels", {}).items()]
    for one in selector.get("matchExpressions", ()):
        key, values = one["key"], ",".join(one["values"])
        words = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key}
        parts.append(words.get(one["operator"], f"!{key}"))
    return ",".join(parts)


def test_they_select_what_it_selects(api: Api, space: str) -> None:
    rng = random.Random(1)
    labelled = {
        f"c{number}": {key: rng.choice(VALUES) for key in KEYS if rng.random() < 0.5} for number in range(60)
    }
    maps: list[Object] = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "labels": {**labels, "ours": "x"}},
        }
        for name, labels in labelled.items()
    ]
    api.create(space, maps)
    sizes = set()
    for number in range(SELECTORS):
        selector = random_selector(random.Random(number), odd=False)
        query = quote(",".join(filter(None, ("ours=x", written(selector)))))
        listed = api.ask("GET", f"/api/v1/namespaces/{space}/configmaps?labelSelector={query}")["items"]
        ours = label_selector(selector)
        assert not ours.invalid, selector
        assert {name for name, labels in labelled.items() if ours.selects(labels)} == {
            one["metadata"]["name"] for one in listed
        }, selector
        sizes.add(len(listed))
    assert {0, 60} < sizes


def test_they_are_invalid_where_it_refuses_them(api: Api, space: str) -> None:
    path = f"/apis/policy/v1/namespaces/{space}/poddisruptionbudgets?dryRun=All"
    kind = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget"}
    answers = []
    for number in range(SELECTORS):
        selector = random_selector(random.Random(number), odd=True)
        name = f"s-{uuid.uuid4().hex[:8]}"
        body = {**kind, "metadata": {"name": name}, "spec": {"maxUnavailable": 1, "selector": selector}}
        answer = api.send("POST", path, body)
        answers.append(answer.status)
        assert answer.status in (201, 422), answer
        invalid = label_selector(selector).invalid
        assert bool(invalid) is (answer.status == 422), (
            f"{selector}: {invalid!r}, {answer.body.get('message')}"
        )
    assert min(answers.count(201), answers.count(422)) > SELECTORS / 10


@pytest.mark.parametrize("spec", [{"minAvailable": 1, "maxUnavailable": 1}, {"minAvailable": "101%"}])
def test_rules_that_it_refuses(api: Api, space: str, spec: Any) -> None:
    path = f"/apis/policy/v1/namespaces/{space}/poddisruptionbudgets?dryRun=All"
    kind = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget"}
    assert api.send("POST", path, {**kind, "metadata": {"name": "x"}, "spec": spec}).status == 422
