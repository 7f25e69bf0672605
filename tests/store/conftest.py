"""A store of each test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.audits import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A store that does not exist yet."""
    return Journal(tmp_path / "data" / "history.db")
