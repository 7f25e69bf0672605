"""A snapshot knows who set what, as the cluster told it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from auditor.collect.snapshot import SnapshotSource, dump_snapshot
from auditor.document.snapshot_digest import snapshot_digest
from auditor.model import Resource
from tests import factories as make

FIELDS: dict[str, Any] = {"f:spec": {"f:replicas": {}}}
ENTRY = {"manager": "kubectl-edit", "operation": "Update", "time": "2026-05-01T08:00:00Z", "fieldsV1": FIELDS}


def test_who_set_what_comes_out_as_it_went_in(tmp_path: Path) -> None:
    taken = make.snapshot(make.deployment(managedFields=[ENTRY]), make.namespace())
    kinds = frozenset({"Deployment", "Namespace"})
    path = tmp_path / "one.snapshot"
    with path.open("wb") as out:
        dump_snapshot(msgspec.structs.replace(taken, kinds=kinds), out)
    read = tuple(one for one in SnapshotSource(str(path)).read(kinds) if isinstance(one, Resource))
    managers = [one.content.managers for one in taken.resources]
    assert [one.content.managers for one in read] == managers
    assert managers[0][0].manager == "kubectl-edit"
    again = msgspec.structs.replace(taken, resources=read)
    assert snapshot_digest(again) == snapshot_digest(taken)
