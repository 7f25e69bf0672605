"""A graph as SVG: one file or element that asks for nothing, in light and dark, readable without colours.

Text widths are reckoned for a fixed-width font, since nothing here can measure one. No ids, links or scripts:
several pictures may stand in one page, whose policy may forbid what is inline (`STYLE` apart).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import IO

import msgspec

from auditor.report.graph import Graph, Link, Look, name
from auditor.report.page import width
from auditor.report.text import visible

MOST = 36
"""Links that one picture shows: more of them nobody can follow."""

LONGEST = 34
"""Characters of a name or label; the whole one is its tooltip."""

STYLE = """\
.links{--paper:#fff;--ink:#16191d;--soft:#525b66;--line:#aab3bd;--box:#eef1f4;--amber:#8a5a00;--red:#b3261e;\
--green:#1a6b3c;--blue:#175cd3}
@media (prefers-color-scheme:dark){.links{--paper:#111418;--ink:#e8ebee;--soft:#a5afba;--line:#56616d;\
--box:#242b33;--amber:#f0c35a;--red:#ff9b93;--green:#6fcf97;--blue:#8ab4f8}}
.links .paper{fill:var(--paper)}
.links text{font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--ink)}
.links .title{font-weight:700;font-size:14px}
.links .soft{fill:var(--soft)}
.links .name{font-weight:700}
.links .box{fill:var(--box);stroke:var(--line)}
.links .pill{fill:var(--paper);stroke:none}
.links .line{fill:none;stroke-width:1.6}
.links .head{stroke:none}
.links .plain .line{stroke:var(--blue)}.links .plain .head,.links .plain .word{fill:var(--blue)}
.links .unsure .line{stroke:var(--amber);stroke-dasharray:6 4}
.links .unsure .head,.links .unsure .word{fill:var(--amber)}
.links .none .line{stroke:var(--soft);stroke-dasharray:1 4}
.links .none .head,.links .none .word{fill:var(--soft)}
.links .worse .line{stroke:var(--red);stroke-width:2.4}
.links .worse .head,.links .worse .word{fill:var(--red)}
.links .better .line{stroke:var(--green);stroke-dasharray:2 3}
.links .better .head,.links .better .word{fill:var(--green)}
"""
"""The colours: in the picture itself, or in the stylesheet of the page that it stands in."""

_CELL, _ROW, _BOX, _TALL, _GAP, _EDGE, _TOP = 7.3, 30, 40, 50, 64, 16, 44


class SvgRenderer(msgspec.Struct, frozen=True):
    """Writes a graph as an SVG file."""

    def render(self, graph: Graph, out: IO[str]) -> None:
        """Write the whole picture to `out`."""
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write(svg(graph, styled=True))


def svg(graph: Graph, *, styled: bool) -> str:
    """Return the picture as one `svg` element; without `styled` the page has `STYLE` in its stylesheet."""
    links = sorted(graph.links[:MOST], key=lambda one: (one.source, one.destination))
    left = _columns([one.source for one in links])
    middle = max((_wide(_cut(one.label)) for one in links), default=0.0)
    right = _columns([one.destination for one in links])
    edges = (_EDGE, _EDGE + left + _GAP, _EDGE + left + _GAP + middle + 12 + _GAP)
    whole = max(edges[2] + right + _EDGE, 420.0)
    rows, sources, tall = _rows(links)
    targets = _targets(links, rows, tall)
    low = _TOP + max(tall, len(targets) * _TALL)
    notes = [row for one in _notes(graph) for row in _wrapped(one, int((whole - 2 * _EDGE) / _CELL))]
    high = low + 12 + 18 * len(notes) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="links" role="img" width="{whole:.0f}" '
        f'height="{high:.0f}" viewBox="0 0 {whole:.0f} {high:.0f}">',
        f"<title>{_text(graph.title)}</title>",
        *([f"<style>{STYLE}</style>"] if styled else []),
        '<rect class="paper" width="100%" height="100%"/>',
        f'<text class="title" x="{_EDGE}" y="26">{_text(_cut(graph.title, int((whole - 32) / 8.6)))}</text>',
    ]
    for one, row in zip(links, rows, strict=True):
        ends = sources[one.source], row, targets[one.destination]
        parts += _link(one, ends, (edges[0] + left, edges[1], edges[1] + middle + 12, edges[2]))
    parts += [_box(end, edges[0], place, left) for end, place in sources.items()]
    parts += [_box(end, edges[2], place, right) for end, place in targets.items()]
    for number, note in enumerate(notes):
        parts.append(f'<text class="soft" x="{_EDGE}" y="{low + 20 + 18 * number:.0f}">{_text(note)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _notes(graph: Graph) -> Iterable[str]:
    if not graph.links:
        yield graph.empty
    if len(graph.links) > MOST:
        yield f"{len(graph.links) - MOST} more are not drawn."
    yield from graph.notes


def _rows(links: Sequence[Link]) -> tuple[list[float], dict[str, float], float]:
    """Return how low each link and each source stands, and how tall all of it is; links are in order."""
    rows: list[float] = []
    sources: dict[str, float] = {}
    top = float(_TOP)
    for source in dict.fromkeys(one.source for one in links):
        count = sum(one.source == source for one in links)
        tall = max(count * _ROW + 10, _TALL)
        first = top + (tall - (count - 1) * _ROW) / 2
        rows += [first + number * _ROW for number in range(count)]
        sources[source] = top + tall / 2
        top += tall
    return rows, sources, top - _TOP


def _targets(links: Sequence[Link], rows: Sequence[float], tall: float) -> dict[str, float]:
    """Return how low each destination stands: in the order of what leads to it, so that few lines cross."""
    led: dict[str, list[float]] = {}
    for one, row in zip(links, rows, strict=True):
        led.setdefault(one.destination, []).append(row)
    order = sorted(led, key=lambda end: (sum(led[end]) / len(led[end]), end))
    each = max(tall / len(order), _TALL) if order else 0
    return {end: _TOP + each * (number + 0.5) for number, end in enumerate(order)}


def _link(one: Link, ends: tuple[float, float, float], marks: tuple[float, float, float, float]) -> list[str]:
    """A line to the label, and an arrow from there to the box."""
    start, row, end = ends
    from_box, to_label, from_label, to_box = marks
    label = _cut(one.label)
    word = "word" if one.look is not Look.PLAIN else ""
    tip = to_box - 8
    return [
        f'<g class="{one.look}"><title>{_text(f"{one.source} to {one.destination}: {one.label}")}</title>',
        f'<path class="line" d="{_curve(from_box, start, to_label, row)}"/>',
        f'<path class="line" d="M{to_label + 10 + _wide(label):.1f} {row:.1f} L{from_label:.1f} {row:.1f}"/>',
        f'<path class="line" d="{_curve(from_label, row, tip, end)}"/>',
        f'<path class="head" d="M{tip:.1f} {end - 4:.1f} L{to_box:.1f} {end:.1f} '
        f'L{tip:.1f} {end + 4:.1f} Z"/>',
        f'<text class="{word or "soft"}" x="{to_label + 6:.1f}" y="{row + 4:.1f}">{_text(label)}</text></g>',
    ]


def _curve(left: float, start: float, right: float, end: float) -> str:
    bend = (left + right) / 2
    return f"M{left:.1f} {start:.1f} C{bend:.1f} {start:.1f} {bend:.1f} {end:.1f} {right:.1f} {end:.1f}"


def _box(end: str, left: float, middle: float, wide: float) -> str:
    first, second = (_cut(one) for one in name(end))
    top = middle - _BOX / 2
    texts = f'<text class="name" x="{left + 8:.1f}" y="{middle - 3 if second else middle + 4:.1f}">'
    texts += f"{_text(first)}</text>"
    if second:
        texts += f'<text class="soft" x="{left + 8:.1f}" y="{middle + 13:.1f}">{_text(second)}</text>'
    frame = f'<rect class="box" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{_BOX}" rx="5"/>'
    return f"<g><title>{_text(end)}</title>{frame}{texts}</g>"


def _columns(ends: Sequence[str]) -> float:
    lines = [_cut(line) for end in ends for line in name(end)]
    return max(map(_wide, lines), default=0.0) + 16


def _wide(text: str) -> float:
    return width(text) * _CELL


def _cut(text: str, longest: int = LONGEST) -> str:
    """A text that fits, without its middle: names differ at their ends."""
    safe = visible(text)
    if width(safe) <= longest:
        return safe
    head = tail = ""
    for first, last in zip(safe, reversed(safe), strict=True):
        if width(head) + width(tail) + 5 > longest:
            break
        head, tail = head + first, last + tail
    return f"{head}…{tail}"


def _wrapped(text: str, longest: int) -> list[str]:
    """A note in lines; what is longer than three is cut."""
    rows = [""]
    for word in visible(text).split(" "):
        if rows[-1] and width(rows[-1]) + width(word) + 1 > longest:
            rows.append("")
        rows[-1] = f"{rows[-1]} {_cut(word, longest)}".strip()
    return rows[:3] if len(rows) <= 3 else [*rows[:2], _cut(f"{rows[2]} …", longest)]


def _text(text: str) -> str:
    """Text between tags: without controls, of which XML knows no escape."""
    return escape(visible(text))
