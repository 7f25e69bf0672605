"""An overlay of a user's, applied by the program, and what a terminal is shown of hostile text."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest
from _pytest.capture import CaptureFixture

from auditor.cli.app import run
from tests.stack_live.deployer import config
from tools.build import ROOT, tool_bin
from tools.cluster import ControlPlane

KUSTOMIZATION = """
resources: [settings.yaml]
namespace: {home}
secretGenerator:
- name: login
  literals: [password=value-of-it]
generatorOptions: {{disableNameSuffixHash: true}}
"""


@pytest.fixture(name="overlay")
def _overlay(tmp_path: Path, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kustomization.yaml").write_text(KUSTOMIZATION.format(home=namespace))
    (tmp_path / "settings.yaml").write_text(json.dumps(config(namespace, a="one\n")))
    monkeypatch.setenv("PATH", f"{tool_bin('kustomize')}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_from_plan_to_removal(
    control_plane: ControlPlane, namespace: str, overlay: Path, capsys: CaptureFixture[str]
) -> None:
    own = ["--home", namespace, "--kubeconfig", str(control_plane.kubeconfig)]
    assert run(["stack", "diff", "-k", str(overlay), *own]) == 1
    shown = capsys.readouterr().out
    assert shown.splitlines()[:2] == [f"+ ConfigMap {namespace}/settings", f"+ Secret {namespace}/login"]
    assert run(["stack", "apply", "-k", str(overlay), *own]) == 0
    assert run(["stack", "status", *own]) == 0
    assert capsys.readouterr().out.endswith("0 drifted, of 2 objects\n")

    hostile = json.dumps({"data": {"a": "\x1b[2Jtwo\u202e\n", "password": "q"}})
    control_plane.kubectl("patch", "configmap/settings", "-n", namespace, "-p", hostile)
    assert run(["stack", "apply", "-k", str(overlay), *own]) == 1
    out, err = capsys.readouterr()
    assert "two" in out
    assert not {"\x1b", "\u202e"}.intersection(out + err)
    assert "value-of-it" not in out + err
    assert run(["stack", "status", *own]) == 1

    control_plane.kubectl("delete", "secret/login", "-n", namespace)
    (overlay / "settings.yaml").write_text(json.dumps(config(namespace, a="\x1b[2Jtwo\u202e\n")))
    assert run(["stack", "apply", "-k", str(overlay), *own]) == 0
    assert run(["stack", "rollback", *own]) == 1  # what somebody else has written too is a conflict
    assert run(["stack", "rollback", "--take-over", "all", *own]) == 2
    digest = capsys.readouterr().err.rpartition("--plan ")[2].strip()
    assert run(["stack", "rollback", "--take-over", "all", "--plan", digest, *own]) == 0
    assert run(["stack", "delete", *own]) == 0
    left = control_plane.kubectl("get", "configmaps,secrets,leases", "-n", namespace, "-o", "name")
    assert left.split() == ["configmap/kube-root-ca.crt"]


def test_on_a_terminal_a_person_is_asked(control_plane: ControlPlane, namespace: str, overlay: Path) -> None:
    own = ["--home", namespace, "--kubeconfig", str(control_plane.kubeconfig)]
    assert run(["stack", "apply", "-k", str(overlay), *own]) == 0
    control_plane.kubectl("patch", "configmap/settings", "-n", namespace, "-p", '{"data": {"a": "mine"}}')
    taking = ["stack", "apply", "-k", str(overlay), "--take-over", "all", *own]
    for answer, code in (("no", 2), ("yes", 0)):
        child = pexpect.spawn(sys.executable, ["-m", "auditor", *taking], timeout=120, cwd=ROOT)
        child.expect("this takes fields from others; type yes to go on: ")
        child.sendline(answer)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == code
        a = control_plane.kubectl("get", "cm/settings", "-n", namespace, "-o", "jsonpath={.data.a}")
        assert a == ("one\n" if code == 0 else "mine")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["diff"], "no profile is named"),
        (["apply", "--profile", "ha", "-k", "."], "an overlay says all by itself"),
        (["diff", "-k", ".", "--take-over", "prometheus"], "must be KIND/NAMESPACE/NAME or all"),
        (["status", "--context", "no-such"], "no-such"),
        (["rollback"], "nothing is kept in"),
        (["status"], "nothing is applied from"),
        (["status", "--home", "a/../b"], "no namespace can be called so"),
    ],
)
def test_one_clear_error(
    control_plane: ControlPlane,
    namespace: str,
    overlay: Path,
    arguments: list[str],
    words: str,
    capsys: CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(overlay)
    own = ["--kubeconfig", str(control_plane.kubeconfig)]
    own += [] if "--home" in arguments else ["--home", namespace]
    assert run(["stack", *arguments, *own]) in (2, 3)
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert "bug in auditor" not in err
