"""HTML: one file with everything in it, for a reader who has to believe it.

It asks for nothing from anywhere: style and script stand in it, and its content security policy
allows these two by their digests and no other. It is complete without the script.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

import jinja2
import msgspec
from markupsafe import Markup, escape

from auditor.data import templates
from auditor.record import Audit
from auditor.report import by_hand, html_facts, html_findings, html_pictures, set_by, view
from auditor.report.anchors import anchor
from auditor.report.text import lines, visible

OPEN = 20
"""Findings up to which all are unfolded: so many are read from the top to the bottom."""


class HtmlRenderer:
    """Writes the page from the templates that ship with the program."""

    def __init__(self, most: int = html_findings.MOST) -> None:
        """Hold at most so many findings; the record has them all."""
        self._most = most

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write the whole page to `out`. Raises `BundleError` if the templates are missing."""
        folder = templates() / "html"
        page = _environment(folder).get_template("report.html.j2")
        style, script = _inline(folder / "report.css", folder / "print.css"), _inline(folder / "report.js")
        listing = html_findings.listing(audit, most=self._most)
        context = {
            "audit": audit,
            "run": audit.audit,
            "source": view.facts(audit),
            "verdict": view.verdict(audit),
            "unverified": view.UNVERIFIED,
            "severities": html_pictures.SEVERITIES,
            "listing": listing,
            "open": listing.shown <= OPEN,
            "news": frozenset(audit.delta.new if audit.delta else ()),
            **html_facts.facts(audit, listing),
            "style": style,
            "script": script,
            "digests": {"style": _csp_digest(style), "script": _csp_digest(script)},
        }
        for chunk in page.generate(context):
            out.write(chunk)


@cache
def _environment(folder: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(anchor=anchor, by_hand=by_hand.command, LONGEST=html_facts.LONGEST)
    environment.filters.update(
        percent=view.percent,
        plural=view.plural,
        pretty=_pretty,
        paragraphs=_paragraphs,
        fields=_fields,
        words=_words,
        set_by=set_by.words,
        steps=_steps,
        shell=shlex.quote,
    )
    return environment


def _words(name: str) -> str:
    """Write a status, a state or a cause as people read it."""
    return name.replace("_", " ")


def _steps(evidence: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """The way that evidence tells step by step, as `auditor/access/cuts.py` writes it; none is empty."""
    path = evidence.get("path")
    named = ("from", "how", "to")
    if not isinstance(path, list | tuple) or not all(isinstance(step, dict) for step in path):
        return []
    whole = all(isinstance(step.get(name), str) for step in path for name in named)
    return [{name: step[name] for name in named} for step in path] if whole else []


def _fields(entry: msgspec.Struct) -> dict[str, Any]:
    """The fields of an entry that say something, by name as people read it."""
    plain: dict[str, Any] = msgspec.to_builtins(entry, order="deterministic")
    if source := plain.get("source"):
        plain["source"] = f"{source['path']}, document {source['document']}, line {source['line']}"
    return {_words(name).capitalize(): value for name, value in plain.items()}


def _finalize(value: Any) -> Any:
    """Make all that a template prints visible; autoescaping comes after."""
    return value if isinstance(value, Markup) else visible(str(value))


def _pretty(value: Any) -> Markup:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    return Markup("\n").join(escape(visible(line)) for line in text.split("\n"))


def _paragraphs(text: str) -> Markup:
    return Markup("\n").join(escape(line) for line in lines(text))


def _inline(*paths: Path) -> Markup:
    # Files of our own, not text of a record.
    return Markup("".join(path.read_text(encoding="utf-8") for path in paths))  # noqa: S704


def _csp_digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
