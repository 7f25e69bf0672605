"""What our policies say: the whole way from a source to verdicts, with the real OPA."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import connect
from auditor.collect.manifests import ManifestSource
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.judge.selection import select, within_reach
from auditor.model import Result
from auditor.pipeline import collect, judge
from auditor.ports import Source
from tests import factories as make
from tests.availability.api import Object
from tools.build import tool_bin
from tools.cluster import ControlPlane

Judged = Mapping[tuple[str, str], Result]
"""By policy and name of the object."""


def live(
    plane: ControlPlane, namespaces: str | Sequence[str], *policies: str, now: str = "2030-01-01T00:00:00Z"
) -> Judged:
    """Return what these policies say of namespaces; by default everything in them is old."""
    listed = [namespaces] if isinstance(namespaces, str) else namespaces
    source = ClusterSource(connect(str(plane.kubeconfig), None, {}), listed)
    return _judged(source, policies, now)


def manifests(folder: Path, objects: Iterable[Object], *policies: str) -> Judged:
    """Return what these policies say of objects that no cluster has seen yet."""
    file = folder / "objects.json"
    items = [{**one, "metadata": {**one["metadata"], "namespace": "shop"}} for one in objects]
    file.write_bytes(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": items}))
    return _judged(ManifestSource([str(file)], io.BytesIO()), policies, "")


def _judged(source: Source, policies: Iterable[str], now: str) -> Judged:
    opa = tool_bin("opa") / "opa"
    with load_bundle(opa) as bundle, OpaEngine(opa, bundle) as engine:
        selection = select(bundle, policies=list(policies))
        snapshot = collect(source, selection, now=now)
        assert not snapshot.gaps, snapshot.gaps
        _, found = judge(snapshot, engine, within_reach(selection, snapshot.facts))
    each = make.each(found, selection.policies)
    return {(one.policy.id, one.document.ref.name): one for one in each}


def messages(result: Any) -> str:
    """Return all that a result says, for the message of a test that fails."""
    told = [*(one.message for one in result.violations), *result.reasons]
    return f"{result.status}: {' '.join(told)}"
