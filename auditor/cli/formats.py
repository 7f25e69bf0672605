"""The forms of a report: `-o FORMAT`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from auditor.cli.outputs import Look, Output, look
from auditor.judge.outcome import Outcome
from auditor.ports import Renderer
from auditor.report.json import JsonRenderer
from auditor.report.shape import Shape
from auditor.report.terminal import ColorFlag


def renderer(color: ColorFlag, shape: Shape, output: Output, ending: Outcome) -> Renderer:
    """Return what writes one output of an audit that ends so."""
    return FORMATS[output.format](ending, look(output, color, shape))


# only who needs the screen or the template engine waits for it to be imported


def _table(ending: Outcome, look: Look) -> Renderer:
    from auditor.report.table import TableRenderer

    return TableRenderer(ending, tty=look.tty, color=look.color, ascii=look.ascii, shape=look.shape)


def _html(*_: object) -> Renderer:
    from auditor.report.html import HtmlRenderer

    return HtmlRenderer()


def _sarif(*_: object) -> Renderer:
    from auditor.report.sarif import SarifRenderer

    return SarifRenderer(_repository())


def _junit(*_: object) -> Renderer:
    from auditor.report.junit import JunitRenderer

    return JunitRenderer()


def _csv(*_: object) -> Renderer:
    from auditor.report.csv import CsvRenderer

    return CsvRenderer()


def _github(*_: object) -> Renderer:
    from auditor.report.github import GithubRenderer

    return GithubRenderer(_repository())


def _comment(*_: object) -> Renderer:
    from auditor.report.summary import COMMENT, SummaryRenderer

    return SummaryRenderer(COMMENT)


def _summary(*_: object) -> Renderer:
    from auditor.report.summary import SUMMARY, SummaryRenderer

    return SummaryRenderer(SUMMARY)


def _metrics(*_: object) -> Renderer:
    from auditor.report.metrics import MetricsRenderer

    return MetricsRenderer()


def _repository() -> str:
    """Where the repository lies: CI begins in it."""
    return os.environ.get("GITHUB_WORKSPACE") or str(Path.cwd())


FORMATS: Mapping[str, Callable[[Outcome, Look], Renderer]] = {
    "table": _table,
    "json": lambda *_: JsonRenderer(),
    "html": _html,
    "sarif": _sarif,
    "junit": _junit,
    "csv": _csv,
    "markdown": _comment,
    "github": _github,
    "summary": _summary,
    "metrics": _metrics,
}
"""How each format is made; a new one is one more line."""
