"""Credential plugins: how they are run, compared with the real kubectl."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pexpect
import psutil
import pytest
import yaml

from auditor.collect.connect import connect
from auditor.errors import SourceError
from tests.live.as_kubectl import kubectl, status
from tests.live.live import cluster_of, source, until, write_kubeconfig
from tests.live.plugins import API, REPORT, credential, plugin, printing
from tools.build import tool_bin
from tools.cluster import ControlPlane

CONNECT = "import sys; from auditor.collect.connect import connect; connect(sys.argv[1], None, {environ})"
"""Connects and does nothing else, in a process of its own."""


def test_credential_plugin(control_plane: ControlPlane, tmp_path: Path) -> None:
    given = credential(token=control_plane.token("admin"))
    for code in (printing(given), f"print({yaml.safe_dump(given)!r})"):
        file = write_kubeconfig(tmp_path / "k", cluster_of(control_plane), plugin(tmp_path, code))
        assert source(file).facts().user == "admin"
        assert kubectl(tmp_path, "get", "ns", f"--kubeconfig={file}").returncode == 0


EXTENSION = {
    "name": "client.authentication.k8s.io/exec",
    "extension": {"audience": ["a", 1], "more": {"null": None}},
}

CLUSTERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing told": ({}, {}),
    "told": ({"provideClusterInfo": True}, {}),
    "told everything": (
        {"provideClusterInfo": True},
        {
            "disable-compression": True,
            "tls-server-name": "localhost",
            "extensions": [{"name": "other", "extension": 1}, EXTENSION],
        },
    ),
    "old version": ({"apiVersion": f"{API}beta1", "interactiveMode": None, "provideClusterInfo": True}, {}),
}


@pytest.mark.parametrize("name", CLUSTERS)
def test_what_a_plugin_is_told(control_plane: ControlPlane, tmp_path: Path, name: str) -> None:
    more, cluster = CLUSTERS[name]
    api = more.get("apiVersion", API)
    code = REPORT + printing(credential(api, token=control_plane.token("admin")))
    environ = {"REPORT": str(tmp_path / "report"), "INHERITED": "i", "GIVEN": "overridden"}
    variables = [{"name": "GIVEN", "value": "g"}]
    user = plugin(tmp_path, code, "one", "two words", env=variables, **more)
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane, **cluster), user)

    run = kubectl(tmp_path, "get", "--raw", "/version", f"--kubeconfig={file}", environ=environ)
    assert run.returncode == 0, run.stderr
    kubectls = json.loads((tmp_path / "report").read_bytes())
    (tmp_path / "report").unlink()
    assert status(connect(str(file), None, environ)) == 200
    ours = json.loads((tmp_path / "report").read_bytes())
    assert ours == kubectls
    assert ours["arguments"] == ["one", "two words"]
    assert ours["variables"] == {"GIVEN": "g", "INHERITED": "i"}
    assert ours["folder"] == str(Path.cwd())
    assert ours["asked"] == ""
    assert ("cluster" in ours["info"]["spec"]) is (name not in ("nothing told",))


def test_command_beside_the_kubeconfig(control_plane: ControlPlane, tmp_path: Path) -> None:
    """Relative to the file that the user stands in, if it holds a slash; else it is looked up in PATH."""
    given = printing(credential(token=control_plane.token("admin")))
    users, clusters = tmp_path / "users", tmp_path / "clusters"
    for folder in (users / "bin", clusters):
        folder.mkdir(parents=True)
    program = users / "bin" / "log-in"
    program.write_text(f"#!{sys.executable}\n{given}")
    program.chmod(0o700)
    for command, path in (
        ("bin/log-in", "/nowhere"),
        ("./bin/../bin/log-in", ""),
        ("log-in", str(program.parent)),
    ):
        entry = {"exec": {"apiVersion": API, "interactiveMode": "Never", "command": command}}
        named = [{"name": "u", "user": entry}]
        context = {"name": "c", "context": {"cluster": "c", "user": "u"}}
        (users / "config").write_text(yaml.safe_dump({"users": named}))
        defined = {"clusters": [{"name": "c", "cluster": cluster_of(control_plane)}], "contexts": [context]}
        (clusters / "config").write_text(yaml.safe_dump({**defined, "current-context": "c"}))
        environ = {"KUBECONFIG": f"{clusters}/config:{users}/config", "PATH": path}
        assert kubectl(tmp_path, "get", "ns", environ=environ).returncode == 0
        assert status(connect(None, None, environ)) == 200


def test_command_beside_a_kubeconfig_in_this_folder(
    control_plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "log-in"
    program.write_text(f"#!{sys.executable}\n{printing(credential(token=control_plane.token('admin')))}")
    program.chmod(0o700)
    user = {"exec": {"apiVersion": API, "interactiveMode": "Never", "command": "./log-in"}}
    write_kubeconfig(tmp_path / "config", cluster_of(control_plane), user)
    monkeypatch.chdir(tmp_path)
    assert status(connect("config", None, {})) == 200
    assert kubectl(tmp_path, "get", "ns", "--kubeconfig=config").returncode == 0


def test_install_hint(control_plane: ControlPlane, tmp_path: Path) -> None:
    hint = "get it from\nhttps://login.example"
    user = plugin(tmp_path, "", command="no-such-plugin", installHint=hint)
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
    with pytest.raises(SourceError, match="'no-such-plugin' is not installed") as refused:
        source(file)
    assert refused.value.hint == hint
    assert hint in kubectl(tmp_path, "get", "ns", f"--kubeconfig={file}").stderr


def test_what_a_plugin_says_is_shown(
    control_plane: ControlPlane, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """At once, not when it fails: it may be a code to log in with."""
    code = "import sys; print('enter 1234', file=sys.stderr)\n"
    code += printing(credential(token=control_plane.token("admin")))
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), plugin(tmp_path, code))
    assert status(connect(str(file), None, {})) == 200
    assert capfd.readouterr() == ("", "enter 1234\n")
    assert kubectl(tmp_path, "get", "ns", f"--kubeconfig={file}").stderr == "enter 1234\n"


@pytest.mark.parametrize(("mode", "interactive"), [("Never", False), ("IfAvailable", True), ("Always", True)])
def test_on_a_terminal(control_plane: ControlPlane, tmp_path: Path, mode: str, interactive: bool) -> None:
    """The terminal is stdin: where the report goes makes no difference."""
    code = "import json, os, sys\n"
    code += "asks = json.loads(os.environ['KUBERNETES_EXEC_INFO'])['spec']['interactive']\n"
    code += "assert asks == sys.stdin.isatty()\n"
    code += "print('name? ' if asks else 'asks nothing', end='', file=sys.stderr, flush=True)\n"
    code += "assert not asks or sys.stdin.readline() == 'jane\\n'\n"
    code += printing(credential(token=control_plane.token("admin")))
    file = write_kubeconfig(
        tmp_path / "kubeconfig", cluster_of(control_plane), plugin(tmp_path, code, interactiveMode=mode)
    )
    ours = [sys.executable, "-c", CONNECT.format(environ={}), str(file)]
    theirs = [str(tool_bin("kubernetes") / "kubectl"), "get", "ns", f"--kubeconfig={file}"]
    for command in (ours, theirs):
        with pexpect.spawn(
            "sh", ["-c", 'exec "$@" > /dev/null', "sh", *command], encoding="utf-8"
        ) as terminal:
            terminal.expect_exact("name? " if interactive else "asks nothing", timeout=60)
            if interactive:
                terminal.sendline("jane")
            terminal.expect(pexpect.EOF, timeout=60)
        assert terminal.exitstatus == 0, terminal.before


def test_plugin_that_hangs(control_plane: ControlPlane, tmp_path: Path) -> None:
    """There is no time-out, as for kubectl: somebody may be logging in. Ctrl-C ends both."""
    mark = tmp_path / "pid"
    code = f"import os, signal; open({str(mark)!r}, 'w').write(str(os.getpid()))\n"
    code += "signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: signal.pause()"
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), plugin(tmp_path, code))
    command = ["-m", "auditor", "audit", "--kubeconfig", str(file)]
    with pexpect.spawn(sys.executable, command, dimensions=(24, 200), encoding="utf-8") as terminal:
        until(lambda: mark.exists() and mark.read_text() != "")
        terminal.sendintr()
        terminal.expect(pexpect.EOF, timeout=60)
        said = terminal.before
    assert "error: interrupted" in said
    assert "Traceback" not in said
    assert terminal.exitstatus == 130
    until(lambda: not psutil.pid_exists(int(mark.read_text())))


def test_plugin_that_fails_on_a_terminal(control_plane: ControlPlane, tmp_path: Path) -> None:
    user = plugin(tmp_path, "import sys; sys.exit('log in first')")
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), user)
    command = ["-m", "auditor", "audit", "--kubeconfig", str(file)]
    with pexpect.spawn(sys.executable, command, dimensions=(24, 250), encoding="utf-8") as terminal:
        terminal.expect(pexpect.EOF, timeout=60)
        said = terminal.before.splitlines()
    assert said[0] == "log in first"
    assert said[1].endswith("failed with exit code 1; what it says stands above")
    assert terminal.exitstatus == 3


def test_hostile_answer_is_not_shown(control_plane: ControlPlane, tmp_path: Path) -> None:
    given = credential(token=["s3cr3t"], clientKeyData="s3cr3t")
    file = write_kubeconfig(tmp_path / "k", cluster_of(control_plane), plugin(tmp_path, printing(given)))
    with pytest.raises(SourceError, match="no ExecCredential: Expected `str`, got `array`") as refused:
        source(file)
    assert "s3cr3t" not in str(refused.value)
