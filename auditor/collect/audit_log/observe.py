"""The `Runtime` port over audit logs: all of them are one observation."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from auditor.collect.audit_log.event import events
from auditor.collect.audit_log.files import CutOffError, log_files, log_lines, unreadable
from auditor.collect.audit_log.tally import Tally
from auditor.document.relations.usage import PROGRAM
from auditor.errors import UsageError
from auditor.model import Observation

_HINT = "name the file of --audit-log-path of every API server, one JSON event of audit.k8s.io/v1 a line"


class AuditLogs:
    """The audit logs in these files and folders."""

    def __init__(self, paths: Sequence[str], clock: Callable[[], datetime]) -> None:
        """Find the files, and read nothing yet; `clock` returns the present time with its zone.

        Raises `UsageError` for a path where there is no file.
        """
        self._named = [(path, log_files(path)) for path in dict.fromkeys(paths)]
        self._clock = clock
        self.warnings: list[str] = []
        """What is odd in the files that were read."""

    def observe(self) -> tuple[Observation, ...]:
        """Read every file once; raises `UsageError` for a path without a single event."""
        tally, seen = Tally(), set[tuple[int, int]]()
        for path, files in self._named:
            new = [one for one in files if _is_new(one, seen)]
            found = sum(self._read(one, tally) for one in new)
            if new and not found:
                raise UsageError(f"--audit-log {path}: there is no event of an audit log in it", _HINT)
        at = self._clock().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        shown = ", ".join(os.fsencode(path).decode(errors="replace") for path, _ in self._named)
        return (Observation(PROGRAM, "", "", shown, at, msgspec.to_builtins(tally.log())),)

    def _read(self, path: str, tally: Tally) -> int:
        """Take in one file, and return how many events it has."""
        found = broken = 0
        try:
            for line in log_lines(path):
                if of_line := events(line):
                    found += sum(map(tally.add, of_line))
                elif line.strip():
                    broken += 1
        except CutOffError:
            tally.broken += 1
            self.warnings.append(f"{path}: breaks off; what came before counts")
        tally.broken += broken
        if not found:
            self.warnings.append(f"{path}: there is no event of an audit log in it")
        elif broken:
            self.warnings.append(f"{path}: {broken} of its lines are no events of an audit log")
        return found


def _is_new(path: str, seen: set[tuple[int, int]]) -> bool:
    """Tell whether a file was not named before, by this name or another."""
    try:
        info = os.stat(path)
    except OSError as error:
        raise unreadable(path, error) from None
    known = (info.st_dev, info.st_ino) in seen
    seen.add((info.st_dev, info.st_ino))
    return not known
