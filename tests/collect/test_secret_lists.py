"""Of Secrets only metadata is asked for, and nothing else is taken."""

from __future__ import annotations

import base64
import json
from typing import Any

from auditor.collect.lists import plan, read_lists
from auditor.collect.secrets import CONTENTS
from auditor.document.secrets import TOKEN
from auditor.model import Body, Gap, Glimpse, Resource
from tests.collect.scripted import Asked, Reply, serving
from tests.collect.test_fetch import asking

CANARY = "c4nary-Zq8"
COPIED = {"kubectl.kubernetes.io/last-applied-configuration": f'{{"data":{{"a":"{CANARY}"}}}}'}


def metadata(name: str, **more: Any) -> Body:
    managed = [{"manager": "x", "fieldsV1": {"f:data": {"f:password": {}}}}]
    return {"metadata": {"name": name, "namespace": "shop", "managedFields": managed, **more}}


def page(*items: Body) -> Reply:
    return Reply(body=json.dumps({"items": items, "metadata": {}}).encode())


def read(every: Reply, tokens: Reply, *namespaces: str) -> tuple[list[Resource | Gap], list[str]]:
    def script(asked: Asked) -> Reply:
        return tokens if "fieldSelector" in asked.path else every

    found: list[Any] = []
    with serving(script) as server:
        for part in read_lists(asking(server), plan({"Secret"}, None, namespaces)[0]):
            found += [part] if isinstance(part, Gap | Glimpse) else part
        return found, [one.path for one in server.asked]


def test_types_come_from_the_second_list_and_copies_are_dropped() -> None:
    every = page(metadata("a", annotations={**COPIED, "x": "y"}), metadata("t"))
    found, asked = read(every, page(metadata("t")))
    assert asked == [
        "/api/v1/secrets?limit=500",
        "/api/v1/secrets?fieldSelector=type%3Dkubernetes.io%2Fservice-account-token&limit=500",
    ]
    bodies = {one.ref.name: one.body for one in found if isinstance(one, Resource)}
    kept = {"apiVersion": "v1", "kind": "Secret"}
    assert bodies == {
        "a": {
            **kept,
            "metadata": {"name": "a", "namespace": "shop", "annotations": {"x": "y"}},
            "lastApplied": True,
        },
        "t": {**kept, "metadata": {"name": "t", "namespace": "shop"}, "type": TOKEN},
    }
    assert all(not one.content.managers for one in found if isinstance(one, Resource))


def test_contents_that_come_all_the_same_are_a_gap() -> None:
    value = base64.b64encode(CANARY.encode()).decode()
    for more in ({"data": {"a": value}}, {"stringData": {"a": CANARY}}, {"type": "Opaque"}):
        [gap], _ = read(page(metadata("a"), {**metadata("b"), **more}), page())
        assert isinstance(gap, Gap)
        assert (gap.kind, gap.reason) == ("Secret", CONTENTS)


def test_a_list_without_the_other_is_none() -> None:
    refused = Reply(403, b'{"message": "no"}')
    for lists in ((page(metadata("a")), refused), (refused, page(metadata("a"))), (refused, refused)):
        [gap], _ = read(*lists)
        assert isinstance(gap, Gap)
        assert gap.reason == "403: no"


def test_namespaces_have_lists_of_their_own() -> None:
    _, asked = read(page(), page(), "shop", "tools")
    assert [one.partition("?")[0] for one in asked] == [
        *["/api/v1/namespaces/shop/secrets"] * 2,
        *["/api/v1/namespaces/tools/secrets"] * 2,
    ]
