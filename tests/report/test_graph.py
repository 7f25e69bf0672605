"""Pictures: drawn whole, safe whatever names are, and true about what they leave out."""

from __future__ import annotations

import io
import re
from collections import Counter
from xml.etree import ElementTree

import pytest

from auditor.network.reach import Unread, end, reach
from auditor.network.space import Reading
from auditor.report.graph import Graph, Link, Look
from auditor.report.graph_dot import DotRenderer
from auditor.report.graph_svg import LONGEST, MOST, STYLE, SvgRenderer, svg
from auditor.report.reach_graph import Drawing, graph
from auditor.report.text import visible
from tests.network.shop import DB, JOB, WEB, namespaces, pods, policy, read
from tests.network.test_change import CLOSED, OPENED, compare
from tests.report.hostile import CORPUS, HARMLESS

SVG = "{http://www.w3.org/2000/svg}"

every_text = pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS.keys())


def dot(drawn: Graph) -> str:
    out = io.StringIO()
    DotRenderer().render(drawn, out)
    return out.getvalue()


def texts(drawn: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


def shape(drawn: str) -> Counter[tuple[str, ...]]:
    """Elements and names of attributes, without texts and sizes."""
    return Counter((one.tag, *sorted(one.attrib)) for one in ElementTree.fromstring(drawn).iter())


def poisoned(text: str) -> Graph:
    links = [Link(text, f"{text}/{text}/{text}", text, look) for look in Look]
    return Graph(text, [*links, Link("a", "b", "c")], [text])


@every_text
def test_svg_has_the_same_structure_as_with_harmless_text(text: str) -> None:
    drawn = svg(poisoned(text), styled=True)
    assert drawn.encode("utf-8")
    if "/" not in text and " " not in text:  # which make more boxes, or more lines
        assert shape(drawn) == shape(svg(poisoned(HARMLESS), styled=True))
    tree = ElementTree.fromstring(drawn)
    tags = {one.tag.removeprefix(SVG) for one in tree.iter()}
    assert tags == {"svg", "title", "style", "rect", "text", "path", "g"}
    attributes = {name for one in tree.iter() for name in one.attrib}
    assert attributes == {
        *("class", "role", "width", "height", "viewBox", "x", "y", "rx", "d"),
    }
    found = "".join(tree.itertext())
    assert visible(text).strip() in found
    for line in found.split("\n"):
        assert visible(line) == line


@every_text
def test_dot_keeps_hostile_text_inside_of_its_quotes(text: str) -> None:
    drawn = dot(poisoned(text))
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', drawn)
    assert bare == re.sub(r'"(?:[^"\\]|\\.)*"', '""', dot(poisoned(HARMLESS)))
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', drawn)
    # only our own line ends are escapes of Graphviz, and `&` never begins an entity
    assert all(not re.search(r"&(?!amp;)", one) for one in quoted)
    assert {one for each in quoted for one in re.findall(r"\\(.)", each)} <= {"\\", '"', "n", "l"}


def test_answers_are_drawn() -> None:
    found = read(*namespaces(), *pods(), OPENED)
    network = found.network(Reading())
    drawn = graph(reach(network, end(WEB), end(DB)))
    assert [(one.label, one.look) for one in drawn.links] == [
        ("open: TCP 5432", Look.PLAIN),
        ("unknown: UDP 9", Look.UNSURE),
    ]
    shown = texts(svg(drawn, styled=False))
    assert {"web", "Pod in shop", "db", "open: TCP 5432", "unknown: UDP 9"} <= set(shown)
    closed = read(*namespaces(), *pods(), CLOSED).network(Reading())
    assert [one.label for one in graph(reach(closed, end(JOB), end(DB))).links] == ["closed"]
    change = compare(read(*namespaces(), *pods(), CLOSED), found, end(WEB), end(DB))
    assert [one.label for one in graph(change).links] == ["opens TCP 5432", "unknown now: UDP 9"]
    back = compare(found, read(*namespaces(), *pods(), CLOSED), end(WEB), end(DB))
    assert [one.label for one in graph(back).links] == ["closes TCP 5432, UDP 9"]
    gone = compare(found, read(*namespaces(), *pods()[1:], OPENED), end(WEB), end(DB))
    assert [one.label for one in graph(gone).links] == ["closes TCP 5432, UDP 9 (gone)"]


def test_what_is_not_known_stands_below() -> None:
    network = read(*namespaces(), *pods(), policy({})).network(Reading())
    record = reach(network, end(JOB), end(DB), (), [Unread("NetworkPolicy", "403")])
    for drawn in (" ".join(texts(svg(graph(record), styled=False))), dot(graph(record))):
        assert "Not all was read, so that something may be missing: NetworkPolicy." in drawn
        assert "Not looked at: whether anything enforces policies" in drawn
    nothing = reach(network, end("external"), end(DB))
    empty = Graph("t", [], ["note"], "Nothing is open.")
    assert nothing.reach
    assert texts(svg(empty, styled=True)) == ["t", "Nothing is open.", "note"]
    assert "Nothing is open." in dot(empty)


def test_more_than_people_can_follow_is_counted_and_dot_has_all() -> None:
    drawn = Graph("t", [Link("a", f"n{number}", "x") for number in range(MOST + 5)])
    shown = texts(svg(drawn, styled=True))
    assert "5 more are not drawn." in shown
    assert sum(bool(re.fullmatch(r"n\d+", one)) for one in shown) == MOST
    assert dot(drawn).count("->") == MOST + 5
    assert not any("more are" in one for one in texts(svg(Graph("t", drawn.links[:MOST]), styled=True)))


def test_long_names_keep_their_ends_and_boxes_do_not_meet() -> None:
    long = f"shop/Deployment/{'a' * 60}-first"
    links = [Link(long, f"shop/Pod/{number}", "y" * 90) for number in range(8)]
    drawn = svg(Graph("t", [*links, Link("b", "c", "x")]), styled=True)
    [name] = [one for one in texts(drawn) if one.endswith("-first")]
    assert len(name) <= LONGEST
    assert "…" in name
    tree = ElementTree.fromstring(drawn)
    assert long in [one.text for one in tree.iter(f"{SVG}title")]
    boxes: dict[float, list[float]] = {}
    for one in tree.iter(f"{SVG}rect"):
        if one.get("class") == "box":
            boxes.setdefault(float(one.attrib["x"]), []).append(float(one.attrib["y"]))
    assert sorted(map(len, boxes.values())) == [2, 9]
    for tops in boxes.values():
        assert all(low - high >= 40 for high, low in zip(sorted(tops), sorted(tops)[1:], strict=False))
    assert float(tree.attrib["height"]) > max(max(tops) for tops in boxes.values()) + 40


def test_light_and_dark_and_a_page_that_forbids_styles() -> None:
    drawn = Graph("t", [Link("a", "b", "c")])
    out = io.StringIO()
    SvgRenderer().render(drawn, out)
    assert out.getvalue().startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg ')
    assert "prefers-color-scheme:dark" in out.getvalue()
    inline = svg(drawn, styled=False)
    assert "<style" not in inline
    assert "style=" not in inline
    # every class that is used has its colours
    used = {word for one in re.findall(r'class="([^"]+)"', inline) for word in one.split()}
    assert used - {"links"} <= set(re.findall(r"\.([a-z]+)", STYLE))
    named = set(re.findall(r"var\((--\w+)\)", STYLE))
    light, dark = re.findall(r"\.links\{(--[^}]*)\}", STYLE)
    assert named <= set(re.findall(r"--\w+(?=:)", light)) == set(re.findall(r"--\w+(?=:)", dark))


def test_a_drawing_renders_an_answer() -> None:
    network = read(*namespaces(), *pods()).network(Reading())
    out = io.StringIO()
    Drawing(DotRenderer()).render(reach(network, end(WEB), end(DB)), out)
    assert 'n0 -> n1 [label="open: everything"];' in out.getvalue()
