"""A large cluster that stays until it is stopped, for work by hand."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tools import build
from tools.bench.cluster.build import Builder, blocks
from tools.cluster import ControlPlane, plane


def kubernetes_version() -> str:
    """Return the version of the API server, as `v1.36.3`."""
    return "v" + ".".join(build.module_version("kubernetes", "k8s.io/kubernetes"))


def start(folder: Path, size: int) -> None:
    """Start a control plane in a folder and fill it with `size` pods; it then runs on by itself.

    Raises `ClusterError`, `RefusedError`, `ValueError`; nothing is then left running, nor after Ctrl-C.
    """
    blocks(size)
    plane.build_tools()
    control = ControlPlane(folder, nodes=0, controllers=False, die_with_parent=False)
    begin = time.monotonic()
    control.start()
    try:
        with Builder(control, kubernetes_version()) as builder:
            builder.grow(size)
    except BaseException:
        control.stop()
        raise
    seconds = time.monotonic() - begin
    print(f"{size} pods, {builder.variants} variants, in {seconds:.0f} s", file=sys.stderr)
    print(control.kubeconfig)


def stop(folder: Path) -> None:
    """End the control plane of a folder and remove the folder; none is no error."""
    plane.stop(folder)
