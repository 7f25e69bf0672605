"""Every error that a user can meet, and the exit code that it ends in.

AuditorError
├── UsageError          2   a flag, a path, a configuration file or a policy is wrong
│   ├── ConfigError         auditor.yaml
│   └── BundleError         a policy, a framework, or the bundle made of them
├── IncompleteError     3   nothing could be collected or evaluated
│   ├── SourceError         the cluster or the manifests could not be read at all
│   └── EngineError         OPA is missing, of the wrong version, or died for good
└── OutputError         4   a report could not be written
    └── StoreError          the store of earlier audits could not be read or written

What went wrong with a single kind, document or policy is no exception: it is a `model.Gap` or a
result with the status `not_evaluated`, and the audit goes on.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class AuditorError(Exception):
    """One thing that ends the run.

    The message names the file, line or object and what is wrong; `hint` says what to do about it.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep the message as `str(error)` and the advice beside it."""
        super().__init__(message)
        self.hint = hint


class UsageError(AuditorError):
    """A flag or an argument is wrong."""


class ConfigError(UsageError):
    """The configuration file is wrong."""


class BundleError(UsageError):
    """A policy, a framework or the bundle built of them cannot be used."""


class IncompleteError(AuditorError):
    """The audit could not be done at all."""

    exit_code: ClassVar[int] = 3


class SourceError(IncompleteError):
    """The source could not be read at all: no cluster, no rights, no files."""


class EngineError(IncompleteError):
    """OPA could not be found, started, or kept alive."""


class OutputError(AuditorError):
    """A report could not be written."""

    exit_code: ClassVar[int] = 4


class StoreError(OutputError):
    """The store of earlier audits could not be read or written."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" for the nearest known word, or "" if none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
