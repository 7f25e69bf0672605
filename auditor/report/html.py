"""HTML: one file with everything in it, for a reader who has to believe it.

It asks for nothing from anywhere: style and script stand in it, and its content security policy
allows these two by their digests and no other. It is complete without the script.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import IO, Any

import jinja2
import msgspec
from markupsafe import Markup, escape

from auditor.data import templates
from auditor.record import Audit, Finding
from auditor.report import delta_view, set_by, view
from auditor.report.text import lines, visible


class HtmlRenderer:
    """Writes the page from the templates that ship with the program."""

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write the whole page to `out`. Raises `BundleError` if the templates are missing."""
        folder = templates()
        page = _environment(folder).get_template("report.html.j2")
        style, script = _inline(folder / "report.css"), _inline(folder / "report.js")
        context = {
            "audit": audit,
            "run": audit.audit,
            "source": view.facts(audit),
            "verdict": view.verdict(audit),
            "frameworks": view.frameworks(audit),
            "controls": _by_framework(audit),
            "sections": _sections(audit),
            "changes": _changes(audit),
            "news": frozenset(audit.delta.new if audit.delta else ()),
            "unverified": view.UNVERIFIED,
            "unjudged": view.unjudged(audit.not_evaluated),
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
    environment.filters.update(
        percent=view.percent,
        plural=view.plural,
        pretty=_pretty,
        paragraphs=_paragraphs,
        fields=_fields,
        set_by=set_by.words,
    )
    return environment


def _fields(entry: msgspec.Struct) -> dict[str, Any]:
    """The fields of an entry that say something, by name as people read it."""
    plain: dict[str, Any] = msgspec.to_builtins(entry, order="deterministic")
    if source := plain.get("source"):
        plain["source"] = f"{source['path']}, document {source['document']}, line {source['line']}"
    return {name.replace("_", " ").capitalize(): value for name, value in plain.items()}


def _finalize(value: Any) -> Any:
    """Make all that a template prints visible; autoescaping comes after."""
    return value if isinstance(value, Markup) else visible(str(value))


def _pretty(value: Any) -> Markup:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    return Markup("\n").join(escape(visible(line)) for line in text.split("\n"))


def _paragraphs(text: str) -> Markup:
    return Markup("\n").join(escape(line) for line in lines(text))


def _by_framework(audit: Audit) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for control in audit.controls:
        found.setdefault(control.framework, []).append(control)
    return dict(sorted(found.items()))


def _sections(audit: Audit) -> list[dict[str, Any]]:
    """Return the four lists that together hold every finding of the record exactly once."""
    lists: tuple[tuple[str, str, str, list[Finding]], ...] = (
        ("findings", "Findings", "", view.shown(audit)),
        (
            "system",
            "System namespaces",
            "Findings in namespaces that the platform brings along. They do not count for the exit code.",
            view.system(audit),
        ),
        (
            "waived",
            "Waived findings",
            "Accepted for now by a waiver. They still count as failed.",
            view.waived(audit),
        ),
        (
            "superseded",
            "Superseded findings",
            "The same root cause as another finding; they count for controls only.",
            view.superseded(audit),
        ),
    )
    return [
        {"id": anchor, "title": title, "lead": lead, "count": len(found), "groups": view.grouped(found)}
        for anchor, title, lead, found in lists
    ]


def _changes(audit: Audit) -> dict[str, Any] | None:
    """What is new and what is gone; None if there was nothing to compare with."""
    delta = audit.delta
    if delta is None:
        return None
    return {
        "since": delta_view.since(delta.against),
        "sentence": delta_view.sentence(delta),
        "new": delta_view.new(audit),
        "resolved": delta_view.resolved(delta),
        "unknown": delta_view.by_reason(delta.unknown),
        "rules": [(delta_view.RULES[field], names) for field, names in delta_view.rules(delta.rules)],
    }


def _inline(path: Path) -> Markup:
    # A file of our own, not text of a record.
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704


def _csp_digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
