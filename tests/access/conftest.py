"""A control plane of its own for each worker: what is granted to everybody is granted in all worlds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.access.reviews import Server
from tools.cluster.shared import shared_plane


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The API server of a control plane without nodes."""
    with shared_plane(tmp_path_factory.getbasetemp() / "access", nodes=0) as plane:
        yield Server(plane)
