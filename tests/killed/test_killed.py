"""kill -9 at every step of a run: nothing is lost, nothing is invented, and the next run is clean."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from auditor.store.retention import Retention
from auditor.store.sqlite import SqliteStore
from tests import factories as make
from tests.cli.program import SECONDS, environment

SEED = int(os.environ.get("AUDITOR_KILL_SEED", "1"))
KILLS = int(os.environ.get("AUDITOR_PROOF_KILLS", "200"))
BY_CLOCK = 5
"""Every so many kills come at a random moment instead: where a step is long, as judging is."""

DYING = Path(__file__).with_name("dying.py")


class Yard:
    """A folder in which audits run and die: manifests that change, a store, a report."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = environment(folder)
        self.manifest, self.report = folder / "web.yaml", folder / "report.json"
        self.count, self.path = folder / "steps", folder / "history.db"
        self.store = SqliteStore(self.path, Retention(), lambda: datetime.now(UTC))

    def start(self, step: int, number: int) -> subprocess.Popen[str]:
        """Start an audit of the manifests as they are at this number: every other one has one fault more."""
        spec = make.pod_spec(hostPID=True, hostNetwork=bool(number % 2))
        self.manifest.write_text(yaml.safe_dump(make.deployment(spec)))
        command = [sys.executable, DYING, str(step), self.count, "audit", "-f", self.manifest]
        command += ["--policy", "host_pid", "--policy", "host_network", "--fail-on", "never"]
        command += ["--store", self.path, "-o", f"json={self.report}"]
        return subprocess.Popen(
            [str(one) for one in command],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
        )

    def whole_run(self, number: int) -> dict[str, Any]:
        """Run one audit to its end, and return its report."""
        with self.start(0, number) as child:
            _, errors = child.communicate(timeout=SECONDS)
        assert child.returncode == 0, errors
        found: dict[str, Any] = json.loads(self.report.read_text())
        return found

    def kept(self) -> list[str]:
        """The ids of the audits in the store."""
        return [one.record.audit for one in self.store.entries()]


@pytest.fixture(name="yard", scope="module")
def _yard(tmp_path_factory: pytest.TempPathFactory) -> Yard:
    return Yard(tmp_path_factory.mktemp("killed"))


def test_killed_at_every_step(yard: Yard) -> None:
    random = Random(SEED)
    yard.whole_run(0)
    steps, seconds, died = 0, 0.0, 0
    for number in range(1, KILLS + 1):
        if number == 1:  # with bundle and store in their places, as it is for most runs
            began, counts = time.monotonic(), []
            for _ in range(3):  # on a busy machine OPA may have to be asked more often until it is ready
                yard.whole_run(0)
                counts.append(int(yard.count.read_text()))
            steps, seconds = min(counts), (time.monotonic() - began) / 3
            assert steps > 20  # writing byte code, on a first run, would be more
        before, reported = yard.kept(), yard.report.read_text()
        by_clock = number % BY_CLOCK == 0
        child = yard.start(0 if by_clock else random.randint(1, steps), number)
        if by_clock:
            with suppress(subprocess.TimeoutExpired):
                child.wait(random.uniform(0.0, seconds))
            child.kill()
        child.communicate(timeout=SECONDS)
        died += child.returncode == -9
        nothing_lost_or_invented(yard, before, reported)
    assert died > KILLS * 0.7
    clean_afterwards(yard)
    print(f"\n{died} of {KILLS} runs killed, at {steps} different steps or by the clock (seed {SEED})")


def nothing_lost_or_invented(yard: Yard, before: list[str], reported: str) -> None:
    """What was kept is there, perhaps one audit more, whole; so is the report, the old one or a new one."""
    after = yard.kept()
    assert after[: len(before)] == before
    assert len(after) <= len(before) + 1
    checked = yard.store.verify()
    assert not checked.faults, checked.faults
    now = json.loads(yard.report.read_text())
    assert now["audit"]["id"] == after[-1] or now == json.loads(reported)
    latest = yard.store.audit("last")
    (entry,) = [one for one in yard.store.entries() if one.record.audit == after[-1]]
    standing = yard.store.standing(entry.record.cluster)
    assert set(standing) == {one.fingerprint for one in latest.findings}


def clean_afterwards(yard: Yard) -> None:
    """The next run knows all that the last kept one knew, and says so."""
    latest = yard.store.audit("last")
    found = yard.whole_run(1)
    had = {one.fingerprint for one in latest.findings}
    has = {one["fingerprint"] for one in found["findings"]}
    delta = found["delta"]
    assert set(delta["new"]) == has - had
    assert {one["fingerprint"] for one in delta["resolved"]} == had - has
    assert delta["unchanged"] == len(has & had)
    assert found["history"]["seq"] >= len(yard.kept())
