"""Whether an object that others name is really absent: one by one, or where many are, by their list."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from auditor.collect.cluster import MAX_CONFIRMED, ClusterSource
from auditor.collect.connect import Connection
from auditor.collect.identity import nobody
from auditor.collect.patience import Patience
from auditor.collect.transport import pool
from auditor.errors import SourceError
from auditor.model import Body, Gap, Resource, ResourceRef
from tests import factories as make
from tests.collect.scripted import Asked, Reply, serving

ACCOUNTS = "/api/v1/namespaces/shop/serviceaccounts"
EVERYWHERE = "/api/v1/serviceaccounts"
THERE = ("there-1", "there-2")


def account(name: str) -> Body:
    return make.obj("ServiceAccount", {}, name=name, namespace="shop")


def script(asked: Asked) -> Reply:
    path, _, name = asked.path.partition("?")[0].rpartition("/serviceaccounts")
    if not name:
        items = [account(one) for one in (*THERE, "new")]
        return Reply(body=json.dumps({"items": items, "metadata": {}}).encode())
    name = name.removeprefix("/")
    return Reply(body=json.dumps(account(name)).encode()) if path and name in THERE else Reply(404)


def refused(asked: Asked) -> Reply:
    return Reply(403)


def refs(count: int) -> list[ResourceRef]:
    """The accounts that are there, and so many others."""
    names = (*THERE, *(f"gone-{number}" for number in range(count - len(THERE))))
    return [ResourceRef("v1", "ServiceAccount", name, "shop") for name in names]


def unasked() -> Connection:
    raise SourceError("there is nothing to renew")


def confirm(
    count: int, answer: Any = script, namespaces: Iterable[str] = ()
) -> tuple[list[Resource | Gap], list[str]]:
    """Return what is said of so many accounts, and the paths that were asked for."""
    with serving(answer) as server:
        connection = Connection(pool(nobody), "only", server.url, unasked)
        source = ClusterSource(connection, tuple(namespaces), Patience(attempts=1))
        found = list(source.confirm(refs(count)))
        return found, [asked.path.partition("?")[0] for asked in server.asked]


@pytest.mark.parametrize("namespaces", [(), ("shop",)], ids=["cluster", "namespace"])
def test_few_are_asked_for_by_name(namespaces: tuple[str, ...]) -> None:
    found, asked = confirm(MAX_CONFIRMED, namespaces=namespaces)
    assert [one.ref.name for one in found if isinstance(one, Resource)] == list(THERE)
    assert len(found) == len(THERE)
    assert sorted(asked) == sorted(f"{ACCOUNTS}/{ref.name}" for ref in refs(MAX_CONFIRMED))


@pytest.mark.parametrize(
    ("namespaces", "path"), [((), EVERYWHERE), (("shop",), ACCOUNTS)], ids=["cluster", "namespace"]
)
def test_of_many_the_list_is_read_again(namespaces: tuple[str, ...], path: str) -> None:
    """What came meanwhile and nobody names is left out; the rest is absent, without a gap."""
    found, asked = confirm(300, namespaces=namespaces)
    assert [one.ref.name for one in found if isinstance(one, Resource)] == list(THERE)
    assert len(found) == len(THERE)
    assert asked == [path]


def test_a_list_that_cannot_be_read_again_confirms_nothing() -> None:
    (gap,), _ = confirm(300, refused)
    assert isinstance(gap, Gap)
    assert gap.kind == "ServiceAccount"
    assert gap.reason.startswith("300 are not in the list, and it cannot be read again: 403")
