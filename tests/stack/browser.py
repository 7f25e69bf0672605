"""A real browser without a screen, which loads a page and tells what it complained about.

Chromium, spoken to by its DevTools protocol over pipes: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PROGRAM = "chromium"
LOAD_SECONDS = 90.0
END_SECONDS = 10.0
FLAGS = (
    "--headless",
    "--no-sandbox",  # it runs as root in places, and loads our own pages only
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)


def public_key_hash(certificate: Path) -> str:
    """Return how Chromium names the public key of a certificate: base64 of the sha256 of its SPKI."""
    command = ["openssl", "x509", "-in", str(certificate), "-noout", "-pubkey"]
    key = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    der = base64.b64decode("".join(key.splitlines()[1:-1]))
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


class Browser:
    """One that runs; `load` may be called again and again."""

    def __init__(self, commands: int, answers: int) -> None:
        """Speak by two ends of pipes."""
        self._commands, self._answers = commands, answers
        self._rest = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Call a method and return its result; what happens meanwhile goes to `events`."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            said = self._read()
            if said.get("id") == self._number:
                assert "error" not in said, said
                return dict(said["result"])
            self.events.append(said)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            chunk = os.read(self._answers, 1 << 16)
            assert chunk, "the browser is gone"
            self._rest += chunk
        first, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(first))

    def load(self, url: str, wanted: str) -> tuple[str, list[str]]:
        """Load a page until a text is seen on it; return all its text, and every complaint.

        Complaints are errors and warnings of the console, exceptions, violations of the content security
        policy, and requests that failed. Fails if the text does not come.
        """
        self.events.clear()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(f"{domain}.enable", session)
        self.call("Page.navigate", session, url=url)
        deadline = time.monotonic() + LOAD_SECONDS
        text = ""
        while wanted not in text:
            assert time.monotonic() < deadline, f"{wanted!r} is not on {url}: {text!r}; {self.complaints()}"
            time.sleep(0.1)
            read = "document.body ? document.body.innerText : ''"
            text = str(self.call("Runtime.evaluate", session, expression=read)["result"].get("value", ""))
        complaints = self.complaints()
        self.call("Target.closeTarget", targetId=target)
        return text, complaints

    def complaints(self) -> list[str]:
        """What of the events is a complaint."""
        return [
            text for event in self.events if (text := complaint(event["method"], event.get("params", {})))
        ]


def complaint(method: str, said: dict[str, Any]) -> str:
    """Return an event in words if it is a complaint."""
    if method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
        return "console: " + " ".join(str(one.get("value", one.get("description"))) for one in said["args"])
    if method == "Runtime.exceptionThrown":
        return f"exception: {said['exceptionDetails']}"
    if method == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
        return f"log: {said['entry']['text']}"
    if method == "Audits.issueAdded" and "ContentSecurityPolicy" in said["issue"]["code"]:
        return f"policy: {said['issue']['details']['contentSecurityPolicyIssueDetails']}"
    if method == "Network.loadingFailed" and not said.get("canceled"):
        return f"request: {said['errorText']} {said.get('blockedReason', '')}"
    return ""


@contextmanager
def browser(folder: Path, *certificates: Path) -> Iterator[Browser]:
    """Run a browser that accepts these certificates, which no authority it knows has signed."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = ",".join(map(public_key_hash, certificates))
    own = [f"--user-data-dir={folder / 'profile'}", f"--ignore-certificate-errors-spki-list={keys}"]
    its_commands, commands = os.pipe()
    answers, its_answers = os.pipe()
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    # Out of the way of those below 5, which it finds open: it reads commands from 3 and answers by 4.
    its = [
        fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 10) for one in (nothing, log, log, its_commands, its_answers)
    ]
    pid = os.posix_spawnp(
        PROGRAM,
        [PROGRAM, *FLAGS, *own, "about:blank"],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, one, number) for number, one in enumerate(its)],
        setsid=True,
    )
    for one in (*its, nothing, log, its_commands, its_answers):
        os.close(one)
    try:
        yield Browser(commands, answers)
    finally:
        os.close(commands)  # which ends it
        os.close(answers)
        deadline = time.monotonic() + END_SECONDS
        while os.waitpid(pid, os.WNOHANG) == (0, 0) and time.monotonic() < deadline:
            time.sleep(0.05)
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # its own group, and whoever of it is left
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
