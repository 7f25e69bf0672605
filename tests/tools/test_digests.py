"""Digests come from a real registry, and are those that another client of it sees."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stack.render import DEPLOY, own_overlay, workloads
from tools import build, digests
from tools.cluster import processes

INDEX = "application/vnd.oci.image.index.v1+json"


def crane(*arguments: str | Path) -> str:
    program = build.tool_bin("registry") / "crane"
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module", name="registry")
def _registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry with one image of two platforms, `stack/server:v1`, and one of one, `stack/tool:v1`."""
    folder = tmp_path_factory.mktemp("registry")
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    program = build.tool_bin("registry") / "crane"
    command: list[str | Path] = [program, "registry", "serve", f"--address={host}"]
    process = processes.spawn("registry", command, folder / "log", die_with_parent=True)

    def up() -> bool:
        try:
            return bool(urllib.request.urlopen(f"http://{host}/v2/", timeout=5).status == 200)
        except OSError:
            return False

    try:
        processes.wait_for("answering", up, process, folder / "log", 60)
        members = []
        for name in ("one", "other"):
            (folder / name).write_text(name)
            layer = Path(shutil.make_archive(str(folder / f"layer-{name}"), "tar", folder, name))
            reference = f"{host}/stack/{name}:v1"
            crane("append", "--oci-empty-base", f"--new_layer={layer}", f"--new_tag={reference}")
            members.append(f"--manifest={reference}")
        crane("index", "append", *members, f"--tag={host}/stack/server:v1")
        crane("copy", f"{host}/stack/one:v1", f"{host}/stack/tool:v1")
        yield host
    finally:
        processes.stop(process)


def component(folder: Path, host: str, *names: str) -> Path:
    """A component of images as that of the stack, with a remark that must stay."""
    entries = [f"  - name: {name}\n    newName: {host}/stack/{name}\n    newTag: v1\n" for name in names]
    path = folder / "kustomization.yaml"
    path.write_text("# A remark.\nkind: Component\nimages:\n" + "".join(entries))
    return path


def test_digests_are_those_of_the_registry(registry: str, tmp_path: Path) -> None:
    path = component(tmp_path, registry, "server", "tool")
    assert digests.main([str(path)]) == 0
    entries = {one["name"]: one for one in yaml.safe_load(path.read_text())["images"]}
    for name in ("server", "tool"):
        assert entries[name]["digest"] == crane("digest", f"{registry}/stack/{name}:v1")
        assert entries[name]["newTag"] == "v1"
    text = path.read_text()
    assert text.startswith("# A remark.\n")
    kinds = re.findall(r"# (\S+), resolved \d{4}-\d\d-\d\d\n    digest: sha256:", text)
    assert kinds[0] == INDEX
    assert kinds[1] == json.loads(crane("manifest", f"{registry}/stack/tool:v1"))["mediaType"]
    assert digests.main([str(path)]) == 0
    assert path.read_text() == text


def test_a_digest_that_stays_keeps_its_date() -> None:
    text = "images:\n" + "".join(f"  - name: {one}\n    newName: a.b/{one}\n    newTag: v1\n" for one in "xy")
    first = {one: digests.Resolved(f"sha256:{one}", INDEX) for one in "xy"}
    pinned = digests.written(text, first, "2026-01-02")
    moved = digests.written(pinned, first | {"y": digests.Resolved("sha256:z", INDEX)}, "2026-03-04")
    assert re.findall(r"resolved (\S+)\n    digest: (\S+)", moved) == [
        ("2026-01-02", "sha256:x"),
        ("2026-03-04", "sha256:z"),
    ]


def test_a_check_finds_what_is_missing_and_what_was_moved(
    registry: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = component(tmp_path, registry, "server", "tool")
    before = path.read_text()
    assert digests.main(["--check", str(path)]) == 1
    assert path.read_text() == before
    assert digests.main([str(path)]) == 0
    assert digests.main(["--check", str(path)]) == 0
    pinned = path.read_text()
    capsys.readouterr()
    crane("copy", f"{registry}/stack/other:v1", f"{registry}/stack/tool:v1")
    try:
        assert digests.main(["--check", str(path)]) == 1
        assert f"{registry}/stack/tool:v1 was sha256:" in capsys.readouterr().out
        assert path.read_text() == pinned
        assert digests.main([str(path)]) == 0
        moved = yaml.safe_load(path.read_text())["images"]
        assert moved[0] == yaml.safe_load(pinned)["images"][0]
        assert moved[1]["digest"] == crane("digest", f"{registry}/stack/other:v1")
    finally:
        crane("copy", f"{registry}/stack/one:v1", f"{registry}/stack/tool:v1")


@contextmanager
def guarded(registry: str, *, honest: bool = True) -> Iterator[tuple[str, list[str]]]:
    """A front that gives a token to everybody, and wants it; yield its address and what it was asked."""
    asked: list[str] = []

    class Front(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            asked.append(self.path)
            if self.path.startswith("/token"):
                self._send(200, b'{"token": "anonymous"}', {})
            elif self.headers.get("Authorization") != "Bearer anonymous":
                realm = f'Bearer realm="http://{self.headers["Host"]}/token",service="r",scope="s:pull"'
                self._send(401, b"{}", {"WWW-Authenticate": realm})
            else:
                request = urllib.request.Request(
                    f"http://{registry}{self.path}", headers={"Accept": self.headers["Accept"]}
                )
                with urllib.request.urlopen(request) as answer:
                    body = answer.read() if honest else answer.read() + b" "
                    kept = ("Content-Type", "Docker-Content-Digest")
                    self._send(200, body, {key: answer.headers[key] for key in kept})

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_anonymous_token_is_fetched_where_one_is_wanted(registry: str, tmp_path: Path) -> None:
    with guarded(registry) as (host, asked):
        path = component(tmp_path, host, "server")
        assert digests.main([str(path)]) == 0
        [entry] = yaml.safe_load(path.read_text())["images"]
        assert entry["digest"] == crane("digest", f"{registry}/stack/server:v1")
        assert "/token?service=r&scope=s%3Apull" in asked


def test_what_does_not_have_its_digest_is_refused(
    registry: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with guarded(registry, honest=False) as (host, _):
        path = component(tmp_path, host, "server")
        before = path.read_text()
        assert digests.main([str(path)]) == 1
        assert path.read_text() == before
    assert "says sha256:" in capsys.readouterr().err


def test_without_a_registry_nothing_is_written(
    registry: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also nothing of those that could be had."""
    path = component(tmp_path, registry, "server")
    path.write_text(path.read_text() + "  - name: gone\n    newName: 127.0.0.1:1/gone\n    newTag: v1\n")
    before = path.read_text()
    assert digests.main([str(path)]) == 1
    assert path.read_text() == before
    said = capsys.readouterr().err
    assert "127.0.0.1:1/gone:v1" in said
    assert "Nothing was written" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("  - name: a\n    newName: HOST/stack/none\n    newTag: v1\n", "answers 404"),
        ("  - name: a\n    newName: HOST/stack/server\n", "there is no 'newTag'"),
        ("  - name: a\n    newName: server\n    newTag: v1\n", "does not begin with a registry"),
    ],
    ids=["no such image", "no tag", "no registry"],
)
def test_errors_name_the_image(
    registry: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], entry: str, message: str
) -> None:
    path = tmp_path / "kustomization.yaml"
    path.write_text("images:\n" + entry.replace("HOST", registry))
    assert digests.main([str(path)]) == 1
    assert message in capsys.readouterr().err


def test_kustomize_renders_tag_and_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the component of the stack itself, with digests as this would write them."""
    text = digests.IMAGES.read_text()
    listed = digests.images(text)
    assert len(listed) > 5
    resolved = {
        image.name: digests.Resolved(f"sha256:{number:064x}", INDEX) for number, image in enumerate(listed)
    }
    copy = tmp_path / "deploy"
    shutil.copytree(DEPLOY, copy)
    (copy / "components/images/kustomization.yaml").write_text(digests.written(text, resolved, "2026-01-02"))
    monkeypatch.setattr("tests.stack.render.DEPLOY", copy)
    found = {
        container["image"]
        for _, template in workloads(own_overlay([]))
        for container in template["spec"]["containers"]
    }
    wanted = {f"{image.reference}@{resolved[image.name].digest}" for image in listed}
    assert len(found) >= 4
    assert found <= wanted
