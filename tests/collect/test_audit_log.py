"""Audit logs: what is counted of their events, and that no line, however odd, is lost without a word."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.access.usage import AuditLog, SeenAccount, Use, UsedBinding
from auditor.collect.audit_log import files, tally
from auditor.collect.audit_log.observe import AuditLogs
from auditor.collect.audit_log.reason import Allowed, allowed
from auditor.errors import UsageError
from tests.collect.audit_events import event, lines

READERS = ("RoleBinding", "shop", "readers")


def read(*paths: Path) -> tuple[AuditLog, Sequence[str]]:
    """Return what is kept of these files, and the warnings."""
    logs = AuditLogs([str(path) for path in paths], lambda: datetime(2026, 6, 1, tzinfo=UTC))
    [one] = logs.observe()
    assert (one.program, one.at, one.failure) == ("audit_log", "2026-06-01T00:00:00Z", "")
    # as a snapshot keeps it
    return msgspec.json.decode(msgspec.json.encode(one.told), type=AuditLog), logs.warnings


def log_of(folder: Path, *events: Any) -> AuditLog:
    """Return what is kept of these events."""
    path = folder / "audit.log"
    path.write_bytes(lines(*events))
    found, warnings = read(path)
    assert not warnings
    return found


# --- who allowed it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "binding"),
    [
        ('ClusterRoleBinding "b" of ClusterRole "r" to Group "g"', ("ClusterRoleBinding", "", "b")),
        ('RoleBinding "b/ns" of Role "r" to User "u"', ("RoleBinding", "ns", "b")),
        ('RoleBinding "b/ns" of ClusterRole "r" to ServiceAccount "sa/ns"', ("RoleBinding", "ns", "b")),
        (
            r'RoleBinding "\a\b\f\n\r\t\v\x00\x1b\x7f\u200b\U000e0001ü/ns" of Role "r" to User "u"',
            ("RoleBinding", "ns", "\a\b\f\n\r\t\v\x00\x1b\x7f\u200b\U000e0001ü"),
        ),
        (r'RoleBinding "\"q\\/ns" of Role "r" to User "u"', ("RoleBinding", "ns", '"q\\')),
        # names that play the rest of the sentence
        (
            r'ClusterRoleBinding "b\" of Role \"r" of ClusterRole "x" to User "u"',
            ("ClusterRoleBinding", "", 'b" of Role "r'),
        ),
        (
            r'ClusterRoleBinding "b" of ClusterRole "x\" to User \"y" to User "z\" to User \"u"',
            ("ClusterRoleBinding", "", "b"),
        ),
    ],
)
def test_a_reason_is_read_as_go_quotes_it(words: str, binding: tuple[str, str, str]) -> None:
    assert allowed(f"RBAC: allowed by {words}") == Allowed(*binding)


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "internal error",
        'RBAC: clusterrole.rbac.authorization.k8s.io "x" not found',
        'RBAC: allowed by RoleBinding "b" of Role "r" to User "u"',
        r'RBAC: allowed by RoleBinding "b\q/ns" of Role "r" to User "u"',
        r'RBAC: allowed by RoleBinding "b\xff/ns" of Role "r" to User "u"',
        'RBAC: allowed by RoleBinding "b/ns" of Role "r" and more',
        'RBAC: allowed by RoleBinding "b/ns of Role "r" to User "u"',
    ],
)
def test_other_reasons_name_no_binding(reason: str) -> None:
    assert allowed(reason) is None


# --- what is counted ------------------------------------------------------------------------------


def test_a_binding_that_was_used(tmp_path: Path) -> None:
    found = log_of(
        tmp_path,
        event("list", at="2026-05-01T10:00:00.900000Z"),
        event("get", "pods", "web-1", at="2026-05-01T12:30:01.000001Z"),
        event("get", "pods", "web-0", at="2026-05-01T11:00:00.000000Z"),
    )
    uses = (Use("get", "", "pods", names=("web-0", "web-1")), Use("list", "", "pods"))
    assert found.bindings == (UsedBinding(*READERS, 3, "2026-05-01T12:30:01Z", uses),)
    assert (found.first, found.last, found.hours) == ("2026-05-01T10:00:00Z", "2026-05-01T12:30:01Z", 3)
    assert (found.requests, found.broken, found.full, found.accounts) == (3, 0, False, ())
    assert found.verbs == ("get", "list")


def test_a_request_is_one_however_many_stages_it_has(tmp_path: Path) -> None:
    stages = ("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic")
    times = [f"2026-05-01T1{number}:00:00.000000Z" for number in range(4)]
    found = log_of(
        tmp_path, *(event("watch", stage=stage, at=at) for stage, at in zip(stages, times, strict=True))
    )
    [binding] = found.bindings
    # a panic is a request of its own
    assert (binding.requests, found.requests, binding.last) == (2, 2, "2026-05-01T13:00:00Z")
    assert found.first == "2026-05-01T11:00:00Z"


def test_a_watch_that_goes_on_is_a_use(tmp_path: Path) -> None:
    found = log_of(tmp_path, event("watch", stage="ResponseStarted"))
    assert [(one.name, one.requests) for one in found.bindings] == [("readers", 0)]


def test_what_was_denied_is_no_use(tmp_path: Path) -> None:
    denied = event(by="")
    lying = event()
    lying["annotations"]["authorization.k8s.io/decision"] = "forbid"
    assert log_of(tmp_path, denied, lying).bindings == ()


def test_what_others_allow_is_no_use(tmp_path: Path) -> None:
    bare = event()
    del bare["annotations"]
    nodes = event()
    nodes["annotations"]["authorization.k8s.io/reason"] = ""
    assert log_of(tmp_path, bare, nodes).bindings == ()


def test_accounts_are_seen_denied_and_impersonated_too(tmp_path: Path) -> None:
    web, job, other = (f"system:serviceaccount:shop:{name}" for name in ("web", "job", "other"))
    found = log_of(
        tmp_path,
        event(user=web),
        event(user=web, by="", at="2026-05-02T00:00:00.000000Z"),
        event(user=job, impersonatedUser={"username": other}, stage="ResponseStarted"),
        event(user="system:serviceaccount:broken"),
    )
    assert found.accounts == (
        SeenAccount("shop", "job", 0, "2026-05-01T10:00:00Z"),
        SeenAccount("shop", "other", 0, "2026-05-01T10:00:00Z"),
        SeenAccount("shop", "web", 2, "2026-05-02T00:00:00Z"),
    )


def test_what_was_asked_leave_for(tmp_path: Path) -> None:
    url = 'ClusterRoleBinding "urls" of ClusterRole "urls" to Group "g"'
    found = log_of(
        tmp_path,
        # the body of what is created names it, the question did not
        event("create", "pods", "web-1"),
        event("create", "pods", "web-1", reference={"subresource": "exec"}),
        event("patch", "deployments", "web", reference={"apiGroup": "apps"}),
        event("get", path="/metrics/%61?x=1", by=url),
    )
    readers, urls = sorted(found.bindings, key=lambda one: one.name)
    assert readers.uses == (
        Use("create", "", "pods"),
        Use("create", "", "pods", "exec", names=("web-1",)),
        Use("patch", "apps", "deployments", names=("web",)),
    )
    assert urls.uses == (Use("get", path="/metrics/a"),)
    assert found.verbs == ("create", "patch")


def test_what_is_kept_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_NAMES", 2)
    monkeypatch.setattr(tally, "MOST_USES", 3)
    monkeypatch.setattr(tally, "MOST", 2)
    found = log_of(tmp_path, *(event("get", "pods", f"web-{number}") for number in range(3)), event("list"))
    assert found.bindings[0].uses == (Use("get", "", "pods", names=None), Use("list", "", "pods"))
    found = log_of(tmp_path, *(event("get", f"kind{number}") for number in range(4)))
    assert found.bindings[0].uses is None
    assert not found.full
    whom = 'ClusterRoleBinding "{}" of ClusterRole "r" to User "u"'
    found = log_of(tmp_path, *(event(by=whom.format(number)) for number in range(3)))
    assert (len(found.bindings), found.full) == (2, True)
    users = (f"system:serviceaccount:shop:{number}" for number in range(3))
    found = log_of(tmp_path, *(event(user=user) for user in users))
    assert (len(found.accounts), found.full) == (2, True)
    hours = (f"2026-05-01T1{number}:00:00.000000Z" for number in range(3))
    assert log_of(tmp_path, *(event(at=at) for at in hours)).hours == 2


def test_days_are_hours_with_events(tmp_path: Path) -> None:
    hours = [f"2026-05-{day:02}T{hour:02}:30:00.000000Z" for day in (1, 9) for hour in range(24)]
    found = log_of(tmp_path, *(event("list", at=at) for at in hours[:-1]))
    assert (found.hours, found.days, found.absent_reads) == (47, 1, ("get", "watch"))
    assert log_of(tmp_path, *(event("list", at=at) for at in hours)).days == 2


# --- files and lines ------------------------------------------------------------------------------

_ODD: Sequence[bytes] = (
    b"not JSON",
    b"[" * 100_000,
    b"\xff\xfe",
    b'{"kind":"Event"}',
    b'"text"',
    lines({**event(), "apiVersion": "audit.k8s.io/v1beta1"}),
    lines({**event(), "kind": "Other"}),
    lines({**event(), "user": "alice"}),
    lines({**event(), "annotations": {"authorization.k8s.io/reason": 1}}),
    lines(event(at="2026-05-01T10:00:00")),
    lines(event(at="0001-01-01T00:00:00+14:00")),
    lines(event(at="yesterday")),
    lines({"kind": "EventList", "apiVersion": "v1", "items": [event()]}),
    lines({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [event(at="soon")]}),
    lines(
        {
            "kind": "EventList",
            "apiVersion": "audit.k8s.io/v1",
            "items": [event(at="0001-01-01T00:00:00+14:00")],
        }
    ),
)


@pytest.mark.parametrize("odd", _ODD)
def test_a_line_that_is_no_event_is_counted(odd: bytes, tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(lines(event()) + odd.rstrip(b"\n") + b"\n\n" + lines(event()))
    found, warnings = read(path)
    assert (found.requests, found.broken) == (2, 1)
    assert warnings == [f"{path}: 1 of its lines are no events of an audit log"]


def test_a_line_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 1024)
    path = tmp_path / "audit.log"
    path.write_bytes(lines(event(userAgent="x" * 1500), event()))
    found, _ = read(path)
    assert (found.requests, found.broken) == (1, 3)


def test_lists_of_events(tmp_path: Path) -> None:
    items = [{key: value for key, value in event().items() if key not in ("kind", "apiVersion")}] * 3
    found = log_of(tmp_path, {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": items})
    assert found.requests == 3


def test_a_folder_of_files_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_bytes(lines(event()))
    (tmp_path / "audit-2026-05-01T10-00-00.000.log.gz").write_bytes(gzip.compress(lines(event(), event())))
    (tmp_path / ".hidden").write_bytes(lines(event()))
    (tmp_path / "again").symlink_to("audit.log")
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.log").touch()
    found, warnings = read(tmp_path, tmp_path / "audit.log")
    assert found.requests == 3
    assert warnings == [f"{tmp_path / 'empty.log'}: there is no event of an audit log in it"]


def test_a_packed_file_that_breaks_off(tmp_path: Path) -> None:
    whole = lines(*(event("get", "pods", f"{number:030}") for number in range(200)))
    path = tmp_path / "audit.log.gz"
    path.write_bytes(gzip.compress(whole)[:-8])
    found, warnings = read(path)
    assert (found.requests, found.broken) == (200, 1)
    assert warnings == [f"{path}: breaks off; what came before counts"]


@pytest.mark.parametrize("content", [b"", b"\n", b"hello\n", lines(event(stage="RequestReceived"))])
def test_a_file_without_events_is_an_error(content: bytes, tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(lines(event()))
    bad.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read(good, bad)
    assert str(caught.value) == f"--audit-log {bad}: there is no event of an audit log in it"
    assert "--audit-log-path" in caught.value.hint


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="missing: cannot be read: No such file or directory"):
        AuditLogs([str(tmp_path / "missing")], lambda: datetime.now(UTC))
    with pytest.raises(UsageError, match="there is no file in this folder"):
        AuditLogs([str(tmp_path)], lambda: datetime.now(UTC))


def test_a_part_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_bytes(lines(event()))
    (tmp_path / "old.log").write_bytes(lines(event()))
    logs = AuditLogs([str(tmp_path)], lambda: datetime.now(UTC))
    (tmp_path / "old.log").unlink()  # rotated away meanwhile
    with pytest.raises(UsageError, match=r"old.log: cannot be read: No such file"):
        logs.observe()
