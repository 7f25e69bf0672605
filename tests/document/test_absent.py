"""What is asked for by name before it is said to be missing."""

from __future__ import annotations

from auditor.document.absent import absent
from auditor.model import Gap, ResourceRef
from auditor.pipeline import collect
from tests import factories as make
from tests.factories import FakeSource, policy, resource, selection

SHOP, BANK = (ResourceRef("v1", "Namespace", name) for name in ("shop", "bank"))
WANTS = policy(kinds=("Deployment",), wants=("namespace",), reads=("meta", "related.namespace"))


def test_what_is_named_and_was_not_listed() -> None:
    found = [
        resource(one)
        for one in (make.deployment(), make.deployment(namespace="bank"), make.namespace("shop"))
    ]
    assert absent(found, [], {"namespace"}) == [BANK]
    assert absent(found, [], set()) == []
    assert absent(found[:2], [], {"namespace"}) == [BANK, SHOP]


def test_of_a_kind_that_could_not_be_read_nothing_is_absent() -> None:
    gap = Gap("Namespace", "403: forbidden", "nothing")
    assert absent([resource(make.deployment())], [gap], {"namespace"}) == []


def test_a_broken_one_is_there() -> None:
    found = [resource(make.deployment()), resource(make.namespace("shop", a=1))]  # type: ignore[arg-type]
    assert absent(found, [], {"namespace"}) == []


def test_what_has_ended_needs_nothing() -> None:
    assert absent([resource(make.live(phase="Failed"))], [], {"namespace"}) == []


def test_what_is_there_after_all_is_used() -> None:
    source = FakeSource(resource(make.deployment()))
    source.late = (resource(make.namespace("shop", a="b")),)
    snapshot = collect(source, selection(WANTS))
    assert source.confirmed == [SHOP]
    assert [one.ref.kind for one in snapshot.resources] == ["Deployment", "Namespace"]


def test_what_cannot_be_asked_for_is_a_gap() -> None:
    source = FakeSource(resource(make.deployment()))
    source.late = (Gap("Namespace", "403: forbidden", "nothing"),)
    assert [gap.kind for gap in collect(source, selection(WANTS)).gaps] == ["Namespace"]
