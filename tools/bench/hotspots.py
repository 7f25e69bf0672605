"""Where an audit spends its time: CPU time of each thread by function, and what the imports cost."""

from __future__ import annotations

import cProfile
import pstats
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from auditor.cli.app import run
from tools import build

FUNCTIONS = 25
IMPORTS = 20
IDLE_SECONDS = 0.05
"""A thread with less is left out."""


def show(kubeconfig: Path) -> None:
    """Audit a cluster in this process and print the functions with the most CPU time, for each thread.

    The profiler makes small functions dearer than they are; only the order and the shares count.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = [f"--kubeconfig={kubeconfig}", f"--opa={build.tool_bin('opa') / 'opa'}"]
        arguments = [
            "audit",
            *source,
            "-o",
            f"json={folder}/record.json",
            "--fail-on",
            "never",
            "--store",
            "none",
        ]
        _functions(arguments)
        _imports(arguments)


def _functions(arguments: list[str]) -> None:
    profiles: list[tuple[str, cProfile.Profile]] = []
    inherited = threading.Thread.run

    def profiled(thread: threading.Thread) -> None:
        _profile(thread.name, lambda: inherited(thread), profiles)

    threading.Thread.run = profiled  # type: ignore[method-assign, assignment]
    begin = time.monotonic()
    try:
        _profile("main thread", lambda: run(arguments), profiles)
    finally:
        threading.Thread.run = inherited  # type: ignore[method-assign]
    print(f"{time.monotonic() - begin:.2f} s of wall time under the profiler; below: seconds of CPU")
    for name, profile in profiles:
        statistics = pstats.Stats(profile)
        if statistics.total_tt < IDLE_SECONDS:  # type: ignore[attr-defined]
            continue
        print(f"\n== {name}", flush=True)
        statistics.strip_dirs().sort_stats("tottime").print_stats(FUNCTIONS)


def _profile(name: str, work: Callable[[], object], profiles: list[tuple[str, cProfile.Profile]]) -> None:
    # CPU time of the thread: waiting for the network, for OPA or for another thread is not work
    profile = cProfile.Profile(time.thread_time)
    profiles.append((name, profile))
    profile.runcall(work)


def _imports(arguments: list[str]) -> None:
    """Print the modules whose import takes longest, each with what it imports."""
    command = [sys.executable, "-X", "importtime", "-m", "auditor", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")][1:]
    rows = [line.removeprefix("import time:").split("|") for line in lines]
    print("\n== imports, ms with all that they import")
    for _, total, name in sorted(rows, key=lambda row: -int(row[1]))[:IMPORTS]:
        print(f"{int(total) / 1000:8.1f} {name.strip()}")
