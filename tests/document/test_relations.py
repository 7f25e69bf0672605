"""Joins: what a document is given of other resources, and what happens when they cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.document.assemble import assemble, wanted_kinds
from auditor.document.keep import keep
from auditor.document.kinds import WORKLOADS
from auditor.model import Gap, Snapshot, SourceFacts
from tests import factories as make
from tests.factories import document, documents, part


def test_a_document_knows_its_namespace() -> None:
    seen = documents(make.deployment(), make.namespace("other", a="x"), make.namespace("shop", a="b"))
    assert part(seen[0], "related.namespace") == {"name": "shop", "labels": {"a": "b"}}
    assert not seen[0].missing


def test_without_a_namespace_it_is_the_default_one() -> None:
    body = make.deployment()
    del body["metadata"]["namespace"]
    (seen,) = documents(body, make.namespace("default", a="b"))
    assert part(seen, "related.namespace")["name"] == "default"


@pytest.mark.parametrize("labels", [None, {}])
def test_a_namespace_without_labels(labels: Any) -> None:
    (seen,) = documents(make.deployment(), make.obj("Namespace", name="shop", labels=labels))
    assert part(seen, "related.namespace") == {"name": "shop", "labels": {}}


def test_a_namespace_is_in_none() -> None:
    seen = document(make.namespace("shop"))
    assert "related.namespace" not in seen.parts


def test_a_namespace_that_is_not_there_is_left_out() -> None:
    seen = document(make.deployment())
    assert "related.namespace" not in seen.parts
    assert not seen.missing


def test_a_kind_that_could_not_be_read() -> None:
    gap = Gap("Namespace", "403: forbidden", "nothing")
    (seen,) = documents(make.deployment(), gaps=[gap])
    assert seen.missing == {"namespace": "Namespace could not be read: 403: forbidden"}


def test_a_gap_in_one_namespace_concerns_what_is_in_it() -> None:
    gap = Gap("Namespace", "403: forbidden", "nothing", namespace="shop")
    seen, other = documents(make.deployment(), make.deployment(namespace="bank"), gaps=[gap])
    assert (seen.ref.namespace, set(seen.missing)) == ("shop", {"namespace"})
    assert not other.missing


def test_what_was_not_read_to_its_end_is_left_out() -> None:
    gap = Gap("Namespace", "403: forbidden", "nothing", namespace="shop")
    bodies = (make.deployment(), make.deployment(namespace="bank"))
    seen, other = documents(*bodies, make.namespace("shop"), make.namespace("bank"), gaps=[gap])
    assert "related.namespace" not in seen.parts
    assert make.part(other, "related.namespace")["name"] == "bank"


def test_gaps_of_other_kinds_do_not_matter() -> None:
    gaps = [Gap("Pod", "403", "x"), Gap(None, "broken", "x")]
    (seen,) = documents(make.deployment(), gaps=gaps)
    assert not seen.missing


def test_a_broken_namespace_is_missing_and_not_half_joined() -> None:
    broken = make.obj("Namespace", name="shop", labels={"a": 1})
    seen, other = documents(
        make.deployment(), make.deployment(namespace="other"), broken, make.namespace("other")
    )
    assert seen.missing == {
        "namespace": "Namespace shop: metadata.labels[...] must be text, not whole number"
    }
    assert "related.namespace" not in seen.parts
    assert not other.missing


def test_only_what_is_read_is_in_a_document() -> None:
    snapshot = make.snapshot(make.deployment(), make.namespace())
    (seen,) = assemble(snapshot, frozenset({"Deployment"}), frozenset(), frozenset({"pod"}))
    assert set(seen.parts) == {"pod"}
    (seen,) = assemble(
        snapshot,
        frozenset({"Deployment"}),
        frozenset({"namespace", "runtime"}),
        frozenset({"related.namespace"}),
    )
    assert set(seen.parts) == {"related.namespace"}


def test_the_size_is_that_of_what_is_read() -> None:
    body = make.deployment(annotations={"a": "x" * 300_000})
    body["status"] = {"message": "x" * 300_000}
    del body["metadata"]["annotations"]
    snapshot = make.snapshot(body)
    for parts, refused in (({"pod"}, False), ({"status"}, True)):
        (seen,) = assemble(snapshot, frozenset({"Deployment"}), frozenset(), frozenset(parts))
        assert bool(seen.refused) is refused


def test_wanted_kinds() -> None:
    assert wanted_kinds(["ServiceAccount"], []) == {"ServiceAccount"}
    assert wanted_kinds(["ServiceAccount"], ["namespace"]) == {"ServiceAccount", "Namespace"}
    assert wanted_kinds(["Deployment"], []) == set(WORKLOADS)
    assert wanted_kinds([], []) == set()


def test_the_reference_decides_what_a_body_is() -> None:
    body = make.deployment()
    without = {key: value for key, value in body.items() if key not in ("kind", "apiVersion")}
    resource = keep(make.resource(body).ref, without)
    snapshot = Snapshot(SourceFacts("cluster"), (resource,))
    (seen,) = assemble(snapshot, frozenset({"Deployment"}), frozenset(), make.PARTS)
    assert part(seen, "meta")["kind"] == "Deployment"
    assert part(seen, "containers")
