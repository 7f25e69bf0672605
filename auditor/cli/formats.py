"""The forms of a report: `-o FORMAT`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from auditor.cli.outputs import Look, Output, look
from auditor.judge.outcome import Outcome
from auditor.ports import Renderer
from auditor.report.json import JsonRenderer
from auditor.report.terminal import ColorFlag


def renderer(color: ColorFlag, output: Output, ending: Outcome) -> Renderer:
    """Return what writes one output of an audit that ends so."""
    return FORMATS[output.format](ending, look(output, color))


# only who needs the screen or the template engine waits for it to be imported


def _table(ending: Outcome, look: Look) -> Renderer:
    from auditor.report.table import TableRenderer

    return TableRenderer(ending, tty=look.tty, color=look.color, ascii=look.ascii)


def _html(*_: object) -> Renderer:
    from auditor.report.html import HtmlRenderer

    return HtmlRenderer()


FORMATS: Mapping[str, Callable[[Outcome, Look], Renderer]] = {
    "table": _table,
    "json": lambda *_: JsonRenderer(),
    "html": _html,
}
"""How each format is made; a new one is one more line."""
