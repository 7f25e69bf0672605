"""YAML and JSON documents: values, line numbers, limits, and errors that quote nothing."""

from __future__ import annotations

import json
import time

import pytest

from auditor.collect import compose
from auditor.collect.compose import MAX_ALIASED, MAX_DEPTH, YamlDocument, YamlError
from auditor.collect.lines import LineTree
from auditor.collect.yaml import MAX_BROKEN, MAX_BYTES, documents


def load(text: str | bytes) -> list[YamlDocument | YamlError]:
    return list(documents(text.encode() if isinstance(text, str) else text))


def only(text: str | bytes) -> YamlDocument:
    [document] = load(text)
    assert isinstance(document, YamlDocument), f"{document.line}: {document}"
    return document


def values(text: str | bytes) -> list[object]:
    return [item.value if isinstance(item, YamlDocument) else "broken" for item in load(text)]


def error(text: str | bytes) -> YamlError:
    found = [item for item in load(text) if isinstance(item, YamlError)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("=", "="),
        ("on", True),
        ("y", True),
        ("Off", False),
        ("yEs", "yEs"),
        ("0o17", 15),
        ("017", 15),
        ("08", 8),
        ("0x1F", 31),
        ("0b101", 5),
        ("-0b101", -5),
        ("1e3", 1000),
        ("1.0", 1),
        ("1.10", 1.1),
        (".5", 0.5),
        (".5_0", 0.5),
        (".5__0", ".5__0"),
        (".5e1_0", 5000000000),
        (".5_e1", ".5_e1"),
        ("12:30", "12:30"),
        ("2001-01-01", "2001-01-01"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("1_000", 1000),
        ("~", None),
        ("", None),
        ("Null", None),
        ('""', ""),
        ("'on'", "on"),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("!!float 3", 3),
        ("!!binary aGk=", "hi"),
        ("!!bool 'no'", False),
        ("!custom 12", "12"),
        ("9223372036854775808", 2**63),
        ("18446744073709551616", 18446744073709552000),
        ("-9223372036854775809", -9223372036854776000),
        ("1e21", 1e21),
        ("1e999", "1e999"),
        ("500m", "500m"),
        ("1.2.3", "1.2.3"),
        ("nginx:1.27", "nginx:1.27"),
    ],
)
def test_scalars_are_what_kubectl_reads(text: str, value: object) -> None:
    read = only(f"a: {text}\n").value["a"]
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    "text", [".inf", "-.Inf", ".nan", "!!int x", "!!null x", "!!binary '*'", "!!float x"]
)
def test_scalars_that_kubectl_refuses_are_errors(text: str) -> None:
    assert error(f"b: 1\na: {text}\n").line == 2


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("on", "true"),
        ("no", "false"),
        ("1", "1"),
        ("0x10", "16"),
        ("1.10", "1.1"),
        ("1e3", "1000"),
        ("1e7", "1e+07"),
        ("1e-5", "1e-05"),
        ("123456.7", "123456.7"),
        ("0.1234567891", "0.12345679"),
        ("1e300", ".inf"),
        ("3.4028235e38", "3.4028235e+38"),
        (".nan", ".nan"),
        ("-.inf", "-.inf"),
        ("2001-01-01", "2001-01-01"),
        ("=", "="),
    ],
)
def test_keys_become_text_as_in_kubectl(key: str, text: str) -> None:
    assert only(f"{key}: 1\n").value == {text: 1}


@pytest.mark.parametrize("key", ["~", "? [a]\n", "? {a: b}\n", "18446744073709551615"])
def test_keys_that_kubectl_refuses_are_errors(key: str) -> None:
    assert error(f"{key}: 1\n").line >= 1


def test_the_last_of_two_equal_keys_counts_and_its_line_is_told() -> None:
    document = only("a: 1\nb: 2\na: 3\n")
    assert document.value == {"a": 3, "b": 2}
    assert document.duplicates == (3,)
    assert document.lines.line("/a") == 3


def test_merge_keys_and_aliases_make_trees_of_their_own() -> None:
    text = "base: &b\n  x: 1\n  w: {z: 2}\na:\n  <<: *b\n  x: 9\nl: [*b, *b]\nm: {<<: [*b, {x: 5, q: 7}]}\n"
    document = only(text)
    assert document.duplicates == (), "to override a merged key is what merging is for"
    assert document.value["a"] == {"x": 9, "w": {"z": 2}}
    assert document.value["m"] == {"x": 1, "w": {"z": 2}, "q": 7}
    first, second = document.value["l"]
    first["w"]["z"] = "changed"
    assert second["w"]["z"] == document.value["base"]["w"]["z"] == document.value["a"]["w"]["z"] == 2
    assert document.lines.line("/a/w/z") == 3, "a merged value stands where it is written"
    assert document.lines.line("/l/1/x") == 2
    assert document.lines.line("/l/1") == 7


@pytest.mark.parametrize("merged", ["1", "[1]", "[*l]", "*l"])
def test_a_merge_of_anything_but_mappings_is_an_error(merged: str) -> None:
    assert "merge" in str(error(f"l: &l [a]\nm:\n  <<: {merged}\n"))


def test_lines_of_values_and_of_their_nearest_parents() -> None:
    lines = only("# c\nkind: Pod\nspec:\n  list:\n  - a: 1\n    b: 2\n  - c\n  x/y~z: 1\n").lines
    found = {
        pointer: lines.line(pointer)
        for pointer in (
            "",
            "/kind",
            "/spec",
            "/spec/list",
            "/spec/list/0",
            "/spec/list/0/b",
            "/spec/list/1",
            "/spec/x~1y~0z",
            "/spec/list/7",
            "/spec/list/-",
            "/spec/list/²",
            f"/spec/list/{'9' * 5000}",
            "/spec/list/0/b/c/d",
            "/spec/nothing/here",
            "/absent",
        )
    }
    assert list(found.values()) == [2, 2, 3, 4, 5, 6, 7, 8, 4, 4, 4, 4, 6, 3, 2]


def test_lines_count_as_editors_do() -> None:
    text = "a: 'x\u2028y\u0085z'\r\nb: 1\r\n---\r\n# \u2029\r\nc:\r\n- d\r\n---\nf: [\n"
    first, second, broken = load(text)
    assert isinstance(first, YamlDocument)
    assert isinstance(second, YamlDocument)
    assert isinstance(broken, YamlError)
    assert first.lines.line("/b") == 2
    assert second.lines.line("/c/0") == 6
    assert broken.line == 8


def test_documents_are_cut_at_separators_and_empty_ones_left_out() -> None:
    text = "---\n# nothing\n---\na: 1\n--- # b\nb: '--- no'\n---\n~\n--- {c: 3}\n...\n---\nd: |\n  ---\n"
    assert values(text) == [{"a": 1}, {"b": "--- no"}, {"c": 3}, {"d": "---\n"}]
    assert values("") == values("---\n---\n---") == values("# only a comment") == []
    assert values("a: 1\n...\nb: 2\n") == [{"a": 1}, "broken"], "kubectl drops what follows without a word"


def test_a_broken_document_takes_no_other_with_it() -> None:
    found = load("a: 1\n---\nb: [1,\n---\nc: 'open\n---\nd: 4\n")
    read = [item.value if isinstance(item, YamlDocument) else item.line for item in found]
    assert read == [{"a": 1}, 3, 5, {"d": 4}]


def test_after_a_hundred_broken_documents_the_file_is_given_up() -> None:
    found = load("---\na: [\n" * (MAX_BROKEN + 50))
    assert len(found) == MAX_BROKEN + 1
    assert "nothing is read" in str(found[-1])


def test_json_is_read_with_lines_too() -> None:
    value = {"kind": "Pod", "n": [1, 1.5, True, None, {"t": '\t/\\"é\U0001f600'}]}
    document = only(json.dumps(value, indent="\t"))
    assert document.value == value
    assert document.lines.line("/n/4/t") == 9
    lone = r'{"a": "\ud83d", "b": "\\ud83d\ude00"}'
    assert only(lone).value == {"a": "\ufffd", "b": "\\ud83d\ufffd"}


def test_json_objects_may_follow_each_other() -> None:
    _, second, third = load('{"a": 1}\n{"b":\n 2}{"c": "}{"}\n')
    assert isinstance(third, YamlDocument)
    assert isinstance(second, YamlDocument)
    assert (second.value, third.value) == ({"b": 2}, {"c": "}{"})
    assert (second.lines.line(""), third.lines.line("/c")) == (2, 3)
    assert values('{"a": 1}\n{"b": \n') == [{"a": 1}, "broken"]


def test_text_in_other_encodings() -> None:
    text = "---\nname: Zürich\n"
    for encoding in ("utf-8-sig", "utf-16"):
        document = only(text.encode(encoding))
        assert document.value == {"name": "Zürich"}
        assert document.lines.line("/name") == 2


@pytest.mark.parametrize(
    ("data", "line", "cause"),
    [
        (b"a: 1\nb: \xff\n", 2, "UTF-8"),
        (b"a: 1\nb: \xc3", 2, "UTF-8"),
        (b"a: 1\n\nb: x\x00y\n", 3, "control characters"),
        (b"a: 1\n---\nb: \x1b[31m\n", 3, "control characters"),
        (b"a:\n\tb: 1\n", 2, "a tab stands where only spaces may"),
        (b"a:\n  b: 1\n\tc: 1\n", 3, "a tab stands where only spaces may"),
        (b"\xff\xfea", 1, "UTF-16"),
        (b"a: *nowhere\n", 1, "not defined"),
        (b"a: @x\n", 1, "cannot start any token"),
        (b"a: b: c\n", 1, "mapping values"),
        (b"a: !x!y z\n", 1, "undefined tag handle"),
    ],
)
def test_what_is_no_yaml_is_one_error_with_its_line(data: bytes, line: int, cause: str) -> None:
    found = error(data)
    assert (found.line, cause in str(found)) == (line, True), str(found)


def test_errors_never_quote_the_file() -> None:
    secret = "hunter2"
    broken = [
        f"a: [{secret}\n",
        f"a: {secret}: x: {secret}\n",
        f"a: '{secret}\n",
        f'a: "\\q{secret}"\n',
        f"a: *{secret}\n",
        f"a: &{secret} [*{secret}]\n",
        f"a: !{secret}!{secret} {secret}\n",
        f"a: !!int {secret}\n",
        f"a: !!binary {secret}*\n",
        f"%{secret} {secret}\n---\n",
        f"{secret}: {secret}\n{secret}\n",
        f"a: \x00{secret}\n",
        f"? [{secret}]\n: {secret}\n",
        f"<<: {secret}\n",
        f"- {secret}\n{secret}: {secret}\n",
    ]
    for text in broken:
        found = [item for item in load(text) if isinstance(item, YamlError)]
        assert found, text
        assert all(secret not in str(item) for item in found)


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
LONG = f"a: &a {'x' * 100_000}\nb: &b [{', '.join(['*a'] * 500)}]\nc: [*b]\n"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        pytest.param(BOMB, f"more than {MAX_ALIASED:,}", id="a billion laughs"),
        pytest.param(LONG, f"more than {MAX_ALIASED:,}", id="one long text, many times"),
        pytest.param("a: &a [b, *a]\n", "inside the very value", id="cycle"),
        pytest.param("a: &a\n  b: &b\n    c: *a\n", "inside the very value", id="cycle through a mapping"),
        pytest.param("[" * 100_000, f"more than {MAX_DEPTH} levels", id="deep list"),
        pytest.param("{a: " * 100_000, f"more than {MAX_DEPTH} levels", id="deep mapping"),
        pytest.param("- " * 100_000, f"more than {MAX_DEPTH} levels", id="deep block"),
        pytest.param(
            "x: [&a0 [1]" + "".join(f", &a{n} [*a{n - 1}]" for n in range(1, 200)) + "]",
            f"more than {MAX_DEPTH} levels",
            id="deep by aliases",
        ),
    ],
)
def test_bombs_are_refused_at_once(text: str, cause: str) -> None:
    begin = time.perf_counter()
    found = error(text)
    assert cause in str(found)
    assert time.perf_counter() - begin < 10, "a second is plenty; ten, if the machine is busy"


def test_the_alias_limit_holds_for_all_documents_of_a_file() -> None:
    document = f"---\na: &a [{', '.join('x' * 1000)}]\nb: [{', '.join(['*a'] * 100)}]\n"
    found = load(document * 6)
    assert [isinstance(item, YamlDocument) for item in found] == [True] * 3 + [False] * 3


def test_absurd_sizes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "larger than 64 MiB" in str(error(b" " * (MAX_BYTES + 1)))
    monkeypatch.setattr(compose, "MAX_NODES", 100)
    assert only("[" + "1," * 99 + "]").value == [1] * 99
    assert "more than 100 values" in str(error("a: 1\n---\n[" + "1," * 100 + "]"))


def test_the_depth_limit_is_exact() -> None:
    assert only("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert error("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


def test_a_scalar_is_a_document_too() -> None:
    document = only("\n\nhello\n")
    assert (document.value, document.lines.line("/a/b")) == ("hello", 3)
    assert isinstance(document.lines, LineTree)
