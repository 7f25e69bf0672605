"""Parts that are made ahead: kept until their documents come, and no longer."""

from __future__ import annotations

from auditor.document.assemble import Made, assemble
from tests import factories as make


def test_what_is_made_ahead_is_taken_and_nothing_else_is_kept() -> None:
    snapshot = make.snapshot(make.deployment(), make.deployment(namespace="bank"))
    made: Made = {}

    def assembled(*, ahead: bool) -> list[list[str]]:
        found = assemble(
            snapshot, frozenset({"Deployment"}), frozenset(), frozenset({"pod"}), made, ahead=ahead
        )
        return [[part.digest for part in one.parts.values()] for one in found]

    first = assembled(ahead=True)
    assert len(made) == 2
    assert assembled(ahead=False) == first
    assert not made
    assert assembled(ahead=False) == first
    assert not made


def test_a_document_has_what_is_read_of_its_kind() -> None:
    """A variant is judged by the policies of its owner's kind, and has what they read."""
    owner = make.deployment(uid="uid-web")
    variant = make.live(make.pod_spec(hostPID=True), index=1, by=owner)
    snapshot = make.snapshot(owner, variant, make.namespace("shop"))
    read = {"Deployment": frozenset({"pod", "related.namespace"}), "Namespace": frozenset({"meta"})}
    found = assemble(
        snapshot, frozenset(read), frozenset({"namespace"}), frozenset({"meta", "pod", "spec"}), read=read
    )
    assert [(one.ref.kind, one.variant, sorted(one.parts)) for one in found] == [
        ("Deployment", False, ["pod", "related.namespace"]),
        ("Deployment", True, ["pod", "related.namespace"]),
        ("Namespace", False, ["meta"]),
    ]
