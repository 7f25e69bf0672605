"""Where a report goes: to standard output, or whole into a file, or not at all."""

from __future__ import annotations

import codecs
import errno
import io
import os
import secrets
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol, TypeVar, cast

from auditor.errors import OutputError

_ADVICE = {
    errno.ENOSPC: "free some space, or write the report elsewhere",
    errno.EDQUOT: "free some space, or write the report elsewhere",
    errno.EFBIG: "the file system or a limit allows no file of this size: write the report elsewhere",
    errno.EROFS: "the file system is read-only: write the report elsewhere",
    errno.EACCES: "name a folder that you may write to",
    errno.EPERM: "name a folder that you may write to",
}


Record = TypeVar("Record")
Record_contra = TypeVar("Record_contra", contravariant=True)


class Renders(Protocol[Record_contra]):
    """What writes one sort of record: `ports.Renderer` that of an audit, others theirs."""

    def render(self, record: Record_contra, /, out: IO[str]) -> None:
        """Write the whole record to `out`."""


def write(audit: Record, renderer: Renders[Record], path: str) -> None:
    """Render `audit`, or another record, to `path`, or to standard output if it is `-`, always as UTF-8.

    A file appears whole under its name or not at all: it is written beside it and renamed. What is
    no file (a pipe, a device) is written to as it is. Raises `OutputError`, which names path and cause.
    """
    if path == "-":
        _to_stdout(audit, renderer)
    else:
        # Not private to the user: a report has the mode that the umask gives.
        _to_path(path, lambda out: _render(audit, renderer, out), 0o666)


def save(path: str, fill: Callable[[IO[bytes]], None]) -> None:
    """Write a file that is no report, as `fill` fills it, readable for its owner only; raises as `write`."""
    _to_path(path, fill, 0o600)


def _to_path(path: str, fill: Callable[[IO[bytes]], None], mode: int) -> None:
    try:
        # /dev/stderr is asked as it is: its real path may be a pipe without a name
        if _is_stream(Path(path)):
            with Path(path).open("wb") as out:
                fill(out)
        else:
            # A link stays a link: what it points to is replaced.
            target = Path(os.path.realpath(path))
            _check(target, path)
            _replace(target, fill, mode)
    except OSError as error:
        raise _failed(path, error) from error


def _render(audit: Record, renderer: Renders[Record], out: IO[bytes]) -> None:
    text = io.TextIOWrapper(cast("io.BytesIO", out), encoding="utf-8", newline="\n")
    renderer.render(audit, text)
    text.flush()
    text.detach()


def _is_stream(target: Path) -> bool:
    """Say whether something stands there that must not be replaced by a file, like /dev/null."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _check(target: Path, path: str) -> None:
    if target.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder", hint="name a file in it")
    if not target.parent.is_dir():
        raise OutputError(
            f"cannot write {path}: the folder {target.parent} does not exist", hint="create the folder first"
        )


def _replace(target: Path, fill: Callable[[IO[bytes]], None], mode: int) -> None:
    temporary = target.with_name(f".auditor-{secrets.token_hex(8)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(descriptor, "wb") as out:
            fill(out)
            out.flush()
            # Some file systems report a full disk only now; a crash must not leave half a file either.
            os.fsync(descriptor)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _to_stdout(audit: Record, renderer: Renders[Record]) -> None:
    out = cast("IO[str]", codecs.getwriter("utf-8")(sys.stdout.buffer))
    try:
        sys.stdout.flush()
        renderer.render(audit, out)
        sys.stdout.buffer.flush()
    except OSError as error:
        _silence_stdout()
        raise _failed("standard output", error) from error
    except BaseException:
        # interrupted: what is left in the buffer would wait for a reader who has stopped reading
        _silence_stdout()
        raise


def _silence_stdout() -> None:
    """Send what is still buffered nowhere, so that the interpreter does not fail on it at its end.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _failed(path: str, error: OSError) -> OutputError:
    if isinstance(error, BrokenPipeError):
        return OutputError(f"cannot write {path}: its reader has gone away", hint="the report is incomplete")
    cause = error.strerror or str(error)
    return OutputError(f"cannot write {path}: {cause}", hint=_ADVICE.get(error.errno or 0, ""))
