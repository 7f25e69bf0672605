"""Workflow commands of GitHub Actions: findings as annotations of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands. A step may have ten
errors and ten warnings; the others are dropped there without a word, so that what is new and bad comes first
and the rest is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import msgspec

from auditor.record import Audit, Finding
from auditor.report import delta_view, view
from auditor.report.repository import inside
from auditor.report.text import visible
from auditor.rules import Severity

MAX_OF_A_SORT = 10
"""Errors, and warnings, that one step may have."""

_ERRORS = (Severity.CRITICAL, Severity.HIGH)


class GithubRenderer(msgspec.Struct, frozen=True):
    """Writes an audit as workflow commands."""

    root: str = ""
    """The folder of the repository, which paths of manifests are relative to; "" leaves them as they are."""

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write at most ten errors and ten warnings, and one notice that counts all there is."""
        new = frozenset(audit.delta.new if audit.delta else ())
        found = sorted(
            view.shown(audit),
            key=lambda one: (one.fingerprint not in new, one.severity.rank, one.policy, one.fingerprint),
        )
        errors = [one for one in found if one.severity in _ERRORS]
        warnings = [one for one in found if one.severity not in _ERRORS]
        for command, some in (("error", errors), ("warning", warnings)):
            for finding in some[:MAX_OF_A_SORT]:
                out.write(_annotation(command, finding, self.root))
        shown = min(len(errors), MAX_OF_A_SORT) + min(len(warnings), MAX_OF_A_SORT)
        told = "; ".join(_told(audit, len(found), shown))
        out.write(f"::notice title=auditor::{_data(told)}\n")


def _told(audit: Audit, total: int, shown: int) -> Iterator[str]:
    sentence = view.verdict(audit)
    yield sentence.headline
    if total > shown:
        yield f"{shown} of {total} are annotated"
    if audit.delta:
        yield f"{delta_view.sentence(audit.delta)} since {delta_view.since(audit.delta.against)}"
    yield from sentence.reasons


def _annotation(command: str, finding: Finding, root: str) -> str:
    source = finding.resource.source
    fields = {"file": inside(source.path, root), "line": str(source.line)} if source else {}
    fields["title"] = f"{finding.title} ({finding.severity})"
    properties = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    return f"::{command} {properties}::{_data(f'{finding.resource}: {finding.message} [{finding.policy}]')}\n"


def _data(text: str) -> str:
    """A message: `visible` leaves no line break in it, and a percent sign begins an escape."""
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
