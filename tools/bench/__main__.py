"""Speed and memory of audits: of manifests, and of a large live cluster.

run (the default) prints the tables, and at the end what each relation and policy costs; cluster builds a
cluster that stays, until stop; profile tells where an audit of that cluster spends its time.
"""

from __future__ import annotations

import argparse
import compileall
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tools import build
from tools.bench import costs, held, hotspots, live, manifests, table
from tools.bench.cluster.build import Builder, blocks
from tools.bench.cluster.writer import RefusedError
from tools.bench.usage import FailedError
from tools.cluster import ClusterError, ControlPlane

DEFAULT_FOLDER = build.ROOT / "build" / "bench"
SIZES = (1_000, 3_000, 10_000)


def run(sizes: tuple[int, ...]) -> None:
    """Grow one cluster from size to size, measure each goal at each, and print the tables.

    Raises what building and measuring raise; nothing is left running.
    """
    for size in sizes:
        blocks(size)
    print(table.machine(), flush=True)
    # as pip does for those who install it: this machine may be told to write no bytecode by itself
    compileall.compile_dir(build.ROOT / "auditor", quiet=1)
    measured: dict[live.Goal, dict[int, live.Figures]] = {goal: {} for goal in live.GOALS}
    variants: dict[int, int] = {}
    snapshots: dict[int, Path] = {}
    with (
        tempfile.TemporaryDirectory(prefix="auditor-bench-") as name,
        ControlPlane(Path(name) / "plane", nodes=0, controllers=False) as plane,
        Builder(plane, held.kubernetes_version()) as builder,
    ):
        benches = {goal: live.Bench(plane, Path(name), goal) for goal in live.GOALS}
        for size in sizes:
            begin = time.monotonic()
            builder.grow(size)
            print(f"{size} pods written after {time.monotonic() - begin:.0f} s more", file=sys.stderr)
            variants[size] = builder.variants
            for goal, bench in benches.items():
                measured[goal][size] = bench.measure()
            snapshots[size] = Path(name) / f"{size}.snapshot"
            benches[live.GOALS[-1]].save(snapshots[size])
        for goal, figures in measured.items():
            _print(goal, figures, variants)
        print(f"\n{costs.report(build.tool_bin('opa') / 'opa', snapshots)}")


def _print(goal: live.Goal, measured: Mapping[int, live.Figures], variants: Mapping[int, int]) -> None:
    last = measured[max(measured)]
    print(f"\n{goal.name}: medians of {live.ROUNDS} rounds; the last five columns are seconds of CPU.\n")
    print(f"{table.times(measured)}\n\n{table.sizes(measured, variants)}\n")
    print(f"Listed, in this order, with MiB at {max(measured)} pods: {table.kinds(last)}.")
    unnamed = live.unnamed(last)
    print(f"Of these, named by no policy: {', '.join(unnamed) or 'none'}.")
    print(f"Asked for besides: {table.other_requests(last)}.")
    if figures := measured.get(table.TARGET_PODS):
        print(f"Targets at {table.TARGET_PODS} pods: {table.targets(figures, goal, unnamed)}.")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code: 0, 1 with a message, or 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["run", "cluster", "stop", "profile"], default="run")
    parser.add_argument("--size", type=int, help="pods, a multiple of 1,000; run: this size and no other")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where the cluster is kept")
    options = parser.parse_args(arguments)
    try:
        if options.command == "cluster":
            held.start(options.folder, options.size or SIZES[-1])
        elif options.command == "stop":
            held.stop(options.folder)
        elif options.command == "profile":
            hotspots.show(ControlPlane.attach(options.folder).kubeconfig)
        elif options.size is not None:
            run((options.size,))
        else:
            manifests.table()
            print()
            run(SIZES)
    except (ClusterError, FailedError, RefusedError, build.BuildError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as by Ctrl-C, and leaves nothing
    sys.exit(main())
