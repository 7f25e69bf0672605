"""A graph in the language of Graphviz, whole: `auditor reach SOURCE -o dot | dot -Tpng`."""

from __future__ import annotations

from typing import IO

import msgspec

from auditor.report.graph import Graph, Look, name
from auditor.report.text import visible

_LOOKS = {
    Look.PLAIN: "",
    Look.UNSURE: ', style=dashed, color="#8a5a00"',
    Look.NONE: ', style=dotted, color="#525b66"',
    Look.WORSE: ', penwidth=2, color="#b3261e"',
    Look.BETTER: ', style=dashed, color="#1a6b3c"',
}


class DotRenderer(msgspec.Struct, frozen=True):
    """Writes a graph as Graphviz reads it (https://graphviz.org/doc/info/lang.html)."""

    def render(self, graph: Graph, out: IO[str]) -> None:
        """Write the whole graph to `out`."""
        out.write("digraph auditor {\n  rankdir=LR;\n  node [shape=box];\n")
        notes = graph.notes if graph.links else (graph.empty, *graph.notes)
        label = r"\l".join(map(_escaped, (graph.title, *notes)))
        out.write(f'  labelloc=b; labeljust=l;\n  label="{label}\\l";\n')
        ends = dict.fromkeys(end for one in graph.links for end in (one.source, one.destination))
        places = {end: f"n{number}" for number, end in enumerate(ends)}
        for end, place in places.items():
            lines = r"\n".join(_escaped(line) for line in name(end) if line)
            out.write(f'  {place} [label="{lines}"];\n')
        for one in graph.links:
            arrow = f"{places[one.source]} -> {places[one.destination]}"
            out.write(f'  {arrow} [label="{_escaped(one.label)}"{_LOOKS[one.look]}];\n')
        out.write("}\n")


def _escaped(text: str) -> str:
    r"""Text inside of quotes: a backslash begins an escape there (`\N`, `\l`), and `&` an entity."""
    return visible(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
