"""Audits that a command names: files, standard input, and references into the store."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from auditor.cli.outputs import STDOUT
from auditor.errors import UsageError
from auditor.record import Audit
from auditor.report.json import load

_HINT = "name a file that `auditor audit -o json=FILE` wrote, or an audit of the store, as last~1"


def find_audit(name: str, stored: Callable[[str], Audit]) -> Audit:
    """Return the audit that a user names: a file, `-`, or else a reference that `stored` looks up.

    Raises `UsageError` for a file that holds no audit, and whatever `stored` does.
    """
    if name == STDOUT:
        return load(sys.stdin.buffer.read(), "standard input")
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"{name}: is a folder, and no audit", _HINT)
    if path.exists():
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UsageError(f"{name}: cannot be read: {error.strerror}", _HINT) from None
        return load(data, name)
    if "/" in name or name.endswith(".json"):
        raise UsageError(f"{name}: no such file", _HINT)
    return stored(name)


def stored(given: str | None, config: Path | None, cluster: str | None) -> Callable[[str], Audit]:
    """How audits of the store are looked up; it is opened for a reference, and not for files."""

    def look_up(name: str) -> Audit:
        from auditor.config.file import read_config
        from auditor.store.place import store_path
        from auditor.store.retention import Retention
        from auditor.store.sqlite import SqliteStore

        said = read_config(config).settings.store if config and not given else None
        path = store_path(os.environ, given or said)
        if path is None or not path.exists():
            where = f"there is no store {path}" if path else "no store is used"
            raise UsageError(f"{name}: no such file, and {where}", _HINT)
        return SqliteStore(path, Retention(), lambda: datetime.now(UTC)).audit(name, cluster)

    return look_up
