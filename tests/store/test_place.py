"""Where the store is."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.store.place import store_path


@pytest.mark.parametrize(
    ("environ", "given", "expected"),
    [
        ({"AUDITOR_STORE": "/a.db"}, "/b.db", Path("/b.db")),
        ({"AUDITOR_STORE": "/a.db"}, None, Path("/a.db")),
        ({"AUDITOR_STORE": "none"}, None, None),
        ({"AUDITOR_STORE": "/a.db"}, "none", None),
        ({"AUDITOR_STORE": "", "XDG_DATA_HOME": "/x"}, "", Path("/x/auditor/history.db")),
        ({"XDG_DATA_HOME": "/x"}, "rel.db", Path("rel.db")),
    ],
)
def test_who_says_where(environ: dict[str, str], given: str | None, expected: Path | None) -> None:
    assert store_path(environ, given) == expected


@pytest.mark.parametrize("environ", [{}, {"XDG_DATA_HOME": "relative"}, {"XDG_DATA_HOME": ""}])
def test_the_data_folder_of_the_user(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    found = store_path(environ)
    assert found is not None
    assert found.name == "history.db"
    assert found.is_relative_to(tmp_path)
