"""auditor.yaml: a fault names file, line and key; what is right changes verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.config.settings import load_config
from auditor.errors import ConfigError
from auditor.evaluate.bundle import Overrides
from tests.cli.conftest import Run
from tests.cli.manifests import containers, deployment, write

WRONG = {
    "no YAML": ("policies:\n  a: }\n", 2, "not valid YAML: "),
    "tab": ("policies:\n\ta: 1\n", 2, "not valid YAML: a tab stands where only spaces may"),
    "binary": ("a: \0\n", 1, "not valid YAML: "),
    "unknown key": ("polices: {}\n", 1, "polices: unknown key; did you mean 'policies'?"),
    "unknown key of a policy": (
        "policies:\n  host_pid:\n    enabeld: false\n",
        3,
        "policies.host_pid.enabeld: unknown key; did you mean 'enabled'?",
    ),
    "list": ("- policies\n", 1, "the file: must be a mapping"),
    "list of policies": ("policies: [host_pid]\n", 1, "policies: must be a mapping"),
    "policy that is no mapping": ("policies:\n  host_pid: off\n", 2, "policies.host_pid: must be a mapping"),
    "switch that is no boolean": (
        "policies:\n  host_pid:\n    enabled: 1\n",
        3,
        "policies.host_pid.enabled: must be true or false",
    ),
    "parameters that are a list": ("\nparameters: [1]\n", 2, "parameters: must be a mapping"),
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
def test_fault_names_file_line_and_key(text: str, line: int, message: str, tmp_path: Path) -> None:
    path = tmp_path / "auditor.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_config(path)
    assert str(error.value).startswith(f"{path}:{line}: {message}")


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "policies:\nparameters:\n", "policies: {}\n"])
def test_empty_file_changes_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "auditor.yaml"
    path.write_text(text)
    assert load_config(path) == Overrides(parameters={"*": {}}, origin=str(path))


def test_folder_is_no_configuration(run: Run, tmp_path: Path) -> None:
    ended = run("audit", "-f", tmp_path, "--config", tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"error: {tmp_path}: cannot be read: Is a directory\n"


BUILT = {
    "policy": (
        "policies: {host_pids: {enabled: false}}",
        "unknown policy 'host_pids'; did you mean 'host_pid'?",
    ),
    "parameter of all": (
        "parameters: {pss_versoin: latest}",
        "no policy has a parameter 'pss_versoin'; did you mean 'pss_version'?",
    ),
    "parameter of one": (
        "policies: {host_pid: {parameters: {limit: 1}}}",
        "policy host_pid has no parameter 'limit'",
    ),
    "pattern": ('parameters: {pss_version: "1.30"}', "parameter pss_version of "),
    "type": ("parameters: {pss_version: 1.30}", "parameter pss_version of "),
}


@pytest.mark.parametrize(("text", "message"), BUILT.values(), ids=BUILT)
def test_what_fits_no_policy_is_refused(run: Run, text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "auditor.yaml"
    path.write_text(text)
    ended = run("audit", "-f", tmp_path, "--config", path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {path}: {message}")


def test_reasons_for_a_value_are_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "auditor.yaml"
    path.write_text('policies: {seccomp_profile_missing: {parameters: {pss_version: "1.30"}}}')
    ended = run("audit", "-f", tmp_path, "--config", path)
    assert "parameter pss_version of seccomp_profile_missing: '1.30' does not match ^(latest|" in ended.err


def test_good_configuration_changes_verdicts(run: Run, tmp_path: Path) -> None:
    """One audit shows both: a version without the control, and a policy that is switched off."""
    path = tmp_path / "auditor.yaml"
    path.write_text("parameters: {pss_version: v1.20}\npolicies:\n  host_pid:\n    enabled: false\n")
    bare = deployment()
    containers(bare)[0]["securityContext"] = {"runAsUser": 0}
    ended = run("audit", "-f", write(tmp_path / "a.yaml", bare), "--config", path, "-o", "json")
    record = ended.record
    states = {(one.framework, one.control): one for one in record.controls}
    by_policy = {policy: one.status for one in states.values() for policy in one.policies}
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
