"""A report is in its file whole, or not at all, and an error says why."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from auditor.errors import OutputError
from auditor.record import Audit
from auditor.report.json import JsonRenderer, load
from auditor.report.write import write
from tests.cli.program import ROOT, powerless
from tests.report.records import audit


class Failing:
    """Writes half a report and stops."""

    def __init__(self, error: BaseException) -> None:
        """Take what it stops with."""
        self._error = error

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write something, then fail."""
        out.write("half a report")
        out.flush()
        raise self._error


def test_file_holds_the_report_and_its_mode_is_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    before = os.umask(0o027)
    try:
        write(audit(), JsonRenderer(), str(path))
    finally:
        os.umask(before)
    assert load(path.read_bytes()) == audit()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["report.json"]


def test_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "latest.json"
    link.symlink_to("there/report.json")
    write(audit(), JsonRenderer(), str(link))
    assert link.is_symlink()
    assert load((tmp_path / "there/report.json").read_bytes()) == audit()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError()])
def test_old_report_stays_if_the_new_one_fails(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with pytest.raises((OutputError, KeyboardInterrupt, ValueError)):
        write(audit(), Failing(error), str(path))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=f"^cannot write {tmp_path}: it is a folder$") as error:
        write(audit(), JsonRenderer(), str(tmp_path))
    assert error.value.hint


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"the folder .*/none does not exist") as error:
        write(audit(), JsonRenderer(), str(tmp_path / "none" / "report.json"))
    assert error.value.hint == "create the folder first"


def test_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot write .*/file/report\.json: "):
        write(audit(), JsonRenderer(), str(tmp_path / "file" / "report.json"))


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write(audit(), JsonRenderer(), str(path))
        assert load(os.read(reader, 65536)) == audit()
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_full_device_is_named() -> None:
    with pytest.raises(OutputError, match=r"^cannot write /dev/full: No space left on device$") as error:
        write(audit(), JsonRenderer(), "/dev/full")
    assert error.value.hint == "free some space, or write the report elsewhere"


CHILD = """
import resource, sys
from auditor.errors import OutputError
from auditor.report.json import JsonRenderer
from auditor.report.write import write
from tests.report.records import audit
path, limit = sys.argv[1], int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    write(audit(), JsonRenderer(), path)
except OutputError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


def child(path: str, limit: int = 0) -> subprocess.Popen[bytes]:
    """Start a process that writes a report."""
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, path, str(limit)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    process = child(str(path), limit=4096)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 4
    assert message.decode() == f"cannot write {path}: File too large\n"
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_broken_pipe_is_one_line_and_no_traceback() -> None:
    process = child("-")
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    message = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(timeout=60) == 4
    assert message == "cannot write standard output: its reader has gone away\n"


def test_standard_output_is_utf_8_in_every_locale() -> None:
    program = """
import msgspec
from auditor.report.json import JsonRenderer
from auditor.report.write import write
from tests.report.records import audit, finding
write(msgspec.structs.replace(audit(), findings=(finding(message="größe 漢字"),)), JsonRenderer(), "-")
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert load(done.stdout).findings[0].message == "größe 漢字"


def test_folder_without_right_is_named(tmp_path: Path) -> None:
    program = """
import sys
from auditor.errors import OutputError
from auditor.report.json import JsonRenderer
from auditor.report.write import write
from tests.report.records import audit
try:
    write(audit(), JsonRenderer(), sys.argv[1])
except OutputError as error:
    print(error, error.hint, sep="\\n")
"""
    tmp_path.chmod(0o500)
    try:
        done = subprocess.run(
            [*powerless(), sys.executable, "-c", program, tmp_path / "report.json"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
            text=True,
            timeout=60,
        )
    finally:
        tmp_path.chmod(0o700)
    message, hint = done.stdout.splitlines()
    assert message.endswith("Permission denied")
    assert hint == "name a folder that you may write to"
