"""What is waited for, and how long, is bounded for the whole audit."""

from __future__ import annotations

import threading

import msgspec
import pytest

from auditor.collect.fault import ApiError, FaultError, Repeat
from auditor.collect.patience import LONGEST, RECOVERY, Allowance, Clock, Patience
from auditor.errors import SourceError
from tests.collect.scripted import Stage

SILENT = FaultError(SourceError("no answer"), Repeat.TRIES, silent=True)
BUSY = FaultError(ApiError(503, "busy"), Repeat.TRIES)
NO = FaultError(ApiError(403, "no"), Repeat.NEVER)
GONE = FaultError(SourceError("refused"), Repeat.OUTAGE)


def allowance(**patience: float) -> Allowance:
    """Return the allowance for a server that has answered before."""
    made = Allowance(msgspec.convert(patience, Patience), Stage().clock)
    made.answered()
    return made


def waits(of: Allowance, fault: FaultError, took: float = 0.0) -> list[float]:
    """Return what is waited in one request that only ever meets this fault."""
    found: list[float] = []
    while True:
        streak = len(found) + 1
        counted = streak if fault.repeat is Repeat.TRIES else 0
        wait = of.next_wait(fault, streak, counted, took)
        if wait is None:
            return found
        found.append(wait)


def test_wait_doubles_up_to_the_longest() -> None:
    found = waits(allowance(attempts=9, budget=1000), BUSY)
    assert found == [0.2, 0.4, 0.8, 1.6, 3.2, LONGEST, LONGEST, LONGEST]


def test_chance_takes_half_at_most() -> None:
    of = Allowance(Patience(first=4.0), Clock())
    found = {of.next_wait(BUSY, 1, 1, 0.0) for _ in range(10)}
    assert len(found) > 1
    assert all(wait and 2.0 <= wait <= 4.0 for wait in found)


def test_outage_spends_the_budget() -> None:
    of = allowance()
    assert sum(waits(of, GONE)) == pytest.approx(60)
    assert waits(of, GONE) == waits(of, BUSY) == []


def test_connecting_in_vain_is_waiting_too() -> None:
    found = waits(allowance(), GONE, took=10.0)
    assert sum(found) + 10 * (len(found) + 1) < 60 + 10


def test_reading_is_not_waiting() -> None:
    assert waits(allowance(), BUSY, took=100.0) == [0.2, 0.4, 0.8, 1.6]


def test_silence_in_a_row_is_bounded() -> None:
    of = allowance()
    usual = of.limits()
    assert (usual.connect, usual.read, usual.answer) == (10.0, 60.0, 300.0)
    assert len(waits(of, SILENT)) == 4
    assert (of.limits().read, of.limits().answer) == (10.0, 10.0)
    assert waits(of, SILENT) == []
    assert waits(of, BUSY), "it says something"
    assert of.limits() == usual
    waits(of, SILENT)
    of.answered()
    assert of.limits() == usual


def test_each_outage_is_recovered_from() -> None:
    stage = Stage()
    of = Allowance(Patience(), stage.clock)
    of.answered()
    assert of.next_wait(NO, 1, 0, 0.0) is None
    for _ in range(2):
        assert of.next_wait(GONE, 1, 0, 0.0)
        assert of.next_wait(NO, 1, 0, 0.0)
        stage.now += RECOVERY
        assert of.next_wait(NO, 2, 0, 0.0) is None


def test_stop_ends_a_wait() -> None:
    """In real time: it would last for an hour."""
    stop = threading.Event()
    of = Allowance(Patience(first=3600, budget=3600), Clock())
    of.answered()
    trial = of.trial(stop)
    trial.begin()
    ended: list[type[BaseException]] = []

    def fail() -> None:
        try:
            trial.failed(BUSY)
        except BaseException as error:  # noqa: BLE001
            ended.append(type(error))

    thread = threading.Thread(target=fail)
    thread.start()
    stop.set()
    thread.join(timeout=30)
    assert [kind.__name__ for kind in ended] == ["StoppedError"]
