"""The wheels, built and installed as a user would: everything inside, nothing of this machine."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.stack import digest
from tools import stack
from tools.build import tool_bin

ROOT = Path(__file__).parents[2]
OPA_PROJECT = ROOT / "tools" / "opa-wheel"
PRIVILEGED_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: shell, namespace: shop}
spec:
  containers:
  - name: shell
    image: registry.example/shell:1.0
    securityContext: {privileged: true}
"""

# One worker builds for all tests of this module, where pytest-xdist is told to heed groups.
pytestmark = pytest.mark.xdist_group("packaging")


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what would steer pip, Python or the look-up of OPA."""
    steering = ("PIP_", "PYTHON", "AUDITOR_", "OPA_", "XDG_")
    return {name: value for name, value in os.environ.items() if not name.startswith(steering)} | more


def run(*command: str | Path, env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever its exit code."""
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False)


def build(project: Path, into: Path, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Build a distribution with what this venv has, so that no registry is asked."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(into), *options, str(project)]
    return run(*command, env=environment(**more), cwd=into)


@pytest.fixture(scope="module")
def opa() -> Path:
    """Give the pinned OPA, by the command that the README of the wheel names."""
    folder = subprocess.run(
        [sys.executable, ROOT / "tools" / "build.py", "opa"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    return Path(folder.strip()) / "opa"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory, opa: Path) -> Path:
    """Build the sdist, from it the wheel, and the wheel with OPA; give the folder with the three."""
    folder = tmp_path_factory.mktemp("dist")
    stack.ensure()
    for built in (build(ROOT, folder), build(OPA_PROJECT, folder, "--wheel", AUDITOR_OPA_BINARY=str(opa))):
        assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory, dist: Path) -> Path:
    """Install both wheels into an empty venv; give its interpreter.

    The dependencies are lent by the venv that runs the tests, and `pip check` says that they are
    the ones which the wheels ask for.
    """
    home = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(home)
    interpreter = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--isolated", "--python", str(interpreter)]
    source = ["--no-index", "--no-deps", "--find-links", str(dist)]
    installed = run(*pip, "install", *source, "auditor", "auditor-opa", env=environment(), cwd=dist)
    assert installed.returncode == 0, installed.stderr
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    (site / "lent.pth").write_text(sysconfig.get_path("purelib"))
    checked = run(*pip, "check", env=environment(), cwd=dist)
    assert checked.returncode == 0, checked.stdout
    return interpreter


def contents(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file in an sdist or a wheel."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            yield from ((name, wheel.read(name)) for name in wheel.namelist())
    else:
        with tarfile.open(archive) as sdist:
            for member in sdist:
                if file := sdist.extractfile(member):
                    yield member.name, file.read()


def test_an_audit_works_from_another_folder(python: Path, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(PRIVILEGED_POD)
    env = environment(HOME=str(tmp_path), PATH=os.defpath)

    shown = run(python.parent / "auditor", "--help", env=env, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    audited = run(python.parent / "auditor", "audit", "-f", "pod.yaml", "-o", "json", env=env, cwd=tmp_path)
    assert audited.returncode == 1, audited.stderr
    findings = json.loads(audited.stdout)["findings"]
    assert any(found["resource"]["name"] == "shell" for found in findings)


def test_the_engine_is_the_one_of_the_wheel(python: Path, tmp_path: Path) -> None:
    script = (
        "import auditor_opa, os\n"
        "from auditor.evaluate.find import find_opa, opa_version\n"
        "found = find_opa(None, os.environ)\n"
        "assert found == auditor_opa.binary(), found\n"
        "print(opa_version(found), auditor_opa.__version__)"
    )
    asked = run(python, "-c", script, env=environment(), cwd=tmp_path)
    assert asked.returncode == 0, asked.stderr
    carried, version = asked.stdout.split()
    assert version.rpartition(".")[0] == carried


def test_the_installed_data_is_whole(python: Path, tmp_path: Path) -> None:
    script = "from auditor import data; print(data.policies()); print(data.templates())"
    asked = run(python, "-c", script, env=environment(), cwd=tmp_path)
    assert asked.returncode == 0, asked.stderr
    for installed, shipped in zip(asked.stdout.splitlines(), ("policies", "reports/templates"), strict=True):
        assert Path(installed).is_relative_to(python.parents[1])
        wanted = {path.relative_to(ROOT / shipped) for path in (ROOT / shipped).rglob("*") if path.is_file()}
        assert wanted
        assert {p.relative_to(installed) for p in Path(installed).rglob("*") if p.is_file()} == wanted


def test_the_stack_is_rendered_without_checkout_or_kustomize(
    python: Path, dist: Path, tmp_path: Path
) -> None:
    """Installed, and from a wheel that was only unpacked; ejected too."""
    program = tool_bin("kustomize") / "kustomize"
    wanted = run(program, "build", ROOT / "deploy/overlays/ha", env=environment(), cwd=tmp_path).stdout
    env = environment(HOME=str(tmp_path), PATH=os.defpath)
    rendered = run(python.parent / "auditor", "stack", "render", "--profile", "ha", env=env, cwd=tmp_path)
    assert (rendered.returncode, rendered.stdout) == (0, wanted), rendered.stderr

    (wheel,) = dist.glob("auditor-*-py3-none-any.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "unpacked")
    command = [sys.executable, "-m", "auditor", "stack", "eject", "tree", "--profile", "ha"]
    env["PYTHONPATH"] = str(tmp_path / "unpacked")
    ejected = run(*command, env=env, cwd=tmp_path)
    assert ejected.returncode == 0, ejected.stderr
    built = run(program, "build", tmp_path / "tree/overlays/ha", env=environment(), cwd=tmp_path)
    assert built.stdout == wanted


def test_the_wheel_carries_the_deploy_that_it_was_rendered_of(dist: Path) -> None:
    (wheel,) = dist.glob("auditor-*-py3-none-any.whl")
    carried = {
        name.removeprefix("auditor/_data/deploy/"): content
        for name, content in contents(wheel)
        if name.startswith("auditor/_data/deploy/")
    }
    sources = [*digest.sources(ROOT / "deploy"), ROOT / "deploy/certificates.sh"]
    assert len(sources) > 100
    for path in sources:
        assert carried[path.relative_to(ROOT / "deploy").as_posix()] == path.read_bytes()


@pytest.mark.parametrize("spoilt", ["missing", "old"])
def test_no_package_without_its_stack(tmp_path: Path, spoilt: str) -> None:
    project = tmp_path / "project"
    for name in ("auditor", "deploy", "policies", "reports"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "tools/hatch_build.py"):
        (project / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, project / name)
    (project / "build").mkdir()
    if spoilt == "old":
        shutil.copy(stack.ensure(), project / "build/stack.json")
        with (project / "deploy/base/rules/slo.yml").open("a") as file:
            file.write("# changed\n")
    out = tmp_path / "out"
    out.mkdir()
    for kind in ("--wheel", "--sdist"):
        refused = build(project, out, kind)
        assert refused.returncode != 0
        assert "make stack" in refused.stdout + refused.stderr
    assert list(out.iterdir()) == []


def test_the_wheel_holds_the_package_and_no_more(dist: Path) -> None:
    (wheel,) = dist.glob("auditor-*-py3-none-any.whl")
    names = [name for name, _ in contents(wheel)]
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"auditor"}
    assert "auditor/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_nothing_names_the_machine_that_built_it(dist: Path) -> None:
    checkout = [
        f"{ROOT}/{folder}".encode() for folder in ("auditor", "policies", "reports", "tests", "tools")
    ]
    # Where Go keeps modules: named by a binary that was built without -trimpath.
    modules = b"/pkg/mod/github.com/"
    archives = list(dist.iterdir())
    assert len(archives) == 3
    assert [
        (archive.name, name, mark)
        for archive in archives
        for name, content in contents(archive)
        for mark in (checkout if archive.suffix == ".gz" else [*checkout, modules])
        if mark in content
    ] == []


def test_the_engine_is_executable_and_needs_no_libraries(dist: Path) -> None:
    """The tag promises glibc and musl alike, which only a static binary keeps."""
    (wheel,) = dist.glob("auditor_opa-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        binary = archive.getinfo("auditor_opa/bin/opa")
        assert binary.external_attr >> 16 & 0o777 == 0o755
        content = archive.read(binary)
    assert "-py3-none-" in wheel.name
    assert "-any" not in wheel.name
    assert not content.startswith(b"\x7fELF") or not needs_a_loader(content)


def needs_a_loader(elf: bytes) -> bool:
    """Say whether a 64-bit ELF file has a segment PT_INTERP (man 5 elf)."""
    (start,) = struct.unpack_from("<Q", elf, 0x20)
    size, count = struct.unpack_from("<HH", elf, 0x36)
    return any(struct.unpack_from("<I", elf, start + index * size)[0] == 3 for index in range(count))


@pytest.mark.parametrize("script", [None, "exit 0", "echo Version: 1.22.20", "echo Version: 1.21.0"])
def test_no_wheel_without_its_engine(tmp_path: Path, script: str | None) -> None:
    out = tmp_path / "out"
    out.mkdir()
    named = {}
    if script is not None:
        opa = tmp_path / "opa"
        opa.write_text(f"#!/bin/sh\n{script}\n")
        opa.chmod(0o755)
        named = {"AUDITOR_OPA_BINARY": str(opa)}

    refused = build(OPA_PROJECT, out, "--wheel", **named)

    assert refused.returncode != 0
    assert "python3 tools/build.py opa" in refused.stdout + refused.stderr
    assert list(out.iterdir()) == []
