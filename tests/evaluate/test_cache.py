"""What was kept comes back as it was, or not at all; and the folder is nobody else's."""

from __future__ import annotations

import os
import resource
import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from auditor.evaluate.cache import KEPT, SEAL, cache_folder, keep, recall

KEY = "a" * 64
ENTRY = b"what was kept"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "down" / "bundles"


def key(number: int) -> str:
    return f"{number:064x}"


def test_what_was_kept_comes_back(folder: Path) -> None:
    assert recall(folder, KEY) is None
    assert not folder.exists()
    keep(folder, KEY, ENTRY)
    assert recall(folder, KEY) == ENTRY
    assert recall(folder, "b" * 64) is None
    keep(folder, KEY, ENTRY * 2)
    assert recall(folder, KEY) == ENTRY * 2


def test_nobody_else_may_look(folder: Path) -> None:
    before = os.umask(0)
    try:
        keep(folder, KEY, ENTRY)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / KEY).stat().st_mode) == 0o600


# --- damage -------------------------------------------------------------------------------------


def test_no_byte_may_change(folder: Path) -> None:
    keep(folder, KEY, ENTRY)
    whole = (folder / KEY).read_bytes()
    assert len(whole) == SEAL + len(ENTRY)
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1
        (folder / KEY).write_bytes(changed)
        assert recall(folder, KEY) is None, position
        (folder / KEY).write_bytes(whole[:position])
        assert recall(folder, KEY) is None, position
    (folder / KEY).write_bytes(whole + b"\n")
    assert recall(folder, KEY) is None
    keep(folder, KEY, ENTRY)
    assert recall(folder, KEY) == ENTRY


def test_an_entry_under_another_key_is_none(folder: Path) -> None:
    keep(folder, KEY, ENTRY)
    os.replace(folder / KEY, folder / key(1))
    assert recall(folder, key(1)) is None


def _link(path: Path) -> None:
    path.with_suffix(".moved").symlink_to(path.rename(path.with_suffix(".real")))
    path.with_suffix(".moved").rename(path)


def _folder(path: Path) -> None:
    path.unlink()
    (path / "full").mkdir(parents=True)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("damage", [_link, _folder, _pipe])
def test_what_is_no_file_is_no_entry(folder: Path, damage: Callable[[Path], None]) -> None:
    keep(folder, KEY, ENTRY)
    damage(folder / KEY)
    assert recall(folder, KEY) is None
    keep(folder, KEY, ENTRY)  # a folder in its place stays there
    assert recall(folder, KEY) == (None if damage is _folder else ENTRY)


# --- folders that are not used ------------------------------------------------------------------


def _linked(folder: Path) -> None:
    folder.rename(folder.with_name("real"))
    folder.symlink_to("real")


@pytest.mark.parametrize(
    "open_up",
    [
        _linked,
        lambda folder: folder.chmod(0o750),
        lambda folder: folder.chmod(0o702),
        lambda folder: folder.chmod(0o701),
    ],
    ids=["link", "group reads", "others write", "others enter"],
)
def test_a_folder_that_is_open_to_others_is_not_used(folder: Path, open_up: Callable[[Path], None]) -> None:
    keep(folder, KEY, ENTRY)
    open_up(folder)
    assert recall(folder, KEY) is None
    keep(folder, key(1), ENTRY)
    assert [path.name for path in folder.iterdir()] == [KEY]


def test_a_folder_of_another_user_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(folder, KEY, ENTRY)
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert recall(folder, KEY) is None
    keep(folder, key(1), ENTRY)
    assert [path.name for path in folder.iterdir()] == [KEY]


def test_where_nothing_can_be_made_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file/bundles", tmp_path / ("x" * 300) / "bundles"):
        keep(folder, KEY, ENTRY)
        assert recall(folder, KEY) is None
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_nothing_half_written(folder: Path) -> None:
    keep(folder, KEY, ENTRY)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SEAL + 5, before[1]))
    try:
        keep(folder, KEY, ENTRY * 2)
        keep(folder, key(1), ENTRY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in folder.iterdir()] == [KEY]
    assert recall(folder, KEY) == ENTRY


def test_ctrl_c_leaves_nothing_half_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        keep(folder, KEY, ENTRY)
    assert list(folder.iterdir()) == []


# --- many ---------------------------------------------------------------------------------------


def test_the_ones_of_the_latest_use_are_kept(folder: Path) -> None:
    """Dates are set by hand: a file system may give the same one to all."""
    for number in range(KEPT):
        keep(folder, key(number), ENTRY)
        os.utime(folder / key(number), (number, number))
    assert recall(folder, key(0)) == ENTRY  # which makes it the latest
    keep(folder, key(KEPT), ENTRY)
    assert {path.name for path in folder.iterdir()} == {key(n) for n in range(KEPT + 1)} - {key(1)}


def test_what_a_killed_process_left_behind_grows_old(folder: Path) -> None:
    keep(folder, KEY, ENTRY)
    for number in range(2 * KEPT):
        partial = folder / f"{key(number)}.0123"
        partial.write_bytes(b"half")
        os.utime(partial, (number, number))
    keep(folder, key(1), ENTRY)
    assert len(list(folder.iterdir())) == KEPT
    assert recall(folder, KEY) == recall(folder, key(1)) == ENTRY


def test_a_reader_meets_whole_entries_only(folder: Path) -> None:
    """Writers of one key and of many more than are kept, and readers, all at once."""
    large = ENTRY * 10_000
    keep(folder, KEY, large)

    def write(number: int) -> None:
        keep(folder, KEY if number % 2 else key(number), large)

    def read(_: int) -> bytes | None:
        return recall(folder, KEY)

    with ThreadPoolExecutor(max_workers=4) as pool:
        writing = pool.map(write, range(200))
        found = list(pool.map(read, range(200)))
        list(writing)
    assert set(found) == {large}
    assert len(list(folder.iterdir())) <= KEPT


# --- where it is --------------------------------------------------------------------------------


def test_the_nearest_variable_wins() -> None:
    environ = {"HOME": "/h"}
    assert cache_folder(environ) == Path("/h/.cache/auditor")
    environ["XDG_CACHE_HOME"] = "/x"
    assert cache_folder(environ) == Path("/x/auditor")
    environ["AUDITOR_CACHE"] = "/a"
    assert cache_folder(environ) == Path("/a")


def test_a_user_without_a_home_has_none() -> None:
    assert cache_folder({"HOME": "~no-such-user"}) is None
    assert cache_folder({"HOME": "~no-such-user", "AUDITOR_CACHE": "/a"}) == Path("/a")


def test_no_descriptor_is_left_open(folder: Path) -> None:
    keep(folder, KEY, ENTRY)
    before = os.listdir("/dev/fd")
    for _ in range(10):
        keep(folder, KEY, ENTRY)
        recall(folder, KEY)
        recall(folder, key(1))
    shutil.rmtree(folder)
    recall(folder, KEY)
    assert len(os.listdir("/dev/fd")) == len(before)
