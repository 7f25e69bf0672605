"""The standard streams, where the caller has closed one (`auditor ... >&-`) or its reader has gone."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TextIO

_WRONG_WAY = {"stdin": os.O_WRONLY, "stdout": os.O_RDONLY, "stderr": os.O_WRONLY}
"""How the null device is opened: reading stdin and writing stdout must fail, messages may get lost."""


def reopen_closed() -> None:
    """Put something in the place of each standard stream that is closed.

    Otherwise the next file that is opened gets its number, and what is meant for stdout lands in it.
    """
    for name, way in _WRONG_WAY.items():
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            stream = open(os.open(os.devnull, way), mode, encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, stream)


def silence(stream: TextIO) -> None:
    """Send what a standard stream still buffers nowhere, so that the interpreter does not fail at its end.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    with contextlib.suppress(OSError, ValueError):  # no stream of the operating system
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
