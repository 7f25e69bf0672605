"""The frameworks that ship, and what a framework file may not say; without OPA."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from auditor import data
from auditor.errors import BundleError
from auditor.evaluate.frameworks import framework_files, read_frameworks, schema
from auditor.rules import Control, Framework

FILES = framework_files(data.policies())
MODULES = {path.stem: path for path in data.policies().glob("k8s/*/*.rego") if path.stem == path.parent.name}
SHIPPED = read_frameworks(FILES, MODULES)

CIS = {
    **{f"1.{section}": count for section, count in enumerate((21, 30, 7, 2), 1)},
    "2": 7,
    **{f"3.{section}": count for section, count in enumerate((3, 2), 1)},
    **{f"4.{section}": count for section, count in enumerate((10, 14, 1), 1)},
    **{f"5.{section}": count for section, count in enumerate((13, 12, 2, 2, 1, 4), 1)},
}
"""How many items each section of the benchmark has, in version 2.0.1."""


def shipped_controls() -> Iterator[tuple[Framework, Control]]:
    for framework in SHIPPED.values():
        yield from ((framework, control) for control in framework.controls)


def test_the_items_of_the_benchmark() -> None:
    found = [control.id for control in SHIPPED["cis_2_0_1"].controls]
    assert found == [f"{section}.{item}" for section, count in CIS.items() for item in range(1, count + 1)]
    assert len(found) == 131
    assert {(one.level, one.assessment) for one in SHIPPED["cis_2_0_1"].controls} == {
        (level, assessment) for level in "12" for assessment in ("automated", "manual")
    }


def test_every_policy_that_is_on_answers_a_control() -> None:
    """One that is off would keep its control incomplete for ever."""
    mapped = {policy for _, control in shipped_controls() for policy in control.policies}
    off = {
        name for name, path in MODULES.items() if re.search("^#   enabled: false$", path.read_text(), re.M)
    }
    assert set(MODULES) - mapped == off


def test_what_no_policy_answers_says_how_a_person_does() -> None:
    for framework, control in shipped_controls():
        name = f"{framework.id}/{control.id}"
        if not control.policies:
            assert control.manual, name
        if control.manual:
            assert len(control.manual.instructions) > 30, name
            assert control.manual.instructions.endswith("."), name
            assert control.manual.evidence.endswith("."), name


@pytest.mark.parametrize("name", ["mitre_attack_containers", "soc2", "pci_dss"])
def test_what_only_supports_an_assessment_answers_everything_in_part(name: str) -> None:
    assert [one.id for one in SHIPPED[name].controls if one.policies and not one.partial] == []


def test_what_others_wrote_names_its_source_and_is_judged_when_asked() -> None:
    assert {one.id for one in SHIPPED.values() if not one.default} == {
        "cis_2_0_1",
        "nsa_cisa",
        "mitre_attack_containers",
        "soc2",
        "pci_dss",
    }
    for one in SHIPPED.values():
        assert one.default or (one.source and one.licence_note and one.notice), one.id
    assert "with the permission of The MITRE Corporation" in SHIPPED["mitre_attack_containers"].licence_note


def test_the_files_are_what_the_schema_for_editors_says() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for path, text in FILES.items():
        assert list(validator.iter_errors(yaml.safe_load(text))) == [], path
    assert not validator.is_valid({"id": "a", "title": "t", "version": "1", "controls": [{"id": "x"}]})


BY_HAND = "manual: {instructions: Look., evidence: What was seen.}"


@pytest.mark.parametrize(
    ("controls", "more", "message"),
    [
        (f"[{{id: a, title: b, {BY_HAND}}}]", "", ""),
        ("[{id: a, title: b, policies: [one], partial: true}]", "", ""),
        (f"[{{id: a, title: b, policies: [one], partial: true, {BY_HAND}}}]", "", ""),
        ("[]", "source: https://a.test\nlicence_note: Free.\nnotice: Ours.", ""),
        ("[]", "source: https://a.test\nlicence_note: Free.", "what has a source must say its licence_note"),
        ("[]", "source: https://a.test\nnotice: Ours.", "what has a source must say its licence_note"),
        ("[]", "source: http://a.test", "Expected `str` matching regex"),
        ("[]", "references: [a.test]", "Expected `str` matching regex"),
        ("[{id: a, title: b, policies: [noe]}]", "", "control a: unknown policy 'noe'; did you mean 'one'?"),
        ("[{id: a, title: b, policies: [one, one]}]", "", "control a: names the policy one 2 times"),
        (
            "[{id: a, title: b, policies: [one]}, {id: a, title: c, policies: [one]}]",
            "",
            "control a stands there",
        ),
        ("[{id: a, title: b}]", "", "control a: no policy answers it, and manual does not say how"),
        (f"[{{id: a, title: b, partial: true, {BY_HAND}}}]", "", "control a: is partial, and no policy"),
        (f"[{{id: a, title: b, policies: [one], {BY_HAND}}}]", "", "control a: policies answer all of it"),
        (
            "[{id: a, title: b, manual: {instructions: Look.}}]",
            "",
            "Object missing required field `evidence`",
        ),
        ("[{id: a/b, title: b, policies: [one]}]", "", "Expected `str` matching regex"),
        ("[{id: a, title: b, policies: [one], assessment: ours}]", "", "Invalid enum value 'ours'"),
        ("[{id: a, title: b, policies: [one], owner: me}]", "", "Object contains unknown field `owner`"),
    ],
)
def test_what_a_file_must_say(controls: str, more: str, message: str) -> None:
    text = f"id: mine\ntitle: t\nversion: v\ncontrols: {controls}\n{more}\n"
    if not message:
        assert list(read_frameworks({Path("mine.yaml"): text.encode()}, ["one"])) == ["mine"]
        return
    with pytest.raises(BundleError) as error:
        read_frameworks({Path("mine.yaml"): text.encode()}, ["one"])
    assert str(error.value).startswith(f"mine.yaml: {message}")


def test_what_is_read() -> None:
    """Texts lose the line breaks of their file, commands do not; what is not said is empty."""
    text = (
        "id: mine\ntitle: t\nversion: '1'\ndefault: false\ncontrols:\n"
        "  - id: '1.1'\n    title: b\n    level: '2'\n    assessment: manual\n    manual:\n"
        "      instructions: |\n        Look\n        closely.\n      evidence: Seen.\n"
        "      command: |\n        one\n        two\n"
    )
    (found,) = read_frameworks({Path("mine.yaml"): text.encode()}, []).values()
    (control,) = found.controls
    assert (found.default, found.source, found.notice) == (False, "", "")
    assert (control.id, control.level, control.assessment) == ("1.1", "2", "manual")
    assert control.manual
    assert (control.manual.instructions, control.manual.command) == ("Look closely.", "one\ntwo")


def test_the_committed_schema_is_the_generated_one() -> None:
    path = data.policies().parent / "docs/schema/framework-v1.json"
    assert json.loads(path.read_text(encoding="utf-8")) == schema(), "run: python -m tools.schema"
