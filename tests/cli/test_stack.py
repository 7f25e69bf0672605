"""`auditor stack`: what is printed where, and how it ends."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from auditor import data
from auditor.stack import digest
from auditor.stack.shipped import load
from tests.cli.conftest import Run
from tests.cli.program import ROOT
from tools import build, stack

HA = ("--profile", "ha")
SET = (*HA, "--cluster", "north", "--environment", "test", "--api-server-cidr", "10.0.0.1/32")
ALL_SET = (*SET, "--node-cidr", "10.1.0.0/16", "--receiver-cidr", "10.2.0.0/16")


@pytest.fixture(autouse=True, scope="module")
def _rendered() -> None:
    stack.ensure()


@pytest.fixture
def kustomize(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with the pinned kustomize and no kubectl."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "kustomize").symlink_to(build.tool_bin("kustomize") / "kustomize")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_a_profile_is_what_kubectl_makes_of_its_overlay(run: Run) -> None:
    command: list[str | Path] = [
        build.tool_bin("kubernetes") / "kubectl",
        "kustomize",
        ROOT / "deploy/overlays/ha",
    ]
    wanted = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    ended = run("stack", "render", *HA)
    assert (ended.code, ended.out) == (0, wanted)


ALONE = """
import sys
from auditor.cli.app import main

def hook(event, values):
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn")):
        raise AssertionError(f"{event} {values}")

sys.addaudithook(hook)
main()
"""


def test_nobody_else_is_asked(tmp_path: Path, kustomize: Path) -> None:
    """No socket, no process; and where there is one, it is seen."""
    for arguments, code in ((("--profile", "ha"), 0), (("-k", str(tmp_path)), 3)):
        run = subprocess.run(
            [sys.executable, "-c", ALONE, "stack", "render", *arguments],
            env={"PATH": str(kustomize), "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == code, run.stderr
        assert ("AssertionError in hook" in run.stderr) == (code == 3)


def test_what_is_left_to_be_set_is_told(run: Run) -> None:
    ended = run("stack", "render", *SET)
    assert ended.code == 0
    assert ended.err == (
        "warning: these settings still are placeholders:\n"
        "  nodeCidr is 198.51.100.0/24: --node-cidr VALUE\n"
        "  receiverCidr is 203.0.113.0/24: --receiver-cidr VALUE\n"
    )
    strict = run("stack", "render", *SET, "--strict")
    assert (strict.code, strict.out) == (2, "")
    assert "nodeCidr is 198.51.100.0/24" in strict.err
    complete = run("stack", "render", *ALL_SET, "--strict")
    assert (complete.code, complete.err) == (0, "")


def test_every_option_arrives(run: Run) -> None:
    ended = run(
        *("stack", "render", *ALL_SET, "--with", "ingress-traefik", "--without", "alertmanager-mesh"),
        *("--retention-time", "7d", "--retention-size", "70GB", "--storage-size", "200Gi"),
        *("--storage-class", "fast", "--replicas", "3", "--host", "watch.north.internal"),
        *("--allow", "10.4.0.0/16", "--allow", "10.5.0.0/16"),
        *("--node-cidr", "10.1.1.0/24", "--api-server-cidr", "10.0.0.2/32"),
        *("--set", "prometheusUrl=https://metrics.north.internal", "--disable-alert", "NodeMemoryLow=ours"),
    )
    assert ended.code == 0, ended.err
    text = ended.out
    for value in ("10.0.0.1/32", "10.0.0.2/32", "10.1.0.0/16", "10.1.1.0/24", "10.2.0.0/16"):
        assert f"    - ipBlock:\n        cidr: {value}\n" in text
    assert "value: north\n" in text
    assert "value: test\n" in text
    for value in ("value: 7d\n", "value: 70GB\n", "storage: 200Gi\n", "storageClassName: fast\n"):
        assert value in text
    for value in ("replicas: 3\n", "host: watch.north.internal\n", "- 10.4.0.0/16\n    - 10.5.0.0/16\n"):
        assert value in text
    assert "value: https://metrics.north.internal\n" in text
    assert "alertmanager-mesh" not in text
    assert "alert: NodeMemoryLow" not in text
    assert "note: NodeMemoryLow is switched off (--disable-alert): ours\n" in ended.err


def test_the_help_names_all_there_is(run: Run) -> None:
    ended = run("stack", "render", "--help")
    shipped = load(stack.FILE, stack.DEPLOY)
    for name in (*shipped.profiles, *shipped.presets):
        assert name in ended.out


def test_a_file_has_the_same_bytes(run: Run, tmp_path: Path) -> None:
    printed = run("stack", "render", *ALL_SET).out
    ended = run("stack", "render", *ALL_SET, "-o", tmp_path / "stack.yaml")
    assert (ended.code, ended.out) == (0, "")
    assert (tmp_path / "stack.yaml").read_text() == printed
    assert run("stack", "render", *ALL_SET, "-o", tmp_path / "no/stack.yaml").code == 4


def test_options_win_over_a_settings_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(
        (ROOT / "deploy/overlays/ha/settings.yaml").read_text().replace("cluster: SET-ME", "cluster: south")
    )
    assert "value: south\n" in run("stack", "render", *HA, "--settings", file).out
    assert "value: south\n" not in run("stack", "render", *ALL_SET, "--settings", file).out
    other = run("stack", "render", *HA, "--settings", ROOT / "deploy/overlays/azure-mlops/settings.yaml")
    assert other.code == 0
    assert re.search(r"settings\.yaml:\d+: host: no chosen component has this setting", other.err)


def test_alerts_from_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "alerts.yaml"
    file.write_text(
        "disabled:\n  - {alert: NodePressure, reason: ours}\n"
        "presets:\n  batch:\n    - {alert: NodeCpuSaturated, reason: full}\n"
    )
    ended = run(
        "stack", "render", *ALL_SET, "--alerts", file, "--preset", "batch", "--preset", "no-kube-proxy"
    )
    assert ended.code == 0
    assert ended.out.startswith(
        "# Alerts that are switched off:\n"
        f"#   NodeCpuSaturated (preset batch): full\n#   NodePressure ({file}): ours\napiVersion"
    )
    assert "note: the preset no-kube-proxy switches nothing off" in ended.err
    shipped = run("stack", "render", *ALL_SET, "--alerts", ROOT / "deploy/alerts.yaml", "--preset", "cilium")
    assert "NetworkPolicyCoverageDropped is switched off (preset cilium)" in shipped.err


def test_who_goes_by_an_alert_is_told(run: Run) -> None:
    ended = run("stack", "render", *ALL_SET, "--disable-alert", "NodeNotReady=ours")
    assert (
        "warning: alertmanager-config, alertmanager.yml: goes by NodeNotReady, which is switched off"
        in ended.err
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "error: no profile is named\n  hint: say which: --profile minimal, ha or azure-mlops\n"),
        (("--profile", "hal"), "error: --profile hal: unknown profile; did you mean 'ha'?"),
        ((*HA, "--host", "a.b"), "error: --host: no chosen component has the setting host\n"),
        ((*HA, "--cluster", "a b"), "error: --cluster: must be letters"),
        (
            (*HA, "--cluster", "a", "--set", "cluster=b"),
            "error: --set cluster=b: cluster is said by --cluster already",
        ),
        ((*HA, "--set", "cluster"), "error: --set cluster: must be KEY=VALUE"),
        ((*HA, "--replicas", "0"), "--replicas"),
        ((*HA, "--storage-class", ""), "error: --storage-class: must be the name"),
        (
            (*HA, "--disable-alert", "NodeNotReady"),
            "error: --disable-alert NodeNotReady: the reason is missing",
        ),
        ((*HA, "--alerts", "nowhere.yaml"), "error: nowhere.yaml: cannot be read: No such file"),
        ((*HA, "-k", "."), "error: -k .: an overlay says all by itself"),
        (("-k", "nowhere"), "error: -k nowhere: no such folder"),
    ],
)
def test_misuse(run: Run, arguments: tuple[str, ...], words: str) -> None:
    ended = run("stack", "render", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err


def test_own_overlay(run: Run, kustomize: Path, tmp_path: Path) -> None:
    folder = tmp_path / "-mine"
    folder.mkdir()
    (folder / "one.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n")
    (folder / "kustomization.yaml").write_text("namePrefix: my-\nresources: [one.yaml]\n")
    ended = run("stack", "render", "-k", folder)
    assert ended.code == 0
    assert yaml.safe_load(ended.out)["metadata"]["name"] == "my-one"
    assert ended.err == f"note: rendered by kustomize ({kustomize / 'kustomize'})\n"


def test_own_overlay_by_kubectl(run: Run, kustomize: Path) -> None:
    (kustomize / "kustomize").unlink()
    (kustomize / "kubectl").symlink_to(build.tool_bin("kubernetes") / "kubectl")
    ended = run("stack", "render", "-k", ROOT / "deploy/overlays/ha")
    assert ended.code == 0
    assert ended.out == run("stack", "render", *HA).out
    assert "rendered by kubectl" in ended.err


def test_an_overlay_that_kustomize_refuses(run: Run, kustomize: Path, tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [gone.yaml]\n")
    ended = run("stack", "render", "-k", tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert f"error: -k {tmp_path}: kustomize refuses it: " in ended.err
    assert "gone.yaml" in ended.err


def test_nobody_to_render_it(run: Run, kustomize: Path, tmp_path: Path) -> None:
    (kustomize / "kustomize").unlink()
    ended = run("stack", "render", "-k", tmp_path)
    assert (ended.code, ended.out) == (3, "")
    assert "neither kustomize nor kubectl is on PATH" in ended.err


def test_eject(run: Run, kustomize: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    wanted = (
        *ALL_SET,
        "--replicas",
        "3",
        "--preset",
        "autoscaled",
        "--disable-alert",
        "NodePressure=it's ours",
    )
    ended = run("stack", "eject", tree, *wanted)
    assert (ended.code, ended.out) == (0, f"{tree}: kubectl kustomize {tree}/overlays/ha\n")
    by_kustomize = run("stack", "render", "-k", tree / "overlays/ha").out
    composed = run("stack", "render", *wanted).out
    assert by_kustomize == "".join(line for line in composed.splitlines(keepends=True) if line[0] != "#")
    assert "'NodePressure=it'\"'\"'s ours'" in (tree / "README.md").read_text()
    again = run("stack", "eject", tree, *wanted)
    assert (again.code, again.out) == (2, "")


def test_components(run: Run) -> None:
    ended = run("stack", "components")
    assert ended.code == 0
    for name in stack.read_registry(stack.DEPLOY).components:
        assert (f"{name}: " in ended.out) == (name not in ("images", "settings"))
    told = json.loads(run("stack", "components", "--profile", "ha", "-o", "json").out)["components"]
    shipped = load(stack.FILE, stack.DEPLOY)
    assert [one["name"] for one in told] == list(shipped.profiles["ha"].components)
    every = {
        one["name"]: one for one in json.loads(run("stack", "components", "-o", "json").out)["components"]
    }
    assert {"ingress-nginx-compat", "ingress-traefik"} <= set(every["gateway-api"]["conflicts"])
    assert set(every["gateway-api"]["settings"]) >= {"host", "gatewayClass"}
    assert every["azure"]["profiles"] == ["azure-mlops"]


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What ships, in a place where it can be spoilt."""
    deploy = tmp_path / "deploy"
    for path in digest.sources(ROOT / "deploy"):
        target = deploy / path.relative_to(ROOT / "deploy")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    shutil.copy(stack.FILE, tmp_path / "stack.json")
    monkeypatch.setattr(data, "deploy", lambda: deploy)
    monkeypatch.setattr(data, "stack", lambda: tmp_path / "stack.json")
    return tmp_path


def test_what_is_not_of_this_deploy_is_not_used(run: Run, copied: Path) -> None:
    assert run("stack", "render", *HA).code == 0
    with (copied / "deploy/base/rules/slo.yml").open("a") as file:
        file.write("# changed\n")
    ended = run("stack", "render", *HA)
    assert (ended.code, ended.out) == (2, "")
    assert "was not rendered of" in ended.err
    assert "make stack" in ended.err


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff"])
def test_what_is_broken_is_not_used(run: Run, copied: Path, content: bytes) -> None:
    (copied / "stack.json").write_bytes(content)
    ended = run("stack", "components")
    assert (ended.code, ended.out) == (2, "")
    assert "is no rendered stack" in ended.err
