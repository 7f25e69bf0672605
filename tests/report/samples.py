"""Writes reports/samples: one golden per format, of one small audit.

    .venv/bin/python -m tests.report.samples

Run it when a format has changed on purpose, and read the difference before committing it.
"""

from __future__ import annotations

from pathlib import Path

from auditor.ports import Renderer
from auditor.report.csv import CsvRenderer
from auditor.report.github import GithubRenderer
from auditor.report.html import HtmlRenderer
from auditor.report.json import JsonRenderer
from auditor.report.junit import JunitRenderer
from auditor.report.metrics import MetricsRenderer
from auditor.report.sarif import SarifRenderer
from auditor.report.summary import SummaryRenderer
from auditor.report.table import TableRenderer
from tests.report.records import FAILED, audit
from tests.report.screens import rendered

FOLDER = Path(__file__).parents[2] / "reports" / "samples"
SAMPLES: dict[str, Renderer] = {
    "audit.html": HtmlRenderer(),
    "audit.json": JsonRenderer(),
    "audit.terminal.txt": TableRenderer(FAILED, tty=True, width=80),
    "audit.piped.txt": TableRenderer(FAILED, tty=False),
    "audit.sarif": SarifRenderer(),
    "audit.junit.xml": JunitRenderer(),
    "audit.csv": CsvRenderer(),
    "audit.comment.md": SummaryRenderer(),
    "audit.github.txt": GithubRenderer(),
    "audit.prom": MetricsRenderer(),
}
"""By file name."""


def main() -> None:
    """Write every sample."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, renderer in SAMPLES.items():
        (FOLDER / name).write_text(rendered(renderer, audit()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
