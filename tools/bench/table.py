"""What `make bench` prints of the live cluster."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence

from tools import build
from tools.bench.live import Figures, Goal, Run

MIB = 2**20
TARGET_PODS = 10_000
"""The size that the goals of `live` are for."""
OTHER_REQUESTS = 20
"""What may be asked for beside lists, whatever judges."""


def machine() -> str:
    """Return what was measured on; the load tells whether others worked meanwhile."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{cores} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the start;"
        f" Python {platform.python_version()}, OPA {_version('opa', 'github.com/open-policy-agent/opa')},"
        f" Kubernetes {_version('kubernetes', 'k8s.io/kubernetes')}"
    )


def _version(tool: str, module: str) -> str:
    return ".".join(build.module_version(tool, module))


def times(measured: Mapping[int, Figures]) -> str:
    """Return seconds, their ratio, and CPU seconds by program; medians of the rounds."""
    cpu = ("Python", "OPA", "API server", "floor: Python", "floor: API server")
    head = ("pods", "floor s", "audit s", "ratio", "of each round", *cpu)
    rows = [
        (
            str(pods),
            _median(one.floors, lambda run: run.usage.wall),
            _median(one.audits, lambda run: run.usage.wall),
            f"{one.ratio:.2f}",
            " ".join(f"{ratio:.2f}" for ratio in one.ratios),
            _median(one.audits, lambda run: run.usage.own_cpu),
            _median(one.audits, lambda run: run.usage.children_cpu),
            _median(one.audits, lambda run: run.server_cpu),
            _median(one.floors, lambda run: run.usage.own_cpu),
            _median(one.floors, lambda run: run.server_cpu),
        )
        for pods, one in measured.items()
    ]
    return aligned([head, *rows])


def sizes(measured: Mapping[int, Figures], variants: Mapping[int, int]) -> str:
    """Return peak memory, what was transferred, and what came of it.

    `variants` are those that the cluster was built with, by number of pods.
    """
    transferred = ("Python MiB", "OPA MiB", "pages", "other requests", "MiB read")
    head = ("pods", *transferred, "resources", "documents", "variants", "pairs", "findings")
    rows = []
    for pods, one in measured.items():
        summary = one.audits[-1].said["summary"]
        rows.append(
            (
                str(pods),
                f"{max(run.usage.own_peak for run in one.audits) / MIB:.0f}",
                f"{max(run.usage.child_peak for run in one.audits) / MIB:.0f}",
                _range([asked.pages for asked in one.asked]),
                _range([asked.beyond for asked in one.asked]),
                f"{one.floors[-1].said['bytes'] / MIB:.0f}",
                str(summary["resources"]),
                str(summary["documents"]),
                str(variants[pods]),
                str(summary["evaluations"]),
                str(sum(summary["findings"].values())),
            )
        )
    return aligned([head, *rows])


def kinds(figures: Figures) -> str:
    """Return what was listed, in the order in which it was asked for, with its MiB."""
    read = figures.floors[-1].said["kinds"]
    return ", ".join(
        f"{path.partition('?')[0].rpartition('/')[2]} {size / MIB:.1f}" for path, size in read.items()
    )


def other_requests(figures: Figures) -> str:
    """Return what was asked for beside lists, by verb."""
    verbs = figures.asked[-1].verbs
    return "; ".join(
        f"{verb} {', '.join(sorted(names))}" for verb, names in sorted(verbs.items()) if verb != "list"
    )


def targets(figures: Figures, goal: Goal, unnamed: Sequence[str]) -> str:
    """Return what was aimed at for 10,000 pods, and whether it was reached; `unnamed` as of `live`."""
    audits = figures.audits
    python = max(run.usage.own_peak for run in audits)
    opa = max(run.usage.child_peak for run in audits)
    reached = {
        f"at most {goal.ratio} x floor": figures.ratio <= goal.ratio,
        f"Python at most {goal.python_mib} MiB": python <= goal.python_mib * MIB,
        f"OPA at most {goal.opa_mib} MiB": opa <= goal.opa_mib * MIB,
        f"at most {OTHER_REQUESTS} other requests": max(one.beyond for one in figures.asked)
        <= OTHER_REQUESTS,
        "nothing listed that no policy names": not unnamed,
    }
    return "; ".join(f"{target}: {'yes' if true else 'NO'}" for target, true in reached.items())


def _median(runs: Sequence[Run], value: Callable[[Run], float]) -> str:
    return f"{statistics.median(map(value, runs)):.2f}"


def _range(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low}-{high}"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells, the first one the head, as columns that end at the same place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(lines)
