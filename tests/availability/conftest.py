"""A control plane of our own: the kinds and the API of metrics in it are none of the others' business."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from tests.availability.api import NODES, Api
from tools.cluster.shared import shared_plane


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API of one control plane for all tests of this folder, and all workers."""
    own = tmp_path_factory.getbasetemp()
    # xdist gives each worker a folder inside that of the run
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with shared_plane(run / "availability", nodes=NODES) as plane:
        yield Api(plane)


@pytest.fixture(scope="module")
def space(api: Api) -> Iterator[str]:
    """A namespace for the tests of one module."""
    name = f"availability-{uuid.uuid4().hex[:8]}"
    api.namespace(name)
    yield name
    api.delete(f"/api/v1/namespaces/{name}")
