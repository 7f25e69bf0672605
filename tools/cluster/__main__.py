"""`python -m tools.cluster start|status|stop|kubeconfig`: a control plane that stays until it is stopped."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tools import build
from tools.cluster import plane, processes
from tools.cluster.components import Layout
from tools.cluster.plane import ClusterError, ControlPlane
from tools.cluster.state import load

DEFAULT_FOLDER = build.ROOT / "build" / "cluster"


def start(folder: Path, nodes: int) -> int:
    """Start a control plane, or say that it runs already; return the exit code."""
    state = load(folder)
    if state is None or not state.is_up():
        plane.build_tools()
        begin = time.monotonic()
        ControlPlane(folder, nodes=nodes, die_with_parent=False).start()
        print(f"started in {time.monotonic() - begin:.1f} s", file=sys.stderr)
    return status(folder)


def status(folder: Path) -> int:
    """Print what runs; return 0 if everything does, else 1."""
    state = load(folder)
    if state is None:
        print(f"no control plane in {folder}")
        return 1
    for process in state.processes:
        life = f"{processes.resident_bytes(process) >> 20} MiB" if processes.is_running(process) else "gone"
        print(f"{process.name:24} pid {process.pid:<8} {life}")
    print(f"{'server':24} {state.url}")
    print(f"{'kubeconfig':24} {Layout(folder).kubeconfig}")
    return 0 if state.is_up() else 1


def stop(folder: Path) -> int:
    """End what `start` started and remove its folder; return the exit code."""
    plane.stop(folder)
    return 0


def kubeconfig(folder: Path) -> int:
    """Print the path of the kubeconfig; return the exit code."""
    print(ControlPlane.attach(folder).kubeconfig)
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code: 0, or 1 with a message."""
    parser = argparse.ArgumentParser(prog="python -m tools.cluster", description=__doc__)
    parser.add_argument("command", choices=["start", "status", "stop", "kubeconfig"])
    parser.add_argument(
        "--dir", type=Path, default=DEFAULT_FOLDER, help="state folder (default build/cluster)"
    )
    parser.add_argument("--nodes", type=int, default=2, help="simulated nodes (default 2)")
    options = parser.parse_args(arguments)
    try:
        if options.command == "start":
            return start(options.dir, options.nodes)
        return {"status": status, "stop": stop, "kubeconfig": kubeconfig}[options.command](options.dir)
    except (ClusterError, build.BuildError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
