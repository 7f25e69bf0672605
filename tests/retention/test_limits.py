"""What we call effective is what a real Prometheus reports, for each combination of flags and section.

Each set of flags is started without a section, and then given all of them by a reload; some are started
with one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.model import Observation, Status
from tests.retention.cases import FLAGS, REFUSED, SECTIONS
from tests.retention.judge import Judge, messages, of, workload
from tests.retention.programs import prometheus

POLICY = "prometheus_retention_drift"

STARTS = (*((flags, "no storage") for flags in FLAGS), ("none", "empty"), ("both", "empty"), ("both", "all"))
"""What is started with: a reload takes another way through the program."""

THREADS = 2


class State(msgspec.Struct, frozen=True):
    """What a Prometheus says with these flags and this section."""

    flags: str
    section: str
    reloaded: bool
    observation: Observation

    @property
    def limits(self) -> Mapping[str, float]:
        """As its database has them, which our policies do not go by; a percentage goes before a size."""
        found: dict[str, float] = dict(self.observation.told["limits"])
        return {**found, "size": 0} if found["percentage"] else found

    def __str__(self) -> str:
        return f"{self.flags}, {self.section}, {'reloaded' if self.reloaded else 'started'}"


def states_of(folder: Path, flags: str, start: str) -> Iterator[State]:
    """Start one, and give it every section if it is started without."""
    with prometheus(folder / f"{flags}-{start}".replace(" ", "-"), SECTIONS[start], FLAGS[flags]) as running:
        yield State(flags, start, reloaded=False, observation=running.observe())
        for section, text in SECTIONS.items() if start == "no storage" else ():
            assert running.reload(text), section
            yield State(flags, section, reloaded=True, observation=running.observe())


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> list[State]:
    folder = tmp_path_factory.mktemp("states")
    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(lambda pair: list(states_of(folder, *pair)), STARTS)
        return [state for listed in found for state in listed]


def test_all_of_them_answer(states: Sequence[State]) -> None:
    assert len(states) == len(FLAGS) * len(SECTIONS) + len(STARTS)
    assert not [
        str(one) for one in states if one.observation.failure or one.observation.told.get("unmeasured")
    ]


def declared(states: Sequence[State], names: Sequence[str]) -> list[dict[str, Any]]:
    """The workloads that say what these states were given."""
    return [
        made
        for one, name in zip(states, names, strict=True)
        for made in workload(name, "prometheus", FLAGS[one.flags], SECTIONS[one.section])
    ]


def test_what_is_declared_is_what_is_reported(states: Sequence[State], judge: Judge, tmp_path: Path) -> None:
    names = [f"metrics-{number}" for number in range(len(states))]
    seen = [of(one.observation, name) for one, name in zip(states, names, strict=True)]
    found = judge(tmp_path, POLICY, declared(states, names), seen)
    wrong = [
        (str(one), one.observation.told["retention"], messages(found[name]))
        for one, name in zip(states, names, strict=True)
        if found[name].status is not Status.PASS
    ]
    assert not wrong


def test_every_other_report_is_drift(states: Sequence[State], judge: Judge, tmp_path: Path) -> None:
    """So that the test above can fail: each is given the report of the next one with other limits."""
    names = [f"metrics-{number}" for number in range(len(states))]
    others = [
        next(other for other in (*states[number:], *states) if other.limits != one.limits)
        for number, one in enumerate(states)
    ]
    seen = [of(other.observation, name) for other, name in zip(others, names, strict=True)]
    found = judge(tmp_path, POLICY, declared(states, names), seen)
    silent = [
        (str(one), str(other), messages(found[name]))
        for one, other, name in zip(states, others, names, strict=True)
        if found[name].status is not Status.FAIL
    ]
    assert not silent


def test_a_file_that_is_refused(judge: Judge, tmp_path: Path) -> None:
    with prometheus(tmp_path / "data", SECTIONS["time"]) as running:
        before = running.observe().told
        assert before["reloaded"]
        for fault, text in REFUSED.items():
            assert not running.reload(text), fault
            told = running.observe().told
            assert not told["reloaded"]
            assert {key: told[key] for key in ("retention", "limits", "configured")} == {
                key: before[key] for key in ("retention", "limits", "configured")
            }
        objects = workload("metrics", "prometheus", (), SECTIONS["time"])
        result = judge(tmp_path, POLICY, objects, [running.observe()])["metrics"]
        assert [one.key for one in result.violations] == ["reload"]
        objects = workload("metrics", "prometheus", (), SECTIONS["long time"])
        result = judge(tmp_path, POLICY, objects, [running.observe()])["metrics"]
        assert sorted(str(one.key) for one in result.violations) == ["limits", "reload"]
        assert running.reload(SECTIONS["long time"])
        result = judge(tmp_path, POLICY, objects, [running.observe()])["metrics"]
        assert result.status is Status.PASS


def test_why_its_page_of_flags_is_not_asked(tmp_path: Path) -> None:
    with prometheus(tmp_path, SECTIONS["time"], FLAGS["both"]) as running:
        assert running.reload(SECTIONS["size"])
        flags = msgspec.json.decode(running.get("/api/v1/status/flags"))["data"]
        assert flags["storage.tsdb.retention.time"] == "20d"
        assert running.observe().told["retention"] == "3GiB"


def test_two_replicas_that_differ(states: Sequence[State], judge: Judge, tmp_path: Path) -> None:
    """Which file they read is not known; that they do not read the same is."""
    one, *others = [of(state.observation, "metrics") for state in states]
    other = next(other for other in others if other.told["retention"] != one.told["retention"])
    other = msgspec.structs.replace(other, url="http://other.example.com")
    objects = workload("metrics", "prometheus", FLAGS["time"])
    assert judge(tmp_path, POLICY, objects, [one])["metrics"].status is Status.NOT_EVALUATED
    result = judge(tmp_path, POLICY, objects, [one, other])["metrics"]
    assert [found.key for found in result.violations] == ["replicas"]
