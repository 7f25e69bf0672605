"""What is ejected stands on its own, and renders to what the program renders."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.errors import OutputError, UsageError
from auditor.stack.alerts import Off, Wishes
from auditor.stack.eject import Tree
from tests.stack import render
from tests.stack.render import DEPLOY
from tests.stack.shipped import chosen, rendered, shipped
from tools import build

EDGE = {"host": "watch.north.internal", "allowCidr": "10.4.0.0/16,10.5.0.0/16"}
OFF = Wishes(
    (Off("NodeNotReady", "a: 'reason' # of ours", "--disable-alert"),), ("autoscaled", "no-kube-proxy")
)
ALL_OFF = Wishes(tuple(Off(name, "r", "--disable-alert") for name in ("MlflowDown", "NodeNotReady")))
CASES: dict[str, tuple[dict[str, Any], Wishes]] = {
    "minimal": ({"profile": "minimal"}, Wishes()),
    "ha": ({"profile": "ha"}, Wishes()),
    "azure-mlops": ({"profile": "azure-mlops"}, Wishes()),
    "settings": ({"settings": {"cluster": "true", "environment": "1e3", "retentionTime": "7d"}}, Wishes()),
    "lists": ({"more": ("ingress-traefik",), "settings": EDGE}, Wishes()),
    "annotation": ({"more": ("ingress-nginx-compat",), "settings": EDGE}, Wishes()),
    "peers": (
        {"settings": {"nodeCidr": "10.4.0.0/16,10.5.0.0/16", "apiServerCidr": "fd00::/64,10.1.0.0/32"}},
        Wishes(),
    ),
    "storage": ({"profile": "azure-mlops", "replicas": 3, "storage_class": "fast"}, Wishes()),
    "alerts": ({"more": ("mlops",)}, OFF),
    "all": ({"more": ("mlops", "ingress-traefik"), "settings": EDGE, "replicas": 4}, ALL_OFF),
}


def eject(folder: Path, wanted: dict[str, Any], wishes: Wishes = OFF) -> str:
    """Write a tree; return what the program renders for the same."""
    choice = chosen(**wanted)
    made = rendered(choice, wishes)
    Tree(shipped(), choice, made, DEPLOY).write(folder, ["auditor", "stack", "eject", "DIR"])
    return "".join(line for line in made.text.splitlines(keepends=True) if not line.startswith("#"))


@pytest.mark.parametrize("name", CASES)
def test_kustomize_makes_the_same_of_it(tmp_path: Path, name: str) -> None:
    wanted, wishes = CASES[name]
    text = eject(tmp_path / "tree", wanted, wishes)
    assert render.text(tmp_path / "tree/overlays" / wanted.get("profile", "ha")) == text


def test_kubectl_makes_the_same_of_it(tmp_path: Path) -> None:
    wanted, wishes = CASES["all"]
    text = eject(tmp_path / "tree", wanted, wishes)
    command: list[str | Path] = [
        build.tool_bin("kubernetes") / "kubectl",
        "kustomize",
        tmp_path / "tree/overlays/ha",
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == text


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_it_holds_what_is_used_and_no_more(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    eject(tree, {"more": ("ingress-traefik",), "settings": EDGE, "replicas": 3})
    components = set(os.listdir(tree / "components"))
    assert components == {*chosen("ha").components, "ingress-traefik", "images", "settings"}
    overlay = {name.removeprefix("overlays/ha/") for name in files(tree) if name.startswith("overlays/")}
    assert overlay == {
        "kustomization.yaml",
        "settings.yaml",
        "patch-statefulset-monitoring-prometheus.yaml",
        "patch-middleware-monitoring-allow-list.yaml",
        "alerts/kustomization.yaml",
        "alerts/prometheus-rules/infrastructure.yml",
    }
    for name in files(tree) - {f"overlays/ha/{one}" for one in overlay} - {"README.md"}:
        assert (tree / name).read_bytes() == (DEPLOY / name).read_bytes()
    assert os.access(tree / "certificates.sh", os.X_OK)
    assert not {name for name in files(tmp_path) if ".tmp" in name}


def test_certificates_are_somebodys(tmp_path: Path) -> None:
    eject(tmp_path / "tree", {"profile": "azure-mlops"})
    assert not (tmp_path / "tree/certificates.sh").exists()
    assert "certificates.sh" not in (tmp_path / "tree/README.md").read_text()


def test_patches_change_what_no_setting_says(tmp_path: Path) -> None:
    eject(tmp_path / "tree", {"replicas": 3}, Wishes())
    patch = tmp_path / "tree/overlays/ha/patch-statefulset-monitoring-prometheus.yaml"
    assert yaml.safe_load(patch.read_text()) == [{"op": "replace", "path": "/spec/replicas", "value": 3}]


def test_reasons_stand_beside_what_they_are_for(tmp_path: Path) -> None:
    eject(tmp_path / "tree", {})
    text = (tmp_path / "tree/overlays/ha/alerts/kustomization.yaml").read_text()
    assert "#   NodeNotReady (--disable-alert): a: 'reason' # of ours\n" in text
    assert "#   NodeMemoryLow (preset autoscaled): The autoscaler packs by requests" in text


def test_the_readme_says_what_it_is(tmp_path: Path) -> None:
    eject(tmp_path / "tree", {})
    readme = (tmp_path / "tree/README.md").read_text()
    assert re.search(r"Written by auditor \d+\.\d+\.\d+ from the profile ha:", readme)
    assert "auditor stack eject DIR\n" in readme
    assert "kubectl kustomize overlays/ha" in readme
    assert "{" not in readme


def test_the_same_tree_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        eject(tmp_path / name, {"replicas": 3})
    assert files(tmp_path / "one") == files(tmp_path / "two")
    for name in files(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "kept.yaml").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        eject(tmp_path, {})
    with pytest.raises(UsageError, match="is not empty"):
        eject(tmp_path / "kept.yaml", {})
    assert files(tmp_path) == {"kept.yaml"}


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    eject(tmp_path / "tree", {})
    assert (tmp_path / "tree/README.md").is_file()


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*/nowhere/tree: No such file"):
        eject(tmp_path / "nowhere/tree", {})
