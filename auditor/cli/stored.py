"""Audits that a command names: files, standard input, and references into the store."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from auditor.cli.outputs import STDOUT
from auditor.config.file import read_config
from auditor.config.settings import History
from auditor.errors import UsageError
from auditor.record import Audit
from auditor.report.json import load

if TYPE_CHECKING:
    from auditor.store.sqlite import SqliteStore

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


def opened(given: str | None, history: History | None = None) -> SqliteStore | None:
    """Return the store of a flag or setting, else that of the environment, else the usual one.

    None if nothing is to be kept. `history` says how long audits are, for who writes.
    """
    # a database takes a while to import, and every command imports this module
    from auditor.store.place import store_path
    from auditor.store.retention import Retention
    from auditor.store.sqlite import SqliteStore

    path = store_path(os.environ, given)
    retention = msgspec.convert(msgspec.to_builtins(history), Retention) if history else Retention()
    return SqliteStore(path, retention, lambda: datetime.now(UTC)) if path else None


def store_of(given: str | None, config: Path | None) -> SqliteStore | None:
    """Return the store of the command line, else of auditor.yaml, and so on as `opened`."""
    return opened(given or (read_config(config).settings.store if config else None))


def stored(store: Callable[[], SqliteStore | None], cluster: str | None = None) -> Callable[[str], Audit]:
    """How audits of the store are looked up; it is opened for a reference, and not for files."""

    def look_up(name: str) -> Audit:
        kept = store()
        if kept is None or not kept.path.exists():
            where = f"there is no store {kept.path}" if kept else "no store is used"
            raise UsageError(f"{name}: no such file, and {where}", _HINT)
        return kept.audit(name, cluster)

    return look_up
