"""The control plane that all tests of a run share."""

from __future__ import annotations

from tests.cluster.conftest import control_plane, namespace

__all__ = ["control_plane", "namespace"]
