"""The file of a snapshot: what goes in comes out, and what is none of ours is refused in one sentence."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.collect.snapshot import SnapshotSource, dump_snapshot
from auditor.document.keep import LivePod, Pods
from auditor.errors import SourceError, UsageError
from auditor.model import Gap, Resource, Snapshot, SourceFacts
from tests import factories as make

KINDS = frozenset({"Pod", "Deployment", "Namespace"})
FACTS = SourceFacts("cluster", name="test", version="v1.36.3", read_at="2026-11-26T10:00:00Z")
GAPS = (Gap("Namespace", "403: forbidden", "no Namespace is judged"),)


def cluster(*, status: bool = False) -> Snapshot:
    owner = make.deployment(uid="uid-web")
    sidecar = {"containers": [make.container(), make.container("sidecar")]}
    bodies = [make.live(index=index, by=owner) for index in range(5)]
    bodies += [make.live(sidecar, index=7, by=owner), make.live(index=8, by=owner, phase="Failed")]
    bodies.append(make.live(index=9, by=owner, labels={"role": "primary"}))
    pods = Pods(with_status=status)
    pods.add(msgspec.json.decode(msgspec.json.encode(bodies), type=list[LivePod]))
    broken = make.resource(make.deployment(name="broken", labels={"a": 1}))
    resources = sorted((*pods.resources(), make.resource(owner), broken), key=lambda one: one.ref)
    return Snapshot(FACTS, tuple(resources), GAPS, kinds=KINDS, status=status)


def written(snapshot: Snapshot, path: Path) -> Path:
    with path.open("wb") as out:
        dump_snapshot(snapshot, out)
    return path


def plain(resource: Resource) -> tuple[Any, ...]:
    content = resource.content
    row = (resource.ref, resource.uid, resource.owner, resource.finished, resource.labels)
    return (*row, content.json, content.refused)


def shared(resources: list[Resource]) -> list[set[str]]:
    """The names that share one content."""
    groups: dict[int, set[str]] = {}
    for one in resources:
        groups.setdefault(id(one.content), set()).add(one.ref.name)
    return sorted(groups.values(), key=sorted)


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    snapshot = cluster()
    source = SnapshotSource(str(written(snapshot, tmp_path / "s")))
    read = list(source.read(KINDS))
    found = [one for one in read if isinstance(one, Resource)]
    assert source.facts() == FACTS
    assert [one for one in read if isinstance(one, Gap)] == list(GAPS)
    assert [plain(one) for one in found] == [plain(one) for one in snapshot.resources]
    running = [one for one in found if not one.finished]
    assert shared(running) == shared([one for one in snapshot.resources if not one.finished])
    assert list(source.confirm([found[0].ref])) == []


def test_the_same_snapshot_is_the_same_bytes(tmp_path: Path) -> None:
    one, other = (written(cluster(), tmp_path / name).read_bytes() for name in "ab")
    assert one == other


def test_only_the_kinds_that_are_asked_for(tmp_path: Path) -> None:
    source = SnapshotSource(str(written(cluster(), tmp_path / "s")))
    read = list(source.read(frozenset({"Deployment"})))
    assert {one.ref.kind for one in read if isinstance(one, Resource)} == {"Deployment"}
    assert not [one for one in read if isinstance(one, Gap)]


def test_what_was_not_read_is_a_gap(tmp_path: Path) -> None:
    source = SnapshotSource(str(written(cluster(), tmp_path / "s")))
    [service, _] = [one for one in source.read(KINDS | {"Service"}) if isinstance(one, Gap)]
    assert service.kind == "Service"
    assert "was taken without Service objects" in service.reason
    [status, _] = [one for one in source.read(KINDS, status=True) if isinstance(one, Gap)]
    assert status.kind == "Pod"
    assert "without the status of pods" in status.reason
    whole = SnapshotSource(str(written(cluster(status=True), tmp_path / "whole")))
    assert [one for one in whole.read(KINDS, status=True) if isinstance(one, Gap)] == list(GAPS)


def changed(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    """Change the lines of a snapshot."""

    def apply(data: bytes) -> bytes:
        lines = gzip.decompress(data).splitlines(keepends=True)
        return gzip.compress(b"".join(change(lines)))

    return apply


def header(**fields: Any) -> Callable[[bytes], bytes]:
    return changed(
        lambda lines: [json.dumps({**json.loads(lines[0]), **fields}).encode() + b"\n", *lines[1:]]
    )


def last_row(position: int, value: Any) -> Callable[[bytes], bytes]:
    def change(lines: list[bytes]) -> list[bytes]:
        row = json.loads(lines[-1])
        row[position] = value
        return [*lines[:-1], json.dumps(row).encode() + b"\n"]

    return changed(change)


def first_content(body: Any) -> Callable[[bytes], bytes]:
    return changed(lambda lines: [lines[0], json.dumps({"body": body}).encode() + b"\n", *lines[2:]])


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "damaged, or no snapshot"),
    "no gzip": (lambda _: b"{}\n", "damaged, or no snapshot"),
    "cut off": (lambda data: data[: len(data) // 2], "damaged, or no snapshot"),
    "bit flipped": (lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:], "damaged, or no snapshot"),
    "no JSON": (changed(lambda _: [b"hello\n"]), "damaged, or no snapshot"),
    "another schema": (header(schema="auditor/snapshot/v9"), "'auditor/snapshot/v9'"),
    "a line lost": (changed(lambda lines: lines[:-1]), "cut off"),
    "half a line": (changed(lambda lines: [*lines[:-1], lines[-1][:9]]), "cut off"),
    "unknown kind": (last_row(1, "Lease"), "names what no snapshot holds"),
    "no such content": (last_row(6, 99), "names what no snapshot holds"),
    "negative content": (last_row(6, -1), "names what no snapshot holds"),
    "no such owner": (last_row(5, 99), "names what no snapshot holds"),
    "content of another kind": (first_content({"kind": "Pod", "metadata": {}}), "no Deployment"),
    "content that is a list": (first_content([]), "no Deployment"),
    "content without metadata": (first_content({"kind": "Deployment"}), "no Deployment"),
    "nested too deeply": (changed(lambda lines: [lines[0], b'{"body":' + b"[" * 9999 + b"\n"]), "damaged"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_files(name: str, tmp_path: Path) -> None:
    damage, reason = DAMAGE[name]
    path = written(cluster(), tmp_path / "s")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(SourceError) as caught:
        list(SnapshotSource(str(path)).read(KINDS))
    assert str(caught.value).startswith(f"{path}: no snapshot that can be judged: ")
    assert reason in str(caught.value)
    assert "--save-snapshot" in caught.value.hint


def test_fields_of_the_wrong_type_are_refused_as_everywhere(tmp_path: Path) -> None:
    body = make.resource(make.deployment(name="broken")).body
    body["spec"]["template"]["spec"]["hostPID"] = "true"
    path = written(cluster(), tmp_path / "s")
    path.write_bytes(first_content(body)(path.read_bytes()))
    read = [one for one in SnapshotSource(str(path)).read(KINDS) if isinstance(one, Resource)]
    assert any("hostPID" in one.content.refused for one in read)


def test_a_file_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.collect.snapshot.MAX_BYTES", 100)
    path = written(cluster(), tmp_path / "s")
    with pytest.raises(SourceError, match="unpacks to more than"):
        SnapshotSource(str(path)).facts()


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        SnapshotSource(str(tmp_path / "missing"))


def test_marks_of_credentials_survive(tmp_path: Path) -> None:
    secret = {"containers": [make.container(env=[{"name": "DB_PASSWORD", "value": "hunter2hunter2"}])]}
    resource = make.resource(make.deployment(secret))
    snapshot = Snapshot(FACTS, (resource,), kinds=KINDS)
    out = io.BytesIO()
    dump_snapshot(snapshot, out)
    assert b"hunter2" not in gzip.decompress(out.getvalue())
    (tmp_path / "s").write_bytes(out.getvalue())
    [back] = SnapshotSource(str(tmp_path / "s")).read(KINDS)
    assert isinstance(back, Resource)
    assert back.content.json == resource.content.json
    assert not back.content.refused
