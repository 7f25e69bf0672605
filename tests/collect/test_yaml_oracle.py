"""Proof: scalars and documents are read exactly as kubectl's own parser reads them.

The oracle is tests/oracles/yaml around the Go module `sigs.k8s.io/yaml` v1.6.0. 6,000 scalars, each
in one of ten places, and 6,000 documents, times the environment variable AUDITOR_PROOF_SCALE.

What is known to differ comes from libyaml, which is newer than its port in Go, and from our limits;
the last tests pin it down, and the random documents leave it out.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.collect.kubectl import REFUSED, Oracle, oracle, ours, refusal

SCALE = int(os.environ.get("AUDITOR_PROOF_SCALE", "1"))
SCALARS, DOCUMENTS = 6000, 6000
PER_EXAMPLE = 20
UNHURRIED = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def kubectl() -> Iterator[Oracle]:
    with oracle() as running:
        yield running


# What the grammars of numbers, dates, booleans and YAML itself are made of. Spaces and quotes too.
ATOMS = [
    *"0 1 7 8 9 0x 0o 0b 0X 0O 0B + - _ . e E e3 e+ inf nan .inf -.Inf .NaN on off y N yes No true".split(),
    *"True TRUE null ~ Null << = 017 12:30 2001-01-01 T10:00:00Z a f F 1e3 99999999999 000".split(),
    *"9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616".split(),
    *"! % @ # é | > *a &a : ] } [ { ' , \\".split(),
    *(" ", ": ", " #", "\t", "\u2028", '"'),
]
TAGS = "!!str !!int !!float !!bool !!null !!binary !!merge !!map !own ! !<tag:yaml.org,2002:int>".split()
PLACES = [
    "$",
    "a: $",
    "$: 1",
    "- $\n- x",
    "[$, x]",
    "{k: $}",
    "? $\n: 1",
    "a: TAG $",
    'a: TAG "$"',
    'TAG "$": 1',
]

scalars = st.one_of(
    st.lists(st.sampled_from(ATOMS), min_size=1, max_size=5).map("".join),
    st.text("0123456789+-_.eExobBXO", min_size=1, max_size=9),
    st.integers(-(2**66), 2**66).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"[-+]?[0-9_]{1,24}(\.[0-9_]{0,20})?([eE][-+]?[0-9]{1,3})?", fullmatch=True),
    st.binary(max_size=6).map(lambda data: base64.b64encode(data).decode()),
)


@st.composite
def placed_scalars(draw: st.DrawFn) -> str:
    place = draw(st.sampled_from(PLACES))
    text = draw(scalars)
    if '"' in place:
        text = text.replace('"', "").replace("\\", "")
    return place.replace("TAG", draw(st.sampled_from(TAGS))).replace("$", text)


KNOWN_TO_DIFFER = re.compile(
    r":\s*[,\]}]"  # `[a:, b]`: see below
    r"|![^\s]*[,\[\]{}]"  # `[!a, b]`
    r"|\?"  # `[a?b]`
    r"|\\['/]"  # two escapes in double quotes
    r"|[\]}]\s*:"  # `{}: 1`
    r"|\A\s*\Z"  # a lone tab
    r"|^---|^\.\.\.",  # cutting documents is not the oracle's part
    re.MULTILINE,
)


REPLACEABLE = re.compile("infinity|a key is")
"""Our causes for what they complain of only if no later key replaces it; see below."""


def agree(kubectl: Oracle, text: str, *, replaced: bool = False) -> None:
    """Fail unless both read the same; what is known to differ is left out."""
    if KNOWN_TO_DIFFER.search(text):
        return
    theirs, mine = kubectl.read(text), ours(text)
    if mine != theirs and len({kubectl.read(text) for _ in range(20)}) > 1:
        return  # two keys like `on` and `yes` become the same text, and Go's map order decides
    if mine == REFUSED and theirs != REFUSED:
        assert theirs == "null" or (replaced and REPLACEABLE.match(refusal(text))), repr(text)
    else:
        assert mine == theirs, repr(text)


@settings(UNHURRIED, max_examples=SCALARS // PER_EXAMPLE * SCALE)
@given(texts=st.lists(placed_scalars(), min_size=PER_EXAMPLE, max_size=PER_EXAMPLE))
def test_random_scalars(kubectl: Oracle, texts: list[str]) -> None:
    for text in texts:
        agree(kubectl, text)


Node = tuple[str, Any]
"""Shape and content of a value that is to be written as YAML."""

SAFE = "name spec x on 017 1e3 = ~ é yes 0x1F 1.10 12:30 null 2001-01-01 1_000 a-b".split()
ODD = [
    *'&amp *star {x} [y] %p @at `tick !t | > :a << http://a/b #c back\\slash dq"x'.split(),
    *("a b", "a: b", "- z", "", "  lead", "trail ", "tab\there", "one\ntwo", "\u2028", "key with 'q'"),
]
KEYS = [*"abcdef", *(word for word in SAFE if word not in ("~", "null", "yes", "1_000")), *ODD]
SHAPES = ["mapping"] * 5 + ["list"] * 4 + ["flow mapping", "flow list", "anchor", "merge"] * 2


def random_node(random: Random, depth: int) -> Node:
    """A value nested at most `depth` levels."""
    if not depth or random.random() < 0.3:
        style = random.choice(["plain", "plain", "single", "double", "literal", "folded", "alias"])
        return style, random.choice(SAFE if style == "plain" else SAFE + ODD)
    shape = random.choice(SHAPES)
    if shape == "anchor":
        return shape, random_node(random, depth - 1)
    if shape == "merge":
        return shape, (random.random() < 0.5, random_node(random, depth - 1))
    if "list" in shape:
        return shape, [random_node(random, depth - 1) for _ in range(random.randint(1, 3))]
    return shape, random_members(random, depth - 1)


def random_members(random: Random, depth: int) -> list[tuple[str, Node]]:
    """Keys and values; now and then a key twice."""
    count = random.randint(1, 4)
    return [(random.choice(KEYS), random_node(random, depth)) for _ in range(count)]


def random_document(number: int) -> str:
    """A mapping written in many styles, every other one with a few characters changed.

    The same number gives the same text.
    """
    random = Random(number)
    text = Writer().block(("mapping", random_members(random, 4)), 0)[1:]
    for _ in range(random.choice([0, 0, 0, 1, 1, 2])):
        place = random.randrange(len(text) + 1)
        text = text[:place] + random.choice(ATOMS) + text[place + random.randint(0, 1) :]
    return text


class Writer:
    """Writes nodes as YAML; an alias refers to the last anchor that suits."""

    def __init__(self) -> None:
        self.anchors: list[str] = []
        self.of_mappings: list[str] = []

    def anchor(self, node: Node) -> str:
        name = f"a{len(self.anchors)}"
        self.anchors.append(name)
        if "mapping" in node[0]:
            self.of_mappings.append(name)
        return f"&{name} "

    def alias(self) -> str:
        return f"*{self.anchors[-1]} " if self.anchors else "none"

    def merged(self) -> str:
        return f"*{self.of_mappings[-1]} " if self.of_mappings else "[{x: 1, m: 2}, {m: 3}]"

    def flow(self, node: Node) -> str:
        """Text that can stand within a line."""
        shape, content = node
        if "mapping" in shape:
            return "{" + ", ".join(f"{self.key(key)}: {self.flow(value)}" for key, value in content) + "}"
        if "list" in shape:
            return "[" + ", ".join(self.flow(value) for value in content) + "]"
        if shape == "anchor":
            return self.flow(content) if content[0] == "alias" else self.anchor(content) + self.flow(content)
        if shape == "merge":
            return f"{{<<: {self.merged()}, x: {self.flow(content[1])}}}"
        if shape == "alias":
            return self.alias()
        if shape == "single":
            return "'" + str(content).replace("'", "''") + "'"
        return str(content) if shape == "plain" else json.dumps(content)

    def key(self, key: str) -> str:
        plain = re.fullmatch(r"[\w.=~é<]+( \w+)*", key)
        return key if plain else json.dumps(key)

    def block(self, node: Node, indent: int) -> str:
        """Text that follows `key:` or `-`, up to and with the end of its last line."""
        shape, content = node
        pad = " " * indent
        if shape == "anchor" and content[0] in ("mapping", "list"):
            return f" {self.anchor(content)}{self.block(content, indent)}"
        if shape in ("literal", "folded"):
            lines = "".join(f"{pad}  {line}\n" for line in content.strip().split("\n"))
            return f" {'|' if shape == 'literal' else '>-'}\n{lines}"
        if shape == "mapping":
            return "\n" + "".join(f"{pad}{self.key(k)}:{self.block(v, indent + 2)}" for k, v in content)
        if shape == "list":
            return "\n" + "".join(f"{pad}-{self.block(value, indent + 2)}" for value in content)
        if shape == "merge":
            first, value = content
            both = [f"{pad}<<: {self.merged()}\n", f"{pad}x:{self.block(value, indent + 2)}"]
            return "\n" + "".join(both if first else reversed(both))
        return f" {self.flow(node)}\n"


def test_random_documents(kubectl: Oracle) -> None:
    for number in range(DOCUMENTS * SCALE):
        agree(kubectl, random_document(number), replaced=True)


def test_the_random_documents_are_mostly_good_ones(kubectl: Oracle) -> None:
    """Two parsers that refuse everything agree too."""
    texts = [random_document(number) for number in range(1000)]
    compared = [text for text in texts if not KNOWN_TO_DIFFER.search(text)]
    good = [text for text in compared if kubectl.read(text) != REFUSED]
    assert len(good) > 400, f"{len(texts)} made, {len(compared)} compared, {len(good)} good"


@pytest.mark.parametrize(
    ("text", "theirs", "mine"),
    [
        pytest.param("a: [b:, c]", '{"a": ["b:", "c"]}', REFUSED, id="a colon before a comma"),
        pytest.param("a: [b?c]", REFUSED, '{"a": ["b?c"]}', id="a question mark in a flow list"),
        pytest.param("a: [!t, c]", '{"a": ["c"]}', '{"a": ["", "c"]}', id="a tag before a comma"),
        pytest.param('a: "\\\'"', '{"a": "\'"}', REFUSED, id="an escaped single quote"),
        pytest.param('a: "\\/"', REFUSED, '{"a": "/"}', id="an escaped slash, which JSON has"),
        pytest.param("{}: 1", "{}", REFUSED, id="they stop after the first thing"),
        pytest.param("~ #\n]", "null", REFUSED, id="nor beyond an empty document"),
        pytest.param("a: 1\n...\n]", '{"a": 1}', '{"a": 1}', id="they do not look further, we do"),
        pytest.param("\t", REFUSED, "null", id="nothing but a tab"),
        pytest.param("a: !!timestamp x", REFUSED, '{"a": "x"}', id="a timestamp that is none"),
        pytest.param("a: {~: 1}\na: 2", '{"a": 2}', REFUSED, id="a fault in a value that is replaced"),
        pytest.param("[" * 200 + "]" * 200, "[" * 200 + "]" * 200, REFUSED, id="our limit of depth"),
    ],
)
def test_what_is_known_to_differ(kubectl: Oracle, text: str, theirs: str, mine: str) -> None:
    assert (kubectl.read(text), ours(text)) == (theirs, mine)


def test_bombs_are_refused_by_both(kubectl: Oracle) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    agree(kubectl, "\n".join(lines))
    assert ours("\n".join(lines)) == REFUSED
