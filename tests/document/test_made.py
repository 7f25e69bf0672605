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
