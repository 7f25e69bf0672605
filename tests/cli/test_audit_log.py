"""`--audit-log` on the command line: what it says of a file, and what it goes with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ended, Run
from tests.collect.audit_events import event, lines

GRANT, ACCOUNT = POLICIES = ("rbac_unused_grant", "rbac_unused_account")

RBAC = "rbac.authorization.k8s.io"


def bound(name: str) -> dict[str, Any]:
    """Return a RoleBinding that is a month older than the log."""
    metadata = {"name": name, "namespace": "shop", "creationTimestamp": "2026-04-01T00:00:00Z"}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": "alice"}],
    }


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    path = tmp_path / "objects.json"
    items = [bound("readers"), bound("idle")]
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Thirty days, in which `readers` of `shop` allowed something."""
    hours = (f"2026-05-{day:02}T{hour:02}:00:00.000000Z" for day in range(1, 31) for hour in range(24))
    verbs = [event(verb, at=at) for verb, at in zip(("get", "list", "watch") * 240, hours, strict=True)]
    path = tmp_path / "audit.log"
    path.write_bytes(lines(*verbs) + b"no event\n")
    return path


def judged(audited: Run, *flags: str | Path) -> Ended:
    chosen = [word for one in POLICIES for word in ("--policy", one)]
    return audited("-o", "json", "--store", "none", "--fail-on", "info", *chosen, *flags)


def test_what_is_not_used_is_found(audited: Run, manifests: Path, log: Path) -> None:
    ended = judged(audited, "-f", manifests, "--audit-log", log)
    assert ended.code == 1
    assert ended.err.startswith(f"warning: {log}: 1 of its lines are no events of an audit log\n")
    [finding] = ended.record.findings
    assert (finding.resource.name, finding.path) == ("idle", "/roleRef")
    said = "No request from 2026-05-01T00:00:00Z to 2026-05-30T23:00:00Z was allowed by it."
    assert finding.message == said
    assert finding.evidence == {
        "first": "2026-05-01T00:00:00Z",
        "last": "2026-05-30T23:00:00Z",
        "days": 30,
        "requests": 720,
        "broken": 1,
    }
    assert ended.record.summary.coverage == 1


def test_without_a_log_nothing_is_judged(audited: Run, manifests: Path) -> None:
    record = judged(audited, "-f", manifests).record
    reasons = {one.policy: one.reason for one in record.out_of_reach}
    said = "judges what an audit log tells, and none is given: --audit-log"
    assert reasons == {name: f"policy {name} {said}" for name in POLICIES}
    assert (record.findings, record.not_evaluated) == ((), ())


def test_a_log_that_is_too_short_leaves_it_open(audited: Run, manifests: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.log"
    short.write_bytes(lines(*(event(verb) for verb in ("get", "list", "watch"))))
    record = judged(audited, "-f", manifests, "--audit-log", short).record
    [open_] = record.not_evaluated
    assert open_.resource
    assert open_.resource.name == "idle"
    assert open_.reason == "The audit log has events of 0 days, and 30 are asked for."


def test_what_it_does_not_go_with(run: Run, log: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "snapshot"
    snapshot.touch()
    ended = run("audit", "--snapshot", snapshot, "--audit-log", log)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: --audit-log cannot be combined with --snapshot: ")


def test_files_that_are_none(audited: Run, manifests: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.log"
    ended = judged(audited, "-f", manifests, "--audit-log", missing)
    said = f"error: --audit-log {missing}: cannot be read: No such file or directory\n"
    assert (ended.code, ended.out, ended.err) == (2, "", said)
    ended = judged(audited, "-f", manifests, "--audit-log", manifests)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: --audit-log {manifests}: there is no event of an audit log in it\n")
