"""Where the store is, if nobody says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

NONE = "none"
"""In place of a path: keep no history."""


def store_path(environ: Mapping[str, str], given: str | None = None) -> Path | None:
    """Return the file of the store: the one given, else AUDITOR_STORE, else one in the user's data folder.

    None means that nothing is kept: where `none` is given, and for a user without a home. XDG_DATA_HOME
    counts on every system; a relative one is ignored, as its specification wants it:
    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    if chosen := given or environ.get("AUDITOR_STORE"):
        return None if chosen == NONE else Path(chosen)
    if (data := Path(environ.get("XDG_DATA_HOME", ""))).is_absolute():
        return data / "auditor" / "history.db"
    # where it is depends on the system, and it takes a while to import
    import platformdirs

    folder = platformdirs.user_data_path("auditor", appauthor=False)
    return folder / "history.db" if folder.is_absolute() else None
