"""Several processes at one store, and processes that are killed: nothing lost, nothing invented."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.ports import Past, Remembered
from tests.cli.program import ROOT
from tests.store.audits import Journal, counted

WRITER = """
import sys
from pathlib import Path
from tests.store.audits import Journal

path, cluster, first, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
journal = Journal(path)
journal.store._patience = 60.0
journal.number = first
for turn in range(number):
    kept = journal.add("abcdefgh"[turn % 5 : turn % 7 + 1], cluster=cluster)
    print(kept.history.seq, kept.history.head, flush=True)
"""


def writer(path: Path, cluster: str, first: int, number: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, path, cluster, str(first), str(number)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def places(text: str) -> dict[str, int]:
    """Head and number of every audit that was reported as kept."""
    pairs = [line.split() for line in text.splitlines() if len(line.split()) == 2]
    return {head: int(seq) for seq, head in pairs}


@pytest.mark.parametrize("clusters", [("one", "two"), ("same", "same")])
def test_two_at_once(journal: Journal, clusters: tuple[str, str]) -> None:
    """They make the store together, and each audit has its place."""
    both = [writer(journal.path, cluster, 1000 * n, 15) for n, cluster in enumerate(clusters)]
    reported: dict[str, int] = {}
    for process in both:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, "")
        reported |= places(out)
    assert sorted(reported.values()) == list(range(1, 31))
    found = journal.store.verify(list(reported))
    assert (found.faults, found.audits, len(found.anchored)) == ((), 30, 30)


def test_killed_at_random(journal: Journal) -> None:
    """kill -9 in the middle of an audit, 12 times: what was reported is kept, and the chain is whole."""
    chance = random.Random(5)
    reported: dict[str, int] = {}
    for turn in range(12):
        process = writer(journal.path, "shop", 1000 * turn, 1000)
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(chance.randint(0, 4))]
        for _ in range(chance.randint(0, 60_000)):  # some way into the next one
            pass
        process.kill()
        # through the same buffers: `communicate` would leave out what they have read ahead
        out, err = process.stdout.read(), process.stderr.read()
        assert (process.wait(120), err) == (-signal.SIGKILL, "")
        process.stdout.close()
        process.stderr.close()
        reported |= places("".join(lines) + out)
        if not journal.path.exists():
            continue
        found = journal.store.verify(list(reported))
        assert found.faults == ()
        # one more may have been kept and not told; in nobody's case less
        assert len(reported) <= found.audits <= len(reported) + turn + 1
        assert counted(journal.path, "audits") == found.audits
    assert len(reported) > 12


def test_nobody_writes_while_the_past_is_looked_at(journal: Journal) -> None:
    """Both would call the same finding new."""
    journal.add("a")
    other = Journal(journal.path)
    other.number = 500

    def look(past: Past) -> Remembered:
        with pytest.raises(Exception, match="another audit writes"):
            other.add("b")
        raise InterruptedError

    with pytest.raises(InterruptedError):
        journal.store.append("shop", look)
    other.add("b")
    assert not journal.store.verify().faults
