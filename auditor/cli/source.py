"""Which source an audit reads: a cluster, manifests, or a snapshot."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from auditor.collect.manifests import ManifestSource
from auditor.collect.runtime.endpoint import Endpoint, Program
from auditor.errors import UsageError
from auditor.model import Observation
from auditor.ports import Runtime, Source

if TYPE_CHECKING:
    from auditor.collect.audit_log.observe import AuditLogs

VERSION = re.compile(r"v?[0-9]+\.[0-9]+(\.[0-9]+([-+][0-9A-Za-z.+-]*)?)?")
"""As the API server gives its own, `v1.36.3+k3s1`, or as people write it, `1.36`."""


Endpoints = Mapping[Program, Sequence[Endpoint]]
"""Where running programs are asked."""


class Scope(msgspec.Struct, frozen=True):
    """What the flags say of the source."""

    manifests: Sequence[str] = ()
    snapshot: str | None = None
    kubeconfig: str | None = None
    context: str | None = None
    namespaces: Sequence[str] = ()
    kube_version: str = ""


def choose_source(scope: Scope) -> Source:
    """Return the source; raises `UsageError` for flags that do not go together, and as the source does."""
    if scope.snapshot:
        return _snapshot(scope.snapshot, scope)
    if scope.manifests:
        return _manifests(scope)
    if scope.kube_version:
        raise UsageError("--kube-version is for manifests: a cluster knows its own version")
    # what talks to a cluster takes a while to import: only who needs it pays
    from auditor.collect.cluster import ClusterSource
    from auditor.collect.connect import connect

    return ClusterSource(connect(scope.kubeconfig, scope.context, os.environ), scope.namespaces)


def choose_logs(paths: Sequence[str]) -> AuditLogs | None:
    """Return the audit logs in these files and folders; raises `UsageError` where there is no file."""
    if not paths:
        return None
    from auditor.collect.audit_log.observe import AuditLogs

    return AuditLogs(paths, _now)


def choose_runtime(source: Source, endpoints: Endpoints, logs: AuditLogs | None = None) -> Runtime | None:
    """Return what is asked beside the source: logs, programs at these addresses; of a snapshot, itself."""
    if isinstance(source, Runtime):
        return source
    found: list[Runtime] = [logs] if logs else []
    if any(endpoints.values()):
        from auditor.collect.runtime.observe import HttpRuntime

        found.append(HttpRuntime(endpoints, _now))
    return _All(found) if found else None


class _All:
    """Several of the port `Runtime` as one."""

    def __init__(self, parts: Sequence[Runtime]) -> None:
        self._parts = parts

    def observe(self) -> tuple[Observation, ...]:
        return tuple(one for part in self._parts for one in part.observe())


def _now() -> datetime:
    return datetime.now(UTC)


def _snapshot(path: str, scope: Scope) -> Source:
    others = {
        "-f": scope.manifests,
        "--context": scope.context,
        "--kubeconfig": scope.kubeconfig,
        "-n": scope.namespaces,
        "--kube-version": scope.kube_version,
    }
    for flag, value in others.items():
        if value:
            raise UsageError(f"{flag} cannot be combined with --snapshot: it is what was read, where and how")
    from auditor.collect.snapshot import SnapshotSource

    return SnapshotSource(path)


def _manifests(scope: Scope) -> Source:
    for flag, value in (("--context", scope.context), ("--kubeconfig", scope.kubeconfig)):
        if value:
            raise UsageError(f"{flag} is for a live cluster and cannot be combined with -f")
    if scope.kube_version and not VERSION.fullmatch(scope.kube_version):
        wrong = f"--kube-version {scope.kube_version}: not a version"
        raise UsageError(wrong, "write it as v1.36 or v1.36.3")
    version = f"v{scope.kube_version.removeprefix('v')}" if scope.kube_version else ""
    return ManifestSource(scope.manifests, sys.stdin.buffer, version, scope.namespaces)
