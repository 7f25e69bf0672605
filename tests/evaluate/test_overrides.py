"""What a configuration changes: severities, and the parameters of namespaces, which reach the rules."""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor import data
from auditor.collect.yaml import documents
from auditor.errors import ConfigError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.limits import Limits
from auditor.evaluate.metadata import Declaration, Parameter
from auditor.evaluate.overrides import Overrides, settle
from auditor.evaluate.request import batches, request_json
from auditor.model import Document, Failure, Question, ResourceRef
from auditor.rules import Bundle, Severity
from tests.cli.program import until
from tests.evaluate.custom import small_shipped, write_policy
from tests.evaluate.questions import document
from tests.factories import policy

SYSCTL = "net.ipv4.tcp_rmem"
"""Allowed since v1.32."""


def at(ref: ResourceRef, **parts: Any) -> Document:
    return msgspec.structs.replace(document(ref.name, **parts), ref=ref)


def pod(namespace: str, name: str = "x") -> Document:
    spec = {"securityContext": {"sysctls": [{"name": SYSCTL, "value": "1"}]}}
    return at(ResourceRef("v1", "Pod", name, namespace), pod={"path": "/spec", "spec": spec})


def findings(
    opa: Path, documents: list[Document], overrides: Overrides, limits: Limits | None = None
) -> list[int]:
    """How many findings unsafe_sysctl has for each."""
    with load_bundle(opa, (), overrides) as bundle, OpaEngine(opa, bundle, limits) as engine:
        answers = list(engine.evaluate(Question(one, ("unsafe_sysctl", "host_pid")) for one in documents))
    found = []
    for one in answers:
        verdict = one.verdicts["unsafe_sysctl"]
        assert not isinstance(verdict, Failure), verdict
        assert not isinstance(one.verdicts["host_pid"], Failure)
        found.append(len(verdict.fail))
    return found


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = small_shipped(tmp_path / "shipped")
    monkeypatch.setattr(data, "policies", lambda: folder)
    return folder


NAMESPACES: Mapping[str, Any] = {
    "team-*": {"unsafe_sysctl": {"pss_version": "v1.20"}},
    "team-core": {},
    "?ld": {"*": {"pss_version": "v1.20"}},
    "default": {"unsafe_sysctl": {"pss_version": "v1.20"}},
}


def test_a_namespace_has_its_own_parameters(opa: Path, shipped: Path) -> None:
    """Those of one document are not those of the next, in one request or in several."""
    asked = ["shop", "team-a", "shop", "team-core", "old", "mold", "team-b", "", "shop"]
    expected = [0, 1, 0, 0, 1, 0, 1, 1, 0]
    overrides = Overrides(namespaces=NAMESPACES)
    pods = [pod(name, f"x{number}") for number, name in enumerate(asked)]
    for size in (20, 2, 1):
        assert findings(opa, pods, overrides, Limits(documents=size)) == expected
    assert findings(opa, pods, Overrides()) == [0] * len(pods)


def test_what_was_foreseen_of_one_namespace_is_not_taken_for_another(opa: Path, shipped: Path) -> None:
    names = ("shop", "team-a", "old", "shop")
    questions = [Question(pod(name), ("unsafe_sysctl",)) for name in names]
    with load_bundle(opa, (), Overrides(namespaces=NAMESPACES)) as bundle, OpaEngine(opa, bundle) as engine:
        engine.foresee(questions[:2])
        until(lambda: len(engine._known) == 2, "both are foreseen")
        verdicts = [one.verdicts["unsafe_sysctl"] for one in engine.evaluate(questions)]
    assert [len(one.fail) for one in verdicts if not isinstance(one, Failure)] == [0, 1, 1, 0]


def test_rules_without_a_document_in_them_see_the_parameters_too(opa: Path, tmp_path: Path) -> None:
    """What does not depend on the document could be computed once: not across patterns."""
    rules = (
        "_limit := data.parameters.mine.limit\n\n"
        'fail contains {"path": "/", "message": sprintf("%d", [_limit])} if input.meta.name'
    )
    write_policy(tmp_path / "mine", rules=rules, custom={"parameters": {"limit": 1}})
    overrides = Overrides(namespaces={"two": {"mine": {"limit": 2}}, "three": {"mine": {"limit": 3}}})
    names = ["", "two", "three", "two", "one", "three"]
    with load_bundle(opa, [tmp_path / "mine"], overrides) as bundle, OpaEngine(opa, bundle) as engine:
        answers = engine.evaluate([Question(pod(name, f"x{n}"), ("mine",)) for n, name in enumerate(names)])
        verdicts = [one.verdicts["mine"] for one in answers]
    assert not any(isinstance(one, Failure) for one in verdicts)
    assert [one.fail[0].message for one in verdicts if not isinstance(one, Failure)] == [*"123213"]


@pytest.mark.parametrize(
    ("ref", "pattern"),
    [
        (ResourceRef("v1", "Namespace", "team-a"), "team-*"),
        (ResourceRef("v1", "Namespace", "team-core"), "team-core"),
        (ResourceRef("apps/v1", "Deployment", "x", "team-a"), "team-*"),
        (ResourceRef("apps/v1", "Deployment", "team-a", "shop"), ""),
        (ResourceRef("v1", "Node", "team-a"), ""),
        (ResourceRef("v1", "Pod", "x"), "default"),
    ],
)
def test_which_parameters_an_object_has(ref: ResourceRef, pattern: str) -> None:
    [[asked]] = batches([Question(at(ref), ("a",))], Limits(), tuple(NAMESPACES))
    assert asked.pattern == pattern
    [question] = msgspec.json.decode(request_json([(asked, ("a",))]))["input"]["questions"]
    assert question.get("pattern", "") == pattern


def test_a_question_without_a_pattern_is_what_it_was() -> None:
    [[asked]] = batches([Question(pod("shop"), ("a", "b"))], Limits())
    assert b"pattern" not in request_json([(asked, ("a", "b"))])


# --- the bundle ---------------------------------------------------------------------------------


def load(opa: Path, **overrides: Any) -> Bundle:
    with load_bundle(opa, (), Overrides(**overrides)) as bundle:
        return bundle


def test_what_the_bundle_says_of_namespaces(opa: Path, shipped: Path) -> None:
    bundle = load(opa, namespaces=NAMESPACES)
    assert bundle.patterns == tuple(sorted(NAMESPACES))
    # a pattern without changes keeps others away: it is part of the rules
    assert bundle.policies["unsafe_sysctl"].namespaces == {
        "team-*": {"pss_version": "v1.20"},
        "team-core": {},
        "?ld": {"pss_version": "v1.20"},
        "default": {"pss_version": "v1.20"},
    }
    assert bundle.policies["host_pid"].namespaces == {}
    assert bundle.policies["unsafe_sysctl"].parameters == {"pss_version": "latest"}


def test_what_changes_which_digest(opa: Path, shipped: Path) -> None:
    plain = load(opa)
    for changed, other_verdicts in (
        (load(opa, parameters={"*": {"pss_version": "v1.30"}}), True),
        (load(opa, namespaces=NAMESPACES), True),
        (load(opa, namespaces={"shop": {}}), False),
        (load(opa, severity={"unsafe_sysctl": Severity.LOW}), False),
        (load(opa, enabled={"unsafe_sysctl": False}), False),
    ):
        before, after = plain.policies["unsafe_sysctl"], changed.policies["unsafe_sysctl"]
        assert after.code == before.code
        assert (after.digest != before.digest) is other_verdicts
        assert changed.policies["host_pid"].digest == plain.policies["host_pid"].digest
    codes = {one.code for one in plain.policies.values()}
    assert len(codes) == len(plain.policies)
    assert all(len(code) == 64 and set(code) <= set(string.hexdigits) for code in codes)


@pytest.mark.parametrize(
    "path", ["k8s/unsafe_sysctl/unsafe_sysctl.rego", "lib/pod_security/pod_security.rego"]
)
def test_code_is_the_module_and_what_it_imports(opa: Path, shipped: Path, path: str) -> None:
    before = load(opa)
    (shipped / path).write_text((shipped / path).read_text() + "\n# more\n")
    after = load(opa)
    assert before.policies["unsafe_sysctl"].code != after.policies["unsafe_sysctl"].code
    assert before.policies["host_pid"].code == after.policies["host_pid"].code


def test_a_severity_is_that_of_the_policy(opa: Path, shipped: Path) -> None:
    bundle = load(opa, severity={"host_pid": Severity.INFO})
    found = bundle.policies["host_pid"]
    assert (found.severity, found.override, found.severities) == (
        Severity.INFO,
        Severity.INFO,
        (Severity.HIGH,),
    )
    assert bundle.policies["unsafe_sysctl"].override is None


def test_all_of_it_makes_another_entry_of_the_cache(opa: Path, shipped: Path, tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"severity": {"host_pid": Severity.LOW}},
        {"severity": {"host_pid": Severity.INFO}},
        {"namespaces": {"a": {}}},
        {"namespaces": {"a": {"*": {"pss_version": "v1.20"}}}},
        {"namespaces": {"a": {"unsafe_sysctl": {"pss_version": "v1.20"}}}},
        {"parameters": {"unsafe_sysctl": {"pss_version": "v1.20"}}},
    ]
    for _ in range(2):
        for one in changes:
            with load_bundle(opa, (), Overrides(**one), cache=tmp_path / "cache") as bundle:
                assert msgspec.structs.replace(bundle, archive="") == msgspec.structs.replace(
                    load(opa, **one), archive=""
                )
    assert len(list((tmp_path / "cache/bundles").iterdir())) == len(changes)


# --- what does not fit --------------------------------------------------------------------------

FILE = """
parameters: {pss_version: v1.30}
policies:
  host_pid: {enabled: true}
  unsafe_sysctl:
    parameters: {pss_version: v1.31}
namespaces:
  parameters:
    shop:
      unsafe_sysctl:
        pss_version: v1.20
"""

WRONG = {
    "policy": ("host_pid:", "host_pdi:", 4, "policies.host_pdi: unknown policy 'host_pdi'; did you mean"),
    "value for all": (
        "pss_version: v1.30",
        "pss_version: v30",
        2,
        "parameters.pss_version: parameter pss_version of unsafe_sysctl: 'v30' does not match ",
    ),
    "name for all": (
        "{pss_version: v1.30}",
        "{pss_versoin: v1.30}",
        2,
        "parameters.pss_versoin: no policy has a parameter 'pss_versoin'; did you mean 'pss_version'?",
    ),
    "value of a policy": (
        "v1.31",
        "3",
        6,
        "policies.unsafe_sysctl.parameters.pss_version: parameter pss_version of unsafe_sysctl: expected",
    ),
    "name of a policy": (
        "{pss_version: v1.31}",
        "{pss_versoin: v1.31}",
        6,
        "policies.unsafe_sysctl.parameters.pss_versoin: policy unsafe_sysctl has no parameter",
    ),
    "policy of a namespace": (
        "      unsafe_sysctl:",
        "      unsafe_sysctls:",
        10,
        "namespaces.parameters.shop.unsafe_sysctls: unknown policy 'unsafe_sysctls'; did you mean",
    ),
    "name of a namespace": (
        "  pss_version: v1.20",
        "  pss_versoin: v1.20",
        11,
        "namespaces.parameters.shop.unsafe_sysctl.pss_versoin: policy unsafe_sysctl has no parameter",
    ),
    "value of a namespace": (
        "v1.20",
        "20",
        11,
        "namespaces.parameters.shop.unsafe_sysctl.pss_version: parameter pss_version of unsafe_sysctl: ",
    ),
}


def settled(text: str) -> object:
    [document] = documents(text.encode())
    value = document.value  # type: ignore[union-attr]
    policies = value["policies"]
    overrides = Overrides(
        enabled={name: one["enabled"] for name, one in policies.items() if "enabled" in one},
        parameters={
            "*": value["parameters"],
            **{name: one.get("parameters", {}) for name, one in policies.items()},
        },
        namespaces=value["namespaces"]["parameters"],
        origin="auditor.yaml",
        lines=document.lines,  # type: ignore[union-attr]
    )
    version = Parameter("latest", pattern=r"^(latest|v1\.[0-9]+)$")
    return settle(
        [
            Declaration(policy("host_pid"), {}),
            Declaration(policy("unsafe_sysctl"), {"pss_version": version}),
        ],
        overrides,
    )


@pytest.mark.parametrize(("old", "new", "line", "message"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_told_with_its_place(old: str, new: str, line: int, message: str) -> None:
    settled(FILE)
    assert FILE.count(old) == 1
    with pytest.raises(ConfigError) as caught:
        settled(FILE.replace(old, new))
    assert str(caught.value).startswith(f"auditor.yaml:{line}: {message}")


def test_an_unknown_policy_with_a_severity(opa: Path, shipped: Path) -> None:
    with pytest.raises(ConfigError, match=r"^configuration: unknown policy 'host_pdi'; did you mean"):
        load(opa, severity={"host_pdi": Severity.LOW})
