"""auditor.yaml as it is read: every fault with file, line and key, and paths relative to the file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from auditor.config.file import ConfigFile, overrides, read_config
from auditor.config.settings import PolicySettings, Settings
from auditor.errors import ConfigError
from auditor.evaluate.overrides import Overrides
from auditor.rules import Severity


def read(folder: Path, text: str) -> ConfigFile:
    path = folder / "auditor.yaml"
    path.write_text(text)
    return read_config(path)


WRONG = {
    "no YAML": ("policies:\n  a: }\n", 2, "not valid YAML: "),
    "tab": ("policies:\n\ta: 1\n", 2, "not valid YAML: a tab stands where only spaces may"),
    "binary": ("a: \0\n", 1, "not valid YAML: "),
    "unknown key": ("polices: {}\n", 1, "polices: unknown key; did you mean 'policies'?"),
    "hyphen": ("\nfail-on: low\n", 2, "fail-on: unknown key; did you mean 'fail_on'?"),
    "unknown key of a policy": (
        "policies:\n  host_pid:\n    enabeld: false\n",
        3,
        "policies.host_pid.enabeld: unknown key; did you mean 'enabled'?",
    ),
    "unknown key of the source": (
        "source:\n  context: a\n  namespace: [a]\n",
        3,
        "source.namespace: unknown key; did you mean 'namespaces'?",
    ),
    "unknown key of the terms": (
        "waivers:\n  max_dasy: {}\n",
        2,
        "waivers.max_dasy: unknown key; did you mean 'max_days'?",
    ),
    "list": ("- policies\n", 1, "the file: must be a mapping, not a list"),
    "list of policies": ("policies: [host_pid]\n", 1, "policies: must be a mapping, not a list"),
    "policy that is no mapping": ("policies:\n  host_pid: off\n", 2, "policies.host_pid: must be a mapping"),
    "switch that is no boolean": (
        "policies:\n  host_pid:\n    enabled: 1\n",
        3,
        "policies.host_pid.enabled: must be true or false, not a whole number",
    ),
    "parameters that are a list": ("\nparameters: [1]\n", 2, "parameters: must be a mapping, not a list"),
    "parameters of a namespace": (
        "namespaces:\n  parameters:\n    a:\n      host_pid: 3\n",
        4,
        "namespaces.parameters.a.host_pid: must be a mapping, not a whole number",
    ),
    "list that is a text": (
        "frameworks: pss_baseline\n",
        1,
        "frameworks: must be a list, not text",
    ),
    "entry of a list": ("output:\n  - table\n  - 3\n", 3, "output.1: must be text, not a whole number"),
    "severity": (
        "policies:\n  host_pid: {severity: hihg}\n",
        2,
        "policies.host_pid.severity: unknown word 'hihg'; did you mean 'high'?",
    ),
    "severity as a key": (
        "waivers:\n  max_days:\n    critcal: 3\n",
        3,
        "waivers.max_days.critcal: unknown word 'critcal'; did you mean 'critical'?",
    ),
    "threshold": ("fail_on: nevr\n", 1, "fail_on: unknown word 'nevr'; did you mean 'never'?"),
    "colour": ("color: alway\n", 1, "color: unknown word 'alway'; did you mean 'always'?"),
    "version that is a number": (
        "kube_version: 1.36\n",
        1,
        "kube_version: must be text, not a number; put it in quotation marks",
    ),
    "coverage": ("\nmin_coverage: 101\n", 2, "min_coverage: must be at most 100"),
    "days": ("history:\n  daily: -1\n", 2, "history.daily: must be at least 0"),
    "term": ("waivers: {max_days: {high: 0}}\n", 1, "waivers.max_days.high: must be at least 1"),
    "expression": ("waivers: {ticket: '['}\n", 1, "waivers.ticket: is no regular expression: "),
    "empty path": ("store: ''\n", 1, "store: is empty"),
    "empty entry": ("policy_folders: [a, '']\n", 1, "policy_folders.1: is empty"),
    "namespace": (
        "namespaces:\n  exclude: [a, kube_system]\n",
        2,
        "namespaces.exclude.1: 'kube_system' matches no name of a namespace",
    ),
    "pattern that is none": (
        "namespaces:\n  include: ['[ab]*']\n",
        2,
        "namespaces.include.0: '[ab]*' matches no name of a namespace",
    ),
    "namespace with parameters": (
        "namespaces:\n  parameters:\n    A: {}\n",
        3,
        "namespaces.parameters.A: 'A' matches no name of a namespace",
    ),
    "label": ("owner_label: 'te am'\n", 1, "owner_label: 'te am' is no name of a label"),
    "two sources": (
        "source:\n  manifests: [a]\n  context: b\n",
        3,
        "source.context: cannot be combined with source.manifests: an audit has one source",
    ),
    "snapshot of namespaces": (
        "source:\n  snapshot: a\n  namespaces: [b]\n",
        3,
        "source.namespaces: cannot be combined with source.snapshot: ",
    ),
    "key that stands twice": (
        "policies:\n  host_pid: {enabled: false}\n  host_pid: {}\n",
        3,
        "the key stands twice in its mapping",
    ),
    "second document": ("parameters: {}\n---\npolicies: {}\n", 3, "a second document; all must stand in one"),
    "anchor bomb": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
            for old, new in zip("abcdefg", "bcdefgh", strict=True)
        ),
        6,
        "not valid YAML: aliases expand to more than",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), WRONG.values(), ids=WRONG)
def test_a_fault_names_file_line_and_key(text: str, line: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'auditor.yaml'}:{line}: {message}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "---\n",
        "policies:\nparameters:\nsource:\n  context:\n",
        "policies: {}\n",
        "policies: {host_pid: , host_ipc: {enabled: }}",
        "namespaces: {exclude: , parameters: }",
    ],
)
def test_what_is_empty_changes_nothing(text: str, tmp_path: Path) -> None:
    config = read(tmp_path, text)
    policies = config.settings.policies
    assert all(one == PolicySettings() for one in policies.values())
    assert config.settings == Settings(policies=policies)
    found = overrides(config)
    assert (found.enabled, found.severity, found.namespaces) == ({}, {}, {})
    assert not any(found.parameters.values())


def test_no_file_is_no_change() -> None:
    assert overrides(None) == Overrides()


def test_what_a_policy_is_told(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        """
parameters: {pss_version: null, list: [1, {a: null}]}
policies:
  one: {enabled: false, severity: low, parameters: {limit: null, other: 1}}
  two: {enabled: true}
namespaces:
  parameters:
    shop: {one: {limit: null}, "*": {pss_version: v1.20}}
    core:
""",
    )
    found = overrides(config)
    assert found.enabled == {"one": False, "two": True}
    assert found.severity == {"one": Severity.LOW}
    # null is a value of a parameter, and no missing key
    assert found.parameters == {
        "*": {"pss_version": None, "list": [1, {"a": None}]},
        "one": {"limit": None, "other": 1},
        "two": {},
    }
    assert found.namespaces == {
        "shop": {"one": {"limit": None}, "*": {"pss_version": "v1.20"}},
        "core": {},  # a namespace with the usual ones
    }


def test_terms_that_are_not_said_are_the_usual_ones(tmp_path: Path) -> None:
    terms = read(tmp_path, "waivers: {max_days: {critical: 7}}").settings.waivers
    assert [terms.max_days[one] for one in Severity] == [7, 90, 180, 180, 180]


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    config = read(tmp_path, "fail_on: low # for now\n")
    assert config.digest == f"sha256:{hashlib.sha256((tmp_path / 'auditor.yaml').read_bytes()).hexdigest()}"


# --- paths --------------------------------------------------------------------------------------

PATHS = """
source:
  manifests: [deploy, ../other/, /absolute, "-"]
policy_folders: [policies]
audit_logs: [/var/log/audit, audit.log]
save_snapshot: snapshot.gz
output: [table, json=out/report.json, html=/dev/stdout, table=-]
baseline: old.json
waivers: {paths: [waivers]}
store: ~/history.db
opa: bin/opa
"""


def placed(config: ConfigFile) -> dict[str, Any]:
    settings = config.settings
    return {
        "manifests": settings.source.manifests,
        "folders": settings.policy_folders,
        "logs": settings.audit_logs,
        "snapshot": settings.save_snapshot,
        "output": settings.output,
        "baseline": settings.baseline,
        "waivers": settings.waivers.paths,
        "store": settings.store,
        "opa": settings.opa,
    }


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci/auditor.yaml").write_text(PATHS)
    assert placed(read_config(Path("ci/auditor.yaml"))) == {
        "manifests": ("ci/deploy", "other", "/absolute", "-"),
        "folders": ("ci/policies",),
        "logs": ("/var/log/audit", "ci/audit.log"),
        "snapshot": "ci/snapshot.gz",
        "output": ("table", "json=ci/out/report.json", "html=/dev/stdout", "table=-"),
        "baseline": "ci/old.json",
        "waivers": ("ci/waivers",),
        "store": "/home/me/history.db",
        "opa": "ci/bin/opa",
    }
    monkeypatch.chdir(tmp_path / "ci")
    assert placed(read_config(Path("auditor.yaml")))["manifests"][:2] == ("deploy", "../other")


def test_behind_a_link_the_parent_is_that_of_its_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real/ci").mkdir(parents=True)
    (tmp_path / "ci").symlink_to("real/ci")
    (tmp_path / "ci/auditor.yaml").write_text("source: {manifests: [../deploy]}\n")
    monkeypatch.chdir(tmp_path)
    [path] = read_config(Path("ci/auditor.yaml")).settings.source.manifests
    assert Path(path).resolve() == (tmp_path / "real/deploy").resolve()


def test_words_are_no_paths(tmp_path: Path) -> None:
    settings = read(tmp_path, "store: none\nbaseline: last\n").settings
    assert (settings.store, settings.baseline) == ("none", "last")
    assert read(tmp_path, "baseline: none\n").settings.baseline == "none"
    assert read(tmp_path, "baseline: ./last\n").settings.baseline == str(tmp_path / "last")
