"""The digest of a snapshot changes with what was read, and with nothing else."""

from __future__ import annotations

import msgspec
import pytest

from auditor.document.snapshot_digest import snapshot_digest
from auditor.model import Gap, SourceFacts
from tests import factories as make


def test_it_is_of_what_was_read_and_not_of_where_and_when() -> None:
    one = make.snapshot(make.deployment(), make.namespace())
    facts = SourceFacts("cluster", name="other", read_at="2026-01-01T00:00:00Z")
    assert snapshot_digest(one) == snapshot_digest(msgspec.structs.replace(one, facts=facts))
    assert snapshot_digest(one).startswith("sha256:")


@pytest.mark.parametrize(
    "other",
    [
        make.snapshot(make.deployment()),
        make.snapshot(make.deployment(annotations={"a": "b"}), make.namespace()),
        make.snapshot(make.deployment(namespace="bank"), make.namespace()),
        msgspec.structs.replace(
            make.snapshot(make.deployment(), make.namespace()), gaps=(Gap("Pod", "403", "x"),)
        ),
    ],
)
def test_whatever_is_different_shows(other: object) -> None:
    one = make.snapshot(make.deployment(), make.namespace())
    assert snapshot_digest(one) != snapshot_digest(other)  # type: ignore[arg-type]
