"""The bundle: what a custom policy may not do, what changes a digest, what overrides change."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor import data
from auditor.errors import BundleError, ConfigError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.limits import Limits
from auditor.evaluate.overrides import Overrides
from auditor.model import Failure, Verdict
from auditor.rules import Bundle
from tests.evaluate.custom import FAIL, METADATA, metadata, small_shipped, write_policy, write_text
from tests.evaluate.questions import ask, document


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two policies in place of all: every test loads them."""
    folder = small_shipped(tmp_path / "shipped")
    monkeypatch.setattr(data, "policies", lambda: folder)
    return folder


@pytest.fixture
def mine(tmp_path: Path, shipped: Path) -> Path:
    """A user's folder."""
    folder = tmp_path / "mine here"
    folder.mkdir()
    return folder


def load(opa: Path, *folders: Path, **overrides: Any) -> Bundle:
    """Load, and give what remains when the archive is gone."""
    with load_bundle(opa, folders, Overrides(**overrides)) as bundle:
        assert Path(bundle.archive).is_file()
    assert not Path(bundle.archive).exists()
    return bundle


def refusal(opa: Path, *folders: Path) -> str:
    with pytest.raises(BundleError) as caught:
        load(opa, *folders)
    return str(caught.value)


def test_all_that_ships_is_loaded(opa: Path) -> None:
    bundle = load(opa)
    folders = {path.parent.name for path in data.policies().glob("k8s/*/*_test.rego")}
    assert set(bundle.policies) == folders
    for policy in bundle.policies.values():
        assert policy.reads, policy.id
        assert not policy.custom
    assert set(bundle.frameworks) == {path.stem for path in data.policies().glob("frameworks/*.yaml")}


def test_a_custom_policy_is_judged_beside_the_shipped_ones(opa: Path, mine: Path) -> None:
    write_policy(mine)
    with load_bundle(opa, [mine]) as bundle, OpaEngine(opa, bundle, Limits()) as engine:
        policy = bundle.policies["mine"]
        pod = {"path": "/spec", "spec": {"hostPID": True}}
        [answer] = engine.evaluate(ask(["mine", "host_pid"], [document("x", pod=pod)]))
    assert policy.custom
    assert policy.reads == ("meta",)
    for verdict in answer.verdicts.values():
        assert isinstance(verdict, Verdict)
        assert len(verdict.fail) == 1


# --- what it may not state ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "package",
    [
        "package k8s.host_pid",
        "package\tk8s.host_pid",
        "package k8s.mine.deeper",
        'package k8s.mine["fail"]',
        'package k8s["host_pid"]',
        "package k8s",
        "package main",
        "package lib.pod_security",
        "package data.k8s.mine",
        "package system.authz",
        "package parameters.mine",
        "package mine",
        "\n# package k8s.mine\npackage k8s.host_pid",
        "# METADATA\n# title: package k8s.mine\npackage k8s.host_pid",
    ],
)
def test_no_package_but_its_own(opa: Path, mine: Path, package: str) -> None:
    path = write_policy(mine, package=package)
    assert refusal(opa, mine).startswith(f"{path}: states package ")


@pytest.mark.parametrize("package", ["package\tk8s.mine", "\n# package k8s.host_pid\npackage   k8s.mine # x"])
def test_comments_and_tabs_are_no_fault(opa: Path, mine: Path, package: str) -> None:
    write_policy(mine, package=package)
    assert "mine" in load(opa, mine).policies


def test_no_rule_outside_of_the_package(opa: Path, mine: Path) -> None:
    path = write_policy(mine, rules=f"{FAIL}\ndata.k8s.host_pid.skip contains 1\n")
    assert refusal(opa, mine).startswith(f"{path}:")


@pytest.mark.parametrize("taken", ["host_pid", "unsafe_sysctl"])
def test_the_id_of_a_shipped_policy_is_taken(opa: Path, mine: Path, taken: str) -> None:
    path = write_policy(mine, taken)
    assert refusal(opa, mine) == f"{path}: the id {taken} is taken by a shipped policy"


def test_two_files_cannot_share_an_id(opa: Path, mine: Path) -> None:
    first = write_policy(mine / "a")
    second = write_policy(mine / "b")
    assert refusal(opa, mine) == f"{second}: the id mine is taken by {first}"
    assert refusal(opa, mine / "b", mine / "a") == f"{first}: the id mine is taken by {second}"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("other := 1", "has no rule `fail`"),
        ('fail := {"path": "/", "message": "m"} if input.meta.name == "x"', "`fail` is no set"),
        ('fail if input.meta.name == "x"', "`fail` is no set"),
        ("default fail := false", "`fail` is no set"),
        ("fail(x) := x", "`fail` is no set"),
        ("fail[name] := 1 if name := input.meta.name", "`fail` is no set"),
        ("fail.inner contains 1", "`fail` is no set"),
        (f'{FAIL}\nskip := "x"', "`skip` is no set"),
        (f'{FAIL}\nunknown if input.meta.name == "x"', "`unknown` is no set"),
    ],
)
def test_verdicts_are_sets(opa: Path, mine: Path, rules: str, message: str) -> None:
    path = write_policy(mine, rules=rules)
    assert refusal(opa, mine) == f"{path}: {message}"


# --- what it may not call or read ---------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        'http.send({"url": "http://127.0.0.1:9", "method": "get"})',
        'net.lookup_ip_addr("localhost")',
        "time.now_ns()",
        'rand.intn("a", 9)',
        'uuid.rfc4122("a")',
        "opa.runtime()",
        'io.jwt.decode("a")',
        'io.jwt.verify_hs256("a", "b")',
        'crypto.x509.parse_certificates("a")',
        'crypto.x509.parse_and_verify_certificates("a")',
        'trace("a")',
        'json.match_schema({}, {"$ref": "http://127.0.0.1:9"})',
        'json.verify_schema({"$ref": "http://127.0.0.1:9"})',
        'rego.parse_module("a", "package a")',
        "providers.aws.sign_req({}, {}, 1)",
    ],
)
def test_no_call_into_the_world(opa: Path, mine: Path, call: str) -> None:
    path = write_policy(
        mine, rules=f'fail contains {{"path": "/", "message": "m"}} if {{\n\tx := {call}\n\tx != 1\n}}'
    )
    name = call.partition("(")[0]
    assert refusal(opa, mine) == f"{path}:8: rego_type_error: undefined function {name}"


def test_no_print(opa: Path, mine: Path) -> None:
    path = write_policy(mine, rules=f'{FAIL}\nskip contains "x" if {{ print("a") }}')
    assert refusal(opa, mine).startswith(f"{path}: calls print")


READ = 'fail contains {{"path": "/", "message": "m"}} if {{\n\tx := {}\n\tx != 1\n}}'


@pytest.mark.parametrize(
    ("read", "message"),
    [
        ("input", "reads input; "),
        ("input[input.meta.name]", "reads input; "),
        ("[v | v := input[_]]", "reads input; "),
        ("walk(input)", "reads input; "),
        ("input.secrets", "reads input.secrets; "),
        ("input.related", "reads input.related; "),
        ("input.related[input.meta.name]", "reads input.related; "),
        ("input.related.namespace", "reads input.related.namespace without naming it"),
        ('data.lib.pod_security.minor("latest")', "reads input.related.namespace without naming it"),
        ("data.k8s.host_pid.fail", "reads data.k8s.host_pid.fail; "),
        ("data.k8s.host_pid.fail with input as {}", "reads data.k8s.host_pid.fail; "),
        ("data.parameters", "reads data.parameters; "),
        ("data.parameters.unsafe_sysctl.pss_version", "reads data.parameters.unsafe_sysctl.pss_version; "),
        ("data.parameters[input.meta.name]", "reads data.parameters; "),
        ("data.parameters.mine.limit", "reads parameter 'limit', which it does not declare"),
        ("data.policies", "reads data.policies; "),
        ("data.elsewhere", "reads data.elsewhere; "),
        ("data.main.rules", "reads "),
        ("data.main.entries", None),
        ("data.main.results", None),
        ("data.k8s", None),
        ("data.k8s[input.meta.name].fail", None),
        ("data", None),
    ],
)
def test_no_read_of_what_is_not_its_own(opa: Path, mine: Path, read: str, message: str | None) -> None:
    """None: OPA itself refuses it first, since the router makes it recursive."""
    path = write_policy(mine, rules=READ.format(read))
    found = refusal(opa, mine)
    if message:
        assert found.startswith(f"{path}: {message}")
    else:
        assert f"{path}:" in found
        assert "recursive" in found or "undefined function" in found


def test_a_parameter_misspelt_in_the_rules(opa: Path, mine: Path) -> None:
    rules = READ.format("data.parameters.mine.limt")
    path = write_policy(mine, rules=rules, custom={"parameters": {"limit": 3}})
    assert (
        refusal(opa, mine)
        == f"{path}: reads parameter 'limt', which it does not declare; did you mean 'limit'?"
    )


def test_what_it_declares_it_may_read(opa: Path, mine: Path) -> None:
    rules = f"{READ.format('data.parameters.mine.limit')}\n{READ.format('input.related.namespace.labels')}"
    write_policy(mine, rules=rules, custom={"parameters": {"limit": 3}, "wants": ["namespace"]})
    policy = load(opa, mine).policies["mine"]
    assert policy.reads == ("related.namespace",)
    assert policy.parameters == {"limit": 3}


@pytest.mark.parametrize("place", ["package", "rule"])
def test_a_schema_that_refers_to_the_network_is_refused(opa: Path, mine: Path, place: str) -> None:
    schemas = '# schemas:\n#   - input.meta: {"$ref": "http://127.0.0.1:9/schema"}\n'
    before = schemas if place == "package" else ""
    between = f"\n# METADATA\n# scope: rule\n{schemas}" if place == "rule" else ""
    text = f"{metadata()}{before}package k8s.mine\n{between}{FAIL.strip()}\n"
    path = write_text(mine, "mine", text.encode())
    found = refusal(opa, mine)
    assert found.startswith(f"{path}:")
    assert "schemas may refer to the network" in found


# --- names that point to others -----------------------------------------------------------------


def test_what_it_supersedes_must_exist(opa: Path, mine: Path) -> None:
    path = write_policy(mine, custom={"supersedes": ["mien"]})
    write_policy(mine, "mine_too")
    assert refusal(opa, mine) == f"{path}: supersedes unknown policy 'mien'; did you mean 'mine'?"


def test_it_may_not_hide_the_findings_of_a_shipped_policy(opa: Path, mine: Path) -> None:
    path = write_policy(mine, custom={"supersedes": ["host_pid"]})
    assert refusal(opa, mine).startswith(f"{path}: supersedes host_pid, whose findings it would hide")


def test_the_frameworks_whose_results_it_counts_must_exist(opa: Path, mine: Path) -> None:
    path = write_policy(mine, custom={"needs": ["results"], "counts": ["pss_basline"]})
    assert refusal(opa, mine) == f"{path}: counts the results of unknown framework 'pss_basline'"


@pytest.mark.parametrize("second", ["mine", "mine_too"])
def test_supersedes_goes_in_no_circle(opa: Path, mine: Path, second: str) -> None:
    path = write_policy(mine, custom={"supersedes": [second]})
    if second != "mine":
        write_policy(mine, second, custom={"supersedes": ["mine"]})
    assert refusal(opa, mine) == f"{path}: supersedes itself, by way of {second}"


@pytest.mark.parametrize(
    ("ids", "owner"),
    [(["host_pid"], "a policy in use"), (["mine"], "a policy in use"), (["old", "old"], "mine")],
)
def test_a_retired_id_belongs_to_one(opa: Path, mine: Path, ids: list[str], owner: str) -> None:
    path = write_policy(mine, custom={"retired_ids": ids})
    assert refusal(opa, mine) == f"{path}: retired id {ids[0]!r} is also that of {owner}"


def test_two_policies_claim_a_retired_id(opa: Path, mine: Path) -> None:
    write_policy(mine, custom={"retired_ids": ["old"]})
    path = write_policy(mine, "mine_too", custom={"retired_ids": ["old"]})
    assert refusal(opa, mine) == f"{path}: retired id 'old' is also that of mine"


# --- messages name the user's file --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("package k8s.mine\n\nfail contains x if {\n", ":4: unexpected eof token"),
        (
            "package k8s.mine\n\nfail contains 1 if nobody(1)\n",
            ":3: rego_type_error: undefined function nobody",
        ),
        ("package k8s.mine\n\nfail contains x if input.y\n", ":3: rego_unsafe_var_error: var x is unsafe"),
    ],
)
def test_a_fault_in_the_rules(opa: Path, mine: Path, text: str, message: str) -> None:
    lines = metadata().count("\n")
    path = write_text(mine, "mine", (metadata() + text).encode())
    number, _, words = message.removeprefix(":").partition(":")
    assert refusal(opa, mine) == f"{path}:{lines + int(number)}:{words}"


def test_a_path_that_looks_like_ours_is_shown_once(opa: Path, mine: Path) -> None:
    path = write_policy(mine / "custom" / "k8s", rules=f"{FAIL}\nfail contains x if input.y\n")
    assert refusal(opa, mine).count(str(path)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", ":0: empty module"),
        (b"# a comment\n", ":0: empty module"),
        (b"\x00\x01\x02", ":1: "),
        (b"package k8s.mine\n" + b"x := " + b"[" * 60_000, ":2: "),
        (f"package k8s.mine\n{FAIL}".encode(), ": has no METADATA"),
        (b"# METADATA\n# title: [\npackage k8s.mine\n\nfail contains 1 if input.meta.x\n", ":"),
    ],
)
def test_what_is_no_policy_at_all(opa: Path, mine: Path, text: bytes, message: str) -> None:
    path = write_text(mine, "mine", text)
    assert refusal(opa, mine).startswith(f"{path}{message}")


def test_a_parser_bomb_is_given_up(opa: Path, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.evaluate.rules.PATIENCE", 0.5)
    path = write_text(mine, "mine", b"package k8s.mine\nx := " + b"-".join([b"1"] * 30_000))
    assert refusal(opa, mine) == f"{path}: opa parse did not end within 0.5 s"


# --- digests ------------------------------------------------------------------------------------


def test_the_same_rules_give_the_same_digest_wherever_they_lie(opa: Path, mine: Path, tmp_path: Path) -> None:
    write_policy(mine / "a", "first")
    write_policy(mine / "b", "second")
    moved = tmp_path / "elsewhere"
    shutil.copytree(mine, moved)
    bundle = load(opa, mine)
    assert load(opa, moved / "b", moved / "a") == msgspec.structs.replace(bundle, archive=_any())


class _Any(str):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


def _any() -> str:
    return _Any()


def _digests(bundle: Bundle) -> dict[str, str]:
    return {"bundle": bundle.digest, **{policy.id: policy.digest for policy in bundle.policies.values()}}


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    return {name for name, digest in before.items() if after[name] != digest}


def test_a_policy_digest_changes_with_what_its_verdicts_depend_on(
    opa: Path, shipped: Path, mine: Path
) -> None:
    path = write_policy(mine, custom={"parameters": {"limit": 3}})
    before = _digests(load(opa, mine))

    assert _changed(before, _digests(load(opa, mine, parameters={"mine": {"limit": 4}}))) == {
        "bundle",
        "mine",
    }
    assert _changed(before, _digests(load(opa, mine, enabled={"mine": False}))) == set()
    path.write_text(path.read_text() + "\n# a comment counts: the text is what is hashed\n")
    assert _changed(before, _digests(load(opa, mine))) >= {"mine"}
    write_policy(mine, custom={"parameters": {"limit": 3}})
    assert _changed(before, _digests(load(opa, mine))) == set()

    write_policy(mine, "another")
    assert _changed(before, _digests(load(opa, mine))) == {"bundle"}
    shutil.rmtree(mine / "another")
    used, unused = (shipped / f"lib/{name}/{name}.rego" for name in ("pod_security", "seccomp"))
    unused.write_text(unused.read_text() + "\nmore := 1\n")
    assert _changed(before, _digests(load(opa, mine))) == {"bundle"}
    used.write_text(used.read_text() + "\nmore := 1\n")
    assert _changed(before, _digests(load(opa, mine))) == {"bundle", "unsafe_sysctl"}


# --- overrides ----------------------------------------------------------------------------------

PARAMETERS = {
    "plain": "a",
    "number": 3,
    "names": ["a"],
    "level": {"default": "low", "choices": ["low", "high"], "description": "how much"},
    "version": {"default": "v1", "pattern": "v[0-9]+"},
    "some": {"default": ["v1"], "pattern": "v[0-9]+"},
    "anything": None,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("plain", "b"),
        ("plain", ""),
        ("number", 4),
        ("number", 0.5),
        ("names", []),
        ("names", ["b", "c"]),
        ("level", "high"),
        ("version", "v22"),
        ("some", ["v1", "v2"]),
        ("anything", {"a": [1]}),
    ],
)
def test_a_parameter_is_overridden(opa: Path, mine: Path, name: str, value: Any) -> None:
    write_policy(mine, custom={"parameters": PARAMETERS})
    for policy in ("mine", "*"):
        found = load(opa, mine, parameters={policy: {name: value}}).policies["mine"].parameters
        plain = {key: one["default"] if isinstance(one, dict) else one for key, one in PARAMETERS.items()}
        assert found == {**plain, name: value}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("plain", 1, "expected string, got number"),
        ("plain", None, "expected string, got null"),
        ("number", True, "expected number, got boolean"),
        ("number", math.nan, "holds what JSON has no word for"),
        ("names", "a", "expected list, got string"),
        ("names", [1], "expected a list of strings, got an entry that is number"),
        ("names", [None], "expected a list of strings, got an entry that is null"),
        ("level", "hihg", "'hihg' is none of low, high"),
        ("version", "v1\n", "'v1\\n' does not match v[0-9]+"),
        ("version", "xv1", "'xv1' does not match v[0-9]+"),
        ("some", ["v1", "x"], "'x' does not match v[0-9]+"),
        ("anything", {1: 2}, "holds what JSON has no word for"),
    ],
)
def test_a_value_that_does_not_fit(opa: Path, mine: Path, name: str, value: Any, message: str) -> None:
    write_policy(mine, custom={"parameters": PARAMETERS})
    with pytest.raises(ConfigError) as caught:
        load(opa, mine, parameters={"mine": {name: value}}, origin="auditor.yaml")
    assert str(caught.value) == f"auditor.yaml: parameter {name} of mine: {message}"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"parameters": {"host_pidd": {}}}, "unknown policy 'host_pidd'; did you mean 'host_pid'?"),
        ({"enabled": {"host_pidd": False}}, "unknown policy 'host_pidd'; did you mean 'host_pid'?"),
        (
            {"parameters": {"unsafe_sysctl": {"pss_versoin": "v1.30"}}},
            "policy unsafe_sysctl has no parameter 'pss_versoin'; did you mean 'pss_version'?",
        ),
        ({"parameters": {"host_pid": {"x": 1}}}, "policy host_pid has no parameter 'x'"),
        (
            {"parameters": {"*": {"pss_versoin": "v1.30"}}},
            "no policy has a parameter 'pss_versoin'; did you mean 'pss_version'?",
        ),
        (
            {"parameters": {"*": {"pss_version": "1.30"}}},
            "parameter pss_version of unsafe_sysctl: '1.30' does not match "
            r"^(latest|v1\.(0|[1-9][0-9]{0,2}))$",
        ),
    ],
)
def test_an_override_that_fits_nothing(opa: Path, shipped: Path, overrides: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(opa, **overrides, origin="auditor.yaml")
    assert str(caught.value) == f"auditor.yaml: {message}"


def test_the_nearer_override_wins_and_reaches_the_rules(opa: Path, shipped: Path) -> None:
    overrides = Overrides(
        parameters={"*": {"pss_version": "v1.36"}, "unsafe_sysctl": {"pss_version": "v1.37"}}
    )
    sysctls = [{"name": "net.ipv4.tcp_notsent_lowat", "value": "1"}]
    pod = {"path": "/spec", "spec": {"securityContext": {"sysctls": sysctls}}}
    questions = ask(["unsafe_sysctl"], [document("x", pod=pod)])
    verdicts = []
    for one in (overrides, Overrides(parameters={"*": {"pss_version": "v1.36"}})):
        with load_bundle(opa, (), one) as bundle, OpaEngine(opa, bundle, Limits()) as engine:
            [answer] = engine.evaluate(questions)
            verdict = answer.verdicts["unsafe_sysctl"]
            assert not isinstance(verdict, Failure)
            verdicts.append(len(verdict.fail))
    assert verdicts == [0, 1]


def test_switching_on_and_off(opa: Path, mine: Path) -> None:
    write_policy(mine, custom={"enabled": False})
    assert not load(opa, mine).policies["mine"].enabled
    bundle = load(opa, mine, enabled={"mine": True, "host_pid": False})
    assert {name: policy.enabled for name, policy in bundle.policies.items()} == {
        "mine": True,
        "host_pid": False,
        "unsafe_sysctl": True,
    }


# --- frameworks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: other\ntitle: t\nversion: v\ncontrols: []\n", "the id 'other' is not the file's name"),
        (
            "id: mine\ntitle: t\nversion: v\ncontrols: [{id: a, title: b, policies: [host_pdi]}]\n",
            "control a: unknown policy 'host_pdi'; did you mean 'host_pid'?",
        ),
        ("id: mine\ntitle: t\nversion: v\n", "Object missing required field `controls`"),
        ("id: mine\ntitle: t\nversion: v\ncontrols: []\nmore: 1\n", "Object contains unknown field `more`"),
        ("id: [\n", "while parsing a flow node"),
    ],
)
def test_a_broken_framework(opa: Path, shipped: Path, text: str, message: str) -> None:
    path = shipped / "frameworks" / "mine.yaml"
    path.write_text(text)
    assert refusal(opa).startswith(f"{path}: {message}")


def test_the_metadata_of_this_file_is_complete(opa: Path, mine: Path) -> None:
    """The other tests change one thing of it at a time."""
    write_policy(mine)
    policy = load(opa, mine).policies["mine"]
    assert (policy.title, policy.description) == (METADATA["title"], METADATA["description"])
