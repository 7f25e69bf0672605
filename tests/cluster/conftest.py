"""The real control plane that all tests of a run share, and a namespace of its own for each test."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from tools.cluster import ControlPlane
from tools.cluster.shared import shared_plane


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """One control plane for the run: with pytest-xdist, for all of its workers."""
    own = tmp_path_factory.getbasetemp()
    # xdist gives each worker a folder inside that of the run.
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with shared_plane(run / "control-plane") as plane:
        yield plane


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """A new namespace that is ready for pods."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    control_plane.kubectl("create", "namespace", name)
    control_plane.kubectl(
        "wait", "--for=create", "serviceaccount/default", f"--namespace={name}", "--timeout=60s"
    )
    yield name
    control_plane.kubectl("delete", "namespace", name, "--wait=false")
