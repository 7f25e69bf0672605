"""Messages to the person at the keyboard, or to the log: on stderr, never on stdout."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Literal

import msgspec

from auditor.cli.streams import silence
from auditor.report.text import visible

LogFormat = Literal["text", "json"]

_SET: ContextVar[LogFormat | None] = ContextVar("log_format", default=None)
"""What the configuration file says, once it is read: what goes wrong afterwards has that form too."""


class Messages(msgspec.Struct, frozen=True):
    """Writes one line per message, or two with advice."""

    format: LogFormat = "text"
    early: bool = False
    """Made before the configuration file is read, whose form counts as soon as it is."""

    @classmethod
    def wanted_by(cls, arguments: Sequence[str]) -> Messages:
        """Read --log-format from the raw arguments: errors of the parser itself obey it too."""
        _SET.set(None)
        joined = " ".join(arguments)
        asked = "--log-format json" in joined or "--log-format=json" in joined
        return cls("json" if asked else "text", early=True)

    @classmethod
    def settled(cls, form: LogFormat) -> Messages:
        """Return messages of the form that is in force, flags and file considered."""
        _SET.set(form)
        return cls(form)

    def error(self, message: str, hint: str = "") -> None:
        """Say what went wrong, and what to do."""
        self._write("error", message, hint)

    def warning(self, message: str) -> None:
        """Say what is odd in the input and did not stop the run."""
        self._write("warning", message, "")

    def note(self, message: str) -> None:
        """Say what is going on."""
        self._write("note", message, "")

    def _write(self, level: str, message: str, hint: str) -> None:
        lines = [visible(line) for line in message.splitlines() or [""]]
        form = _SET.get() if self.early else None
        if (form or self.format) == "json":
            fields = {
                "level": level,
                "message": "\n".join(lines),
                **({"hint": visible(hint)} if hint else {}),
            }
            text = msgspec.json.encode(fields).decode()
        else:
            text = f"{level}: " + "\n  ".join(lines) + (f"\n  hint: {visible(hint)}" if hint else "")
        # a full disk under stderr must not change the exit code, all that can still be told
        try:
            print(text, file=sys.stderr, flush=True)
        except OSError:
            silence(sys.stderr)
