"""A real browser shows the page of Prometheus under the headers that are rendered, without a complaint.

The Go module of Prometheus holds no built page, only its frame: `index.html` with the script that the
content security policy names by its hash. The frame is served by the real Prometheus, with a script of
ours in the place of the application.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import alone
from tests.stack.browser import Browser, browser
from tests.stack.pods import Replica
from tools import build

SHOWN = """\
const given = [GLOBAL_CONSOLES_LINK, GLOBAL_AGENT_MODE, GLOBAL_READY, GLOBAL_LOOKBACKDELTA];
const root = document.getElementById("root");
root.style.color = "red";
const answer = await fetch("/api/v1/rules");
const groups = (await answer.json()).data.groups.map((group) => group.name);
root.innerText = `given ${given} groups ${groups} done`;
"""
INLINE = "<script>document.title = 'taken over'</script>"
"""What an attacker would have the page say."""


def frame() -> str:
    """The page of the pinned Prometheus, with another application."""
    command = ["go", "mod", "download", "-json", "github.com/prometheus/prometheus"]
    folder = build.ROOT / "tools/prometheus"
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    page = (Path(json.loads(run.stdout)["Dir"]) / "web/ui/mantine-ui/index.html").read_text()
    assert page.count("/src/main.tsx") == 1
    return page.replace("/src/main.tsx", "/assets/shown.js")


@pytest.fixture(scope="module", name="replica")
def _replica(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """Without a page built into it, it looks for one below its working directory, if that has its name."""
    folder = tmp_path_factory.mktemp("page")
    static = folder / "prometheus/web/ui/static/mantine-ui"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text(frame())
    (static / "assets/shown.js").write_text(SHOWN)
    (static / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    with alone.replica(folder) as one:
        yield one


@pytest.fixture(scope="module", name="page")
def _page(tmp_path_factory: pytest.TempPathFactory, replica: Replica) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser"), replica.tls / "tls.crt") as one:
        yield one


@pytest.mark.parametrize("path", ["query", "alerts", "targets", "config"])
def test_the_frame_of_prometheus_runs_its_own_script(page: Browser, replica: Replica, path: str) -> None:
    text, complaints = page.load(f"{replica.url}/{path}", "done")
    assert complaints == []
    assert text.startswith("given ,false,true,5m groups ")
    assert "monitoring" in text


@pytest.mark.parametrize("ready", ["true", "false"])
def test_the_policy_names_the_script_before_and_after_it_is_ready(replica: Replica, ready: str) -> None:
    [script] = re.findall(r"<script>(.*?)</script>", frame(), re.DOTALL)
    given = {"CONSOLES_LINK": "", "AGENT_MODE": "false", "READY": ready, "LOOKBACKDELTA": "5m"}
    for name, value in given.items():
        script = script.replace(f"{name}_PLACEHOLDER", value)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in (replica.folder / "web/web-config.yml").read_text()


def test_no_other_script_in_the_page_runs(page: Browser, replica: Replica) -> None:
    index = replica.folder / "web/ui/static/mantine-ui/index.html"
    before = index.read_text()
    try:
        index.write_text(before.replace("</body>", f"{INLINE}</body>"))
        text, complaints = page.load(f"{replica.url}/query", "done")
    finally:
        index.write_text(before)
    assert text.startswith("given")
    assert complaints
    assert all("script-src" in one for one in complaints)
