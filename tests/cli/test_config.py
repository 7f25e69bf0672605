"""auditor.yaml on the command line: what it says is done, and what is wrong in it is told with its place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from auditor.cli.formats import FORMATS
from auditor.cli.wanted import Flags, Wanted, wanted
from auditor.errors import ConfigError, UsageError
from auditor.evaluate.overrides import Overrides
from auditor.rules import Severity
from tests.cli.conftest import Run
from tests.cli.manifests import containers, deployment, write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "auditor.yaml"


def want(**flags: Any) -> Wanted:
    return wanted(Flags(**flags), FORMATS)


# --- what an audit is asked to do ---------------------------------------------------------------


def test_without_anything_there_are_defaults() -> None:
    found = want()
    assert [(one.format, one.path) for one in found.outputs] == [("table", "-")]
    assert (found.fail_on, found.fail_on_system, found.min_coverage) == (Severity.HIGH, False, 100)
    assert (found.baseline, found.waivers, found.store, found.save_snapshot) == ("", (), None, "")
    assert (found.overrides, found.config) == (Overrides(), None)
    assert not found.namespaces.limited


def test_all_of_the_file_is_done(file: Path) -> None:
    file.write_text(
        """
source: {context: c, kubeconfig: /k, namespaces: [shop]}
save_snapshot: s.gz
frameworks: [pss_baseline]
only_policies: [host_pid]
policy_folders: [.]
policies: {host_pid: {severity: low}}
namespaces: {include: [a], exclude: [b]}
owner_label: team
output: [json]
fail_on: never
fail_on_system: true
min_coverage: 50
baseline: last
waivers: {paths: [w], expiring_days: 3}
store: none
history: {hold: true}
opa: opa
color: never
log_format: json
"""
    )
    found, here = want(config=file), file.parent
    assert (found.scope.context, found.scope.kubeconfig, found.scope.namespaces) == ("c", "/k", ("shop",))
    assert found.save_snapshot == str(here / "s.gz")
    assert (found.frameworks, found.policies, found.folders) == (
        ("pss_baseline",),
        ("host_pid",),
        (here,),
    )
    assert found.overrides.severity == {"host_pid": Severity.LOW}
    assert (found.namespaces.include, found.namespaces.exclude, found.namespaces.named) == (
        ("a",),
        ("b",),
        (),
    )
    assert [one.format for one in found.outputs] == ["json"]
    assert (found.fail_on, found.fail_on_system, found.min_coverage) == (None, True, 50)
    assert (found.baseline, found.waivers, found.store) == ("last", (here / "w",), "none")
    assert (found.terms.expiring_days, found.history.hold, found.owner_label) == (3, True, "team")
    assert (found.opa, found.color, found.messages.format) == (str(here / "opa"), "never", "json")
    assert found.config
    assert found.config.digest.startswith("sha256:")


def test_flags_take_back_what_the_file_says(file: Path) -> None:
    file.write_text("baseline: last\nwaivers: {paths: [w]}\nstore: s.db\nfail_on_system: true\n")
    found = want(config=file, baseline="none", waivers=["none"], store="none", fail_on_system=False)
    assert (found.baseline, found.waivers, found.store, found.fail_on_system) == ("", (), "none", False)


def test_a_namespace_on_the_command_line_is_judged_whatever_the_file_says(file: Path) -> None:
    file.write_text("namespaces: {exclude: [shop]}\nsource: {namespaces: [team]}\n")
    assert want(config=file).namespaces.named == ()
    assert want(config=file, namespaces=["shop"]).namespaces.reason("shop") == ""


def test_what_does_not_concern_the_source_is_left_aside(file: Path) -> None:
    file.write_text("kube_version: v1.30\nsave_snapshot: s.gz\n")
    assert (want(config=file).scope.kube_version, want(config=file).save_snapshot != "") == ("", True)
    found = want(config=file, manifests=["a"])
    assert (found.scope.kube_version, found.save_snapshot) == ("v1.30", "")
    # a flag is meant for this run, and told when it means nothing
    with pytest.raises(UsageError, match="--save-snapshot is for a cluster"):
        want(manifests=["a"], save_snapshot="s.gz")
    assert want(kube_version="v1.30").scope.kube_version == "v1.30"


def test_a_dry_run_overwrites_no_report(file: Path) -> None:
    file.write_text("output: [json=report.json]\n")
    assert [(one.format, one.path) for one in want(config=file, dry_run=True).outputs] == [("table", "-")]
    [output] = want(config=file, dry_run=True, outputs=["json=a.json"]).outputs
    assert output.path == "a.json"


@pytest.mark.parametrize("key", ["manifests: [a]", "snapshot: a"])
def test_a_dry_run_is_about_a_cluster(key: str, file: Path) -> None:
    file.write_text(f"source:\n  {key}\n")
    with pytest.raises(ConfigError, match=r":2: source\.\w+: --dry-run asks a cluster for rights"):
        want(config=file, dry_run=True)
    assert want(config=file, dry_run=True, context="c").scope.context == "c"


WRONG = {
    "format": (
        "output:\n  - table\n  - tabel=x\n",
        3,
        "output.1: unknown format 'tabel'; did you mean 'table'?",
    ),
    "path": ("output: ['json=']\n", 1, "output.0: the path is missing"),
    "folder": ("policy_folders:\n- none\n", 2, "policy_folders.0: is no folder"),
    "place": ("\noutput: [json=a, html=a]\n", 2, "output: two outputs go to "),
    "version": (
        "source: {manifests: [a]}\nkube_version: '1'\n",
        2,
        "kube_version: '1' is no version",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), WRONG.values(), ids=WRONG)
def test_what_only_the_command_line_knows(text: str, line: int, message: str, file: Path) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        want(config=file)
    assert str(caught.value).startswith(f"{file}:{line}: {message}")


# --- what does not exist ------------------------------------------------------------------------


def test_a_folder_is_no_configuration(run: Run, tmp_path: Path) -> None:
    ended = run("audit", "-f", tmp_path, "--config", tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"error: {tmp_path}: cannot be read: Is a directory\n"


ABSENT = {
    "policy": (
        "\npolicies: {host_pids: {enabled: false}}",
        "2: policies.host_pids: unknown policy 'host_pids'; did you mean 'host_pid'?",
    ),
    "parameter of all": (
        "parameters:\n  pss_versoin: latest",
        "2: parameters.pss_versoin: no policy has a parameter 'pss_versoin'; did you mean 'pss_version'?",
    ),
    "parameter of one": (
        "policies: {host_pid: {parameters: {limit: 1}}}",
        "1: policies.host_pid.parameters.limit: policy host_pid has no parameter 'limit'",
    ),
    "pattern": ('parameters: {pss_version: "1.30"}', "1: parameters.pss_version: parameter pss_version of "),
    "type": ("parameters: {pss_version: 1.30}", "1: parameters.pss_version: parameter pss_version of "),
    "framework": (
        "frameworks: [pss_baseline, pss_restrictd]",
        "1: frameworks.1: unknown framework 'pss_restrictd'; did you mean 'pss_restricted'?",
    ),
    "selected policy": (
        "only_policies:\n- host_pdi",
        "2: only_policies.0: unknown policy 'host_pdi'; did you mean 'host_pid'?",
    ),
}


@pytest.mark.parametrize(("text", "message"), ABSENT.values(), ids=ABSENT)
def test_what_does_not_exist_is_refused(run: Run, text: str, message: str, file: Path) -> None:
    file.write_text(text)
    for command in (["audit", "-f", file.parent, "--config", file], ["config", "check", file]):
        ended = run(*command)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(f"error: {file}:{message}")


def test_reasons_for_a_value_are_told(run: Run, file: Path) -> None:
    file.write_text('policies: {seccomp_profile_missing: {parameters: {pss_version: "1.30"}}}')
    ended = run("audit", "-f", file.parent, "--config", file)
    assert "parameter pss_version of seccomp_profile_missing: '1.30' does not match ^(latest|" in ended.err


def test_no_file_is_read_unless_it_is_named(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("fail_on: never\n")
    monkeypatch.chdir(file.parent)
    assert "fail_on: high  # default" in run("config", "show").out.splitlines()
    monkeypatch.setenv("AUDITOR_CONFIG", "auditor.yaml")
    assert "fail_on: never  # auditor.yaml:1" in run("config", "show").out.splitlines()


# --- what it changes ----------------------------------------------------------------------------


def test_a_good_file_changes_verdicts(run: Run, file: Path) -> None:
    """One audit shows both: a version without the control, and a policy that is switched off."""
    file.write_text("parameters: {pss_version: v1.20}\npolicies:\n  host_pid:\n    enabled: false\n")
    bare = deployment()
    containers(bare)[0]["securityContext"] = {"runAsUser": 0}
    ended = run("audit", "-f", write(file.parent / "a.yaml", bare), "--config", file, "-o", "json")
    record = ended.record
    standards = [one for one in record.controls if one.framework.startswith("pss_")]
    by_policy = {policy: one.status for one in standards for policy in one.policies}
    found = {one.policy for one in record.findings}
    # runAsUser is judged since v1.23, dropping all capabilities since v1.22
    # https://kubernetes.io/docs/concepts/security/pod-security-standards/
    assert by_policy["run_as_root_user"] == "not_applicable"
    assert not found & {"run_as_root_user", "capabilities_not_dropped"}
    assert by_policy["privilege_escalation_allowed"] == "fail"
    assert "privilege_escalation_allowed" in found
    [declined] = [one for one in record.out_of_reach if "host_pid" in one.reason]
    assert declined.reason == "policy host_pid is switched off"
    assert "host_pid" not in record.audit.bundle.policies
    assert by_policy["host_pid"] == "incomplete"
    assert ended.code == 0


def in_namespace(namespace: str, **labels: str) -> dict[str, Any]:
    found = deployment(privileged=True, labels=labels)
    found["metadata"]["namespace"] = namespace
    return found


def test_namespaces_and_severities(run: Run, file: Path) -> None:
    file.write_text(
        """
policies: {privileged_container: {severity: low}}
namespaces:
  exclude: [legacy, kube-*]
  parameters: {old-*: {"*": {pss_version: v1.7}}}
owner_label: team
"""
    )
    manifests = write(
        file.parent / "a.yaml",
        in_namespace("shop", team="alpha"),
        in_namespace("old-one"),
        in_namespace("legacy"),
        in_namespace("kube-flannel"),
    )
    record = run("audit", "-f", manifests, "--config", file, "-o", "json").record
    found = {(one.resource.namespace, one.policy) for one in record.findings}
    assert {namespace for namespace, _ in found} == {"shop", "old-one"}
    # seccomp is judged since v1.19, allowPrivilegeEscalation since v1.8
    assert ("shop", "privilege_escalation_allowed") in found
    assert ("old-one", "privilege_escalation_allowed") not in found
    assert {one.severity for one in record.findings if one.policy == "privileged_container"} == {Severity.LOW}
    assert {one.resource.namespace: one.owner for one in record.findings} == {"shop": "alpha", "old-one": ""}
    out = {one.namespace: (one.reason, one.effect) for one in record.out_of_reach if one.namespace}
    assert out == {
        "kube-flannel": (
            "namespace kube-flannel is excluded by auditor.yaml (kube-*)",
            "not judged: 1 Deployment",
        ),
        "legacy": ("namespace legacy is excluded by auditor.yaml", "not judged: 1 Deployment"),
    }
    assert record.summary.coverage == 1
    judging = {one.policy for one in record.audit.bundle.rules if "Deployment" in one.kinds}
    about = [one for one in record.controls if judging.intersection(one.policies)]
    assert {one.status for one in about if not one.failing} == {"incomplete"}
    assert record.summary.documents == 2

    named = run("audit", "-f", manifests, "--config", file, "-o", "json", "-n", "legacy").record
    assert {one.resource.namespace for one in named.findings} == {"legacy"}


def test_a_request_is_shown_and_waives_nothing(run: Run, file: Path) -> None:
    asks = "privileged_container: needed until May"
    body = deployment(privileged=True, annotations={"auditor.dev/request-waiver": asks})
    other = deployment("other", annotations={"auditor.dev/request-waiver": "please"})
    ended = run("audit", "-f", write(file.parent / "a.yaml", body, other), "-o", "json")
    assert ended.code == 1
    told = {one.policy: one.waiver_request for one in ended.record.findings}
    assert told.pop("privileged_container") == asks
    assert set(told.values()) == {""}
    [remark] = ended.record.remarks
    assert remark.resource.name == "other"
    assert "asks for nothing" in remark.text


def test_messages_have_the_form_that_the_file_says(run: Run, file: Path, tmp_path: Path) -> None:
    """Errors too, once the file is read; the next command starts anew."""
    file.write_text("log_format: json\nsource: {manifests: [none]}\n")
    ended = run("audit", "--config", file)
    assert ended.code == 2
    assert json.loads(ended.err)["message"] == f"{tmp_path / 'none'}: no such file or folder"
    assert run("audit", "--config", tmp_path).err.startswith("error: ")
    assert run("audit", "--config", file, "--log-format", "text").err.startswith("error: ")


# --- policies -----------------------------------------------------------------------------------


def test_policies_are_shown_as_the_file_makes_them(run: Run, file: Path) -> None:
    file.write_text("policies: {host_pid: {severity: low}, host_ipc: {enabled: false}}\n")
    lines = run("policies", "list", "--config", file).out.splitlines()
    [listed] = [one for one in lines if " host_pid " in one]
    assert listed.startswith("low ")
    assert listed.endswith("  (declared high)")
    explained = run("explain", "host_pid", "--config", file, "-o", "text").out
    assert ["severity", "low", "(declared", "high)"] in [one.split() for one in explained.splitlines()]
    answer = json.loads(run("policies", "list", "--config", file, "-o", "json").out)["policies"]
    [shown] = [one for one in answer if one["id"] == "host_pid"]
    assert (shown["severity"], shown["declared_severity"]) == ("low", "high")
    off = {one["id"] for one in answer if not one["enabled"]}
    usual = json.loads(run("policies", "list", "-o", "json").out)["policies"]
    assert off == {"host_ipc", *(one["id"] for one in usual if not one["enabled"])}


# --- config -------------------------------------------------------------------------------------


def test_show(run: Run, file: Path) -> None:
    file.write_text("fail_on: low\nsource: {context: one}\n")
    ended = run("config", "show", "--config", file, "-f", "deploy", "--min-coverage", "50")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert "  manifests: [deploy]  # -f" in lines
    assert "  context: null  # default" in lines
    assert f"fail_on: low  # {file}:1" in lines
    assert "min_coverage: 50.0  # --min-coverage" in lines
    answer = json.loads(run("config", "show", "--config", file, "-o", "json").out)
    assert answer["settings"]["source"]["context"] == "one"
    assert answer["origins"]["source.context"] == f"{file}:2"


def test_show_what_is_wrong(run: Run, file: Path) -> None:
    file.write_text("fail-on: low\n")
    ended = run("config", "show", "--config", file)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {file}:1: fail-on: unknown key; did you mean 'fail_on'?")


def test_check(run: Run, file: Path) -> None:
    off = []
    for enabled in ("true", "false"):
        file.write_text(f"policies: {{host_pid: {{enabled: {enabled}}}}}\nframeworks: [pss_baseline]\n")
        ended = run("config", "check", file)
        assert (ended.code, ended.err) == (0, "")
        told = re.fullmatch(
            rf"{re.escape(str(file))}: is right; \d+ policies, (\d+) of them switched off\n", ended.out
        )
        assert told
        off.append(int(told[1]))
    assert off[1] == off[0] + 1


@pytest.mark.parametrize(("text", "line", "message"), WRONG.values(), ids=WRONG)
def test_check_sees_what_an_audit_would(text: str, line: int, message: str, run: Run, file: Path) -> None:
    file.write_text(text)
    ended = run("config", "check", file)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {file}:{line}: {message}")


def test_check_nothing(run: Run) -> None:
    ended = run("config", "check")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: no file to check\n  hint: ")
