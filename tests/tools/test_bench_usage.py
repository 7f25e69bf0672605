"""What the benchmark says a program cost is what it did cost."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tools.bench import usage

MIB = 2**20
GREEDY = """
import sys, time
held = bytearray({mib} << 20)
del held
while time.process_time() < {cpu}:
    pass
print(sys.stdin.read())
"""
PARENT = """
import subprocess, sys
held = bytearray(150 << 20)
subprocess.run([sys.argv[1], "-c", sys.argv[2]], stdin=subprocess.DEVNULL, check=True)
"""


def test_own_memory_and_time() -> None:
    used, text = usage.run([sys.executable, "-c", GREEDY.format(mib=80, cpu=0.3)], stdin="given")
    assert text == "given\n"
    assert 80 * MIB < used.own_peak < 120 * MIB  # the peak, though it was given back
    assert used.own_cpu >= 0.28  # counted in ticks of 10 ms
    assert used.children_cpu == 0
    assert used.child_peak == 0
    assert used.wall >= 0.3


def test_children_count_by_their_name(tmp_path: Path) -> None:
    named = shutil.copy(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}", tmp_path / "opa")
    command = [sys.executable, "-c", PARENT, named, GREEDY.format(mib=40, cpu=0.3)]
    used, _ = usage.run(command, child="opa")
    assert used.own_peak > 150 * MIB
    # before its exec the child shared its parent's 150 MiB: they are not its own
    assert 40 * MIB < used.child_peak < 100 * MIB
    assert used.children_cpu >= 0.28
    other, _ = usage.run(command, child="another")
    assert other.child_peak == 0


def test_failure_is_told() -> None:
    with pytest.raises(usage.FailedError, match=r"ended with 3: no cluster$"):
        usage.run([sys.executable, "-c", "import sys; print('no cluster', file=sys.stderr); sys.exit(3)"])


def test_much_output_does_not_block() -> None:
    assert len(usage.run([sys.executable, "-c", "print('x' * 1_000_000)"])[1]) == 1_000_001
