"""What is in force: a flag before the file, the file before the default, and each told apart."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.cli import audit
from auditor.cli.wanted import SETTINGS, Flags, effective
from auditor.config.effective import DEFAULT, Effective, leaves
from auditor.config.file import read_config
from auditor.config.listing import as_data, as_yaml
from auditor.config.settings import Settings

WITHOUT_KEY = {"config", "dry_run"}
"""What is about one run."""


OF_THE_SCREEN = {"by", "verbose", "quiet"}
"""What somebody who looks at one run wants to see of it."""


def test_every_option_of_an_audit_is_a_setting() -> None:
    parameters = set(inspect.signature(audit.audit).parameters)
    assert set(SETTINGS) == parameters - WITHOUT_KEY - OF_THE_SCREEN
    assert set(Flags.__struct_fields__) == parameters - OF_THE_SCREEN | {"shape"}
    known = {keys for keys, _ in leaves(Settings())}
    assert {keys for keys, _ in SETTINGS.values()} <= known


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "auditor.yaml"
    path.write_text("fail_on: low\noutput: [json]\nfail_on_system: true\nsource: {context: one}\n")
    return path


def test_a_flag_beats_the_file_and_the_file_the_default(file: Path) -> None:
    for flags, expected in (
        (Flags(), ("high", ("table",), False, 100)),
        (Flags(config=file), ("low", ("json",), True, 100)),
        (
            Flags(config=file, fail_on="never", outputs=["html"], fail_on_system=False, min_coverage=0),
            ("never", ("html",), False, 0),
        ),
    ):
        found = effective(flags).settings
        assert (found.fail_on, found.output, found.fail_on_system, found.min_coverage) == expected


def test_where_it_comes_from_is_told(file: Path) -> None:
    found = effective(Flags(config=file, fail_on="never", folders=[Path("a")]))
    assert found.origin("fail_on") == "--fail-on"
    assert found.origin("policy_folders") == "--policies"
    assert found.origin("output") == f"{file}:2"
    assert found.origin("source", "context") == f"{file}:4"
    assert found.origin("min_coverage") == DEFAULT
    assert found.settings.policy_folders == ("a",)


ASIDE = {
    "manifests": ({"manifests": ["a"]}, {"manifests": ("a",)}),
    "snapshot": ({"snapshot": "a"}, {"snapshot": "a"}),
    "context": ({"context": "a"}, {"context": "a", "kubeconfig": "/k", "namespaces": ("shop",)}),
    "namespaces": (
        {"namespaces": ["a"]},
        {"context": "one", "kubeconfig": "/k", "namespaces": ("a",)},
    ),
}


@pytest.mark.parametrize(("flags", "expected"), ASIDE.values(), ids=ASIDE)
def test_a_source_on_the_command_line_stands_in_for_that_of_the_file(
    flags: dict[str, Any], expected: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "auditor.yaml"
    path.write_text("source: {context: one, kubeconfig: /k, namespaces: [shop]}\n")
    found = effective(Flags(config=path, **flags))
    source = msgspec.to_builtins(found.settings.source)
    if "manifests" in flags:  # which may lie in a namespace
        expected = {**expected, "namespaces": ("shop",)}
    assert {key: value for key, value in source.items() if value} == expected
    if "context" not in expected:
        assert found.origin("source", "context") == DEFAULT
        assert not found.from_file("source", "context")


@pytest.mark.parametrize("flag", ["context", "kubeconfig"])
def test_a_cluster_stands_in_for_manifests(flag: str, tmp_path: Path) -> None:
    path = tmp_path / "auditor.yaml"
    path.write_text("source: {manifests: [a]}\n")
    values: dict[str, Any] = {flag: "x"}
    assert effective(Flags(config=path, **values)).settings.source.manifests == ()


# --- as text ------------------------------------------------------------------------------------

TEXT = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=("Cs", "Cn", "Cc", "Co")), min_size=1, max_size=8
)
NAME = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
PATTERN = st.from_regex(r"[a-z*?][a-z0-9*?]{0,8}", fullmatch=True)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT | st.just("1.30") | st.just("null"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAME, inner, max_size=2),
    max_leaves=4,
)
VALUES = st.dictionaries(NAME, VALUE, max_size=2)
FILES = st.fixed_dictionaries(
    {},
    optional={
        "source": st.fixed_dictionaries({}, optional={"context": TEXT, "namespaces": st.lists(NAME)}),
        "only_policies": st.lists(TEXT, max_size=2),
        "policies": st.dictionaries(
            NAME,
            st.fixed_dictionaries(
                {}, optional={"enabled": st.booleans(), "severity": st.just("low"), "parameters": VALUES}
            ),
            max_size=2,
        ),
        "parameters": VALUES,
        "namespaces": st.fixed_dictionaries(
            {},
            optional={
                "exclude": st.lists(PATTERN, max_size=2),
                "parameters": st.dictionaries(
                    PATTERN, st.dictionaries(NAME | st.just("*"), VALUES, max_size=2), max_size=2
                ),
            },
        ),
        "fail_on": st.sampled_from(["low", "never"]),
        "min_coverage": st.sampled_from([0, 50, 99.5]),
        "waivers": st.just({"max_days": {"critical": 3}, "approvers": {"high": ["a", "b"]}}),
        "history": st.just({"hold": True}),
    },
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("show")


@given(FILES)
@settings(max_examples=150, deadline=None)
def test_what_is_shown_is_a_file_that_says_the_same(folder: Path, content: dict[str, Any]) -> None:
    path, shown = folder / "auditor.yaml", folder / "shown.yaml"
    # JSON is YAML
    path.write_bytes(msgspec.json.encode(content))
    before = Effective(read_config(path).settings, read_config(path))
    text = "\n".join(as_yaml(before))
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
    shown.write_text(text)
    again = read_config(shown).settings
    # a policy that is named and not changed is not shown
    changed = {
        name: one
        for name, one in before.settings.policies.items()
        if one.enabled is not None or one.severity or one.parameters
    }
    assert again == msgspec.structs.replace(before.settings, policies=changed)


def test_every_setting_is_shown_with_its_origin(file: Path) -> None:
    found = effective(Flags(config=file, fail_on="never"))
    lines = list(as_yaml(found))
    assert "fail_on: never  # --fail-on" in lines
    assert f"output: [json]  # {file}:2" in lines
    assert lines[:2] == ["source:", "  manifests: []  # default"]
    assert f"  context: one  # {file}:4" in lines
    data = as_data(found)
    assert data["settings"]["fail_on"] == "never"
    assert data["origins"]["source.context"] == f"{file}:4"
    assert set(data["origins"]) == {".".join(keys) for keys, _ in leaves(found.settings)}


def test_the_name_of_the_file_is_hostile_too(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2J\n#: \u202eü.yaml"
    path.write_text("fail_on: low\n")
    shown = list(as_yaml(effective(Flags(config=path))))
    assert all(line.isascii() and line.isprintable() for line in shown)
