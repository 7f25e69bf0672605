"""Where a report cannot be written: exit code 4, one line, no half file, the old report untouched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import program
from tests.cli.conftest import Run
from tests.cli.manifests import containers, deployment, write

LIMITED = """
import resource, sys
from auditor.cli.app import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
main()
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Something with one finding, which must not hide that nothing was written."""
    return write(tmp_path / "web.yaml", deployment(privileged=True))


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Something whose report is larger than a pipe's buffer and a small disk."""
    return write(tmp_path / "many.yaml", *(deployment(f"web-{n}", privileged=True) for n in range(200)))


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder with the report of yesterday."""
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "report.json").write_text("yesterday")
    return folder


def untouched(folder: Path) -> bool:
    """Whether there is the report of yesterday and nothing else."""
    return [path.name for path in folder.iterdir()] == ["report.json"] and (
        (folder / "report.json").read_text() == "yesterday"
    )


def test_full_disk(many: Path, tmp_path: Path, home: Path) -> None:
    """A file system of 64 KiB, as root; else test_file_size_limit has to do."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip(f"no small file system may be mounted: {mount.stderr.decode().strip()}")
    try:
        (disk / "report.json").write_text("yesterday")
        path = disk / "report.json"
        ended = program.ended("audit", "-f", many, "-o", f"json={path}", home=home)
        assert ended.returncode == 4, ended.stderr
        assert ended.stderr.splitlines()[:2] == [
            f"error: cannot write {path}: No space left on device",
            "  hint: free some space, or write the report elsewhere",
        ]
        assert untouched(disk)
    finally:
        subprocess.run(["umount", disk], check=True)


def test_file_size_limit(many: Path, reports: Path, tmp_path: Path, home: Path) -> None:
    """What ulimit -f does: the bundle still fits, the report does not."""
    path = reports / "report.json"
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            LIMITED,
            "300000",
            "audit",
            "-f",
            many,
            "--store",
            "none",
            "-o",
            f"json={path}",
        ],
        env=program.environment(home),
        capture_output=True,
        text=True,
        timeout=program.SECONDS,
        check=False,
    )
    assert ended.returncode == 4, ended.stderr
    assert ended.stderr.splitlines()[0] == f"error: cannot write {path}: File too large"
    assert untouched(reports)


def test_folder_without_right(manifest: Path, reports: Path, tmp_path: Path, home: Path) -> None:
    reports.chmod(0o500)
    path = reports / "report.json"
    before = program.powerless()
    ended = program.ended("audit", "-f", manifest, "-o", f"json={path}", home=home, before=before)
    assert ended.returncode == 4, ended.stderr
    assert ended.stderr.splitlines()[:2] == [
        f"error: cannot write {path}: Permission denied",
        "  hint: name a folder that you may write to",
    ]
    assert untouched(reports)


def test_folder_as_path(audited: Run, manifest: Path, reports: Path) -> None:
    ended = audited("-f", manifest, "-o", f"json={reports}")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith(f"error: cannot write {reports}: it is a folder\n  hint: name a file in it\n")
    assert untouched(reports)


def test_one_failed_output_takes_no_other_with_it(audited: Run, manifest: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    ended = audited("-f", manifest, "-o", "table", "-o", f"json={tmp_path}/none/a.json", "-o", f"html={page}")
    assert ended.code == 4
    assert page.read_text().endswith("</html>\n")
    last = ended.out.splitlines()[-1]
    assert "exit 4: not every output was written; 1 finding at or above high" in last
    assert ended.err.count("error: ") == 1


def test_good_outputs_are_whole_and_the_code_is_told(audited: Run, manifest: Path, reports: Path) -> None:
    ended = audited(
        "-f", manifest, "-o", f"json={reports / 'report.json'}", "-o", f"html={reports / 'report.html'}"
    )
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "note: exit 1: 1 finding at or above high\n"
    assert json.loads((reports / "report.json").read_text())["schema"] == "auditor/v1"
    assert sorted(os.listdir(reports)) == ["report.html", "report.json"]


REDIRECTIONS = {
    "json, reader gone": (
        '"$@" -o json | head -1; exit ${PIPESTATUS[0]}',
        4,
        "standard output: its reader has gone",
    ),
    "table, reader gone": (
        '"$@" | head -1; exit ${PIPESTATUS[0]}',
        4,
        "standard output: its reader has gone away",
    ),
    "stdout closed, json": ('"$@" -o json >&-', 4, "standard output: Bad file descriptor"),
    "stdout closed, table": ('"$@" >&-', 4, "standard output: Bad file descriptor"),
    "stdout full": ('"$@" >/dev/full', 4, "standard output: No space left on device"),
}


@pytest.mark.parametrize(("line", "code", "message"), REDIRECTIONS.values(), ids=REDIRECTIONS)
def test_stdout_that_takes_nothing(
    many: Path, tmp_path: Path, home: Path, line: str, code: int, message: str
) -> None:
    ended = program.shell(line, "audit", "-f", many, home=home)
    assert ended.returncode == code, ended.stderr
    assert ended.stderr.startswith(f"error: cannot write {message}")
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith(
        "note: exit 4: not every output was written; 200 findings"
    )


OTHERS = {
    "help, full": ('"$@" --help >/dev/full', 4, "error: cannot write: No space left on device\n"),
    "version, full": ('"$@" --version >/dev/full', 4, "error: cannot write: No space left on device\n"),
    "version, closed": ('"$@" --version >&-', 4, "error: cannot write: Bad file descriptor\n"),
    "no reader": ('exec 3> >(:); wait $!; "$@" --help >&3', 4, ""),
    "stderr full": ('"$@" adit 2>/dev/full', 2, ""),
    "stderr closed": ('"$@" adit 2>&-', 2, ""),
}


@pytest.mark.parametrize(("line", "code", "message"), OTHERS.values(), ids=OTHERS)
def test_other_commands_too(tmp_path: Path, home: Path, line: str, code: int, message: str) -> None:
    ended = program.shell(line, home=home)
    assert ended.returncode == code, ended.stderr
    assert ended.stderr.startswith(message) if message else ended.stderr == ""


def test_file_is_written_although_stdout_is_closed(
    manifest: Path, reports: Path, tmp_path: Path, home: Path
) -> None:
    """Else the report would get number 1, and whatever else is printed would land in it."""
    path = reports / "report.json"
    ended = program.shell('"$@" >&- 2>&-', "audit", "-f", manifest, "-o", f"json={path}", home=home)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "")
    assert json.loads(path.read_text())["summary"]["findings"]["critical"] == 1


def test_stdin_that_is_closed_is_a_gap(tmp_path: Path, home: Path) -> None:
    ended = program.shell('"$@" <&-', "audit", "-f", "-", "-o", "json", home=home)
    assert ended.returncode == 3, ended.stderr
    assert [gap["reason"] for gap in json.loads(ended.stdout)["gaps"]] == [
        "-: cannot be read: Bad file descriptor"
    ]


@pytest.mark.parametrize("line", ['"$@" | cat', '"$@" >> {log}; cat {log}'], ids=["pipe", "file"])
def test_dev_stdout_is_stdout(manifest: Path, tmp_path: Path, home: Path, line: str) -> None:
    log = tmp_path / "log"
    log.write_text("" if "|" in line else "what was there before\n")
    ended = program.shell(line.format(log=log), "audit", "-f", manifest, "-o", "json=/dev/stdout", home=home)
    before, brace, rest = ended.stdout.partition("{")
    assert before == log.read_text().partition("{")[0]
    assert json.loads(brace + rest)["schema"] == "auditor/v1"


def test_fail_on_never_still_fails_on_an_output(audited: Run, many: Path) -> None:
    assert audited("-f", many, "--fail-on", "never", "-o", "json=/dev/full").code == 4


def test_containers_of_the_samples_are_judged(audited: Run, tmp_path: Path) -> None:
    """The manifest that all of this stands on fails no standard, and nothing high, unless privileged."""
    clean = deployment()
    assert len(containers(clean)) == 1
    path = write(tmp_path / "a.yaml", clean)
    assert audited("-f", path).code == 0
    ended = audited("-f", path, "--framework", "pss_restricted", "-o", "json")
    assert (ended.code, ended.record.findings) == (0, ())
