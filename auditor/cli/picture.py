"""`-o svg` and `-o dot`: answers that are drawn."""

from __future__ import annotations

from auditor.network.change import Change
from auditor.network.reach import Reach
from auditor.report.graph_dot import DotRenderer
from auditor.report.graph_svg import SvgRenderer
from auditor.report.reach_graph import Drawing
from auditor.report.write import Renders

PICTURES = ("svg", "dot")


def drawing(form: str) -> Renders[Reach | Change]:
    """Return what draws an answer in one of `PICTURES`."""
    return Drawing(SvgRenderer() if form == "svg" else DotRenderer())
