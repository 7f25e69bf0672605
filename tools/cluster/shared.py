"""One control plane for several processes: the first one starts it, and it ends with the last one.

For pytest-xdist, whose workers know nothing of each other. Each user holds a shared lock, which the
kernel takes back however the process ends; a keeper process of its own owns the control plane and
waits for the exclusive lock, which it gets when there is no user left.
"""

from __future__ import annotations

import fcntl
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO

from tools import build
from tools.cluster import processes
from tools.cluster.plane import START_SECONDS, ClusterError, ControlPlane, build_tools
from tools.cluster.processes import Process
from tools.cluster.state import load

PLANE = "plane"
KEEPER = "keeper.json"
END_SECONDS = 60.0
"""How long the programs may take to end after the last user has left."""


@contextmanager
def shared_plane(folder: Path, nodes: int = 2) -> Iterator[ControlPlane]:
    """Yield the control plane that everybody who names this folder shares.

    Raises `ClusterError` if it cannot be started. The last one to leave waits until it is gone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _users(folder) as users:
        with _door(folder):
            fcntl.flock(users, fcntl.LOCK_SH)
            if not _is_up(folder):
                _start_keeper(folder, nodes)
        try:
            yield ControlPlane.attach(folder / PLANE)
        finally:
            with _door(folder):
                fcntl.flock(users, fcntl.LOCK_UN)
                if not _in_use(users):
                    fcntl.flock(users, fcntl.LOCK_UN)
                    _wait_for_keeper(folder)


def keep(folder: Path, nodes: int) -> None:
    """Own the control plane until nobody uses it: what the keeper process does."""
    with _users(folder) as users, ControlPlane(folder / PLANE, nodes=nodes):
        fcntl.flock(users, fcntl.LOCK_EX)


@contextmanager
def _door(folder: Path) -> Iterator[None]:
    """Let one user at a time come or go."""
    with (folder / "door.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _users(folder: Path) -> IO[str]:
    return (folder / "users.lock").open("w")


def _in_use(users: IO[str]) -> bool:
    """Tell whether others hold the shared lock; neither being free, the keeper has the exclusive one."""
    for kind, in_use in ((fcntl.LOCK_EX, False), (fcntl.LOCK_SH, True)):
        with suppress(BlockingIOError):
            fcntl.flock(users, kind | fcntl.LOCK_NB)
            return in_use
    return False


def _is_up(folder: Path) -> bool:
    state = load(folder / PLANE)
    return state is not None and state.is_up()


def _start_keeper(folder: Path, nodes: int) -> None:
    build_tools()  # here, where its progress can be seen
    log = folder / "keeper.log"
    command = [sys.executable, "-m", "tools.cluster.shared", str(folder.absolute()), str(nodes)]
    keeper = processes.spawn("keeper", command, log, die_with_parent=False, cwd=build.ROOT)
    (folder / KEEPER).write_text(json.dumps(asdict(keeper)))
    try:
        up = "a running control plane"
        processes.wait_for(up, lambda: _is_up(folder), keeper, log, 3 * START_SECONDS)
    except OSError as error:
        processes.stop(keeper)
        raise ClusterError(str(error)) from error


def _wait_for_keeper(folder: Path) -> None:
    keeper = Process(**json.loads((folder / KEEPER).read_text()))
    if not processes.wait(keeper, END_SECONDS):
        processes.stop(keeper)  # the kernel ends the programs with it


if __name__ == "__main__":
    try:
        keep(Path(sys.argv[1]), int(sys.argv[2]))
    except (ClusterError, build.BuildError) as failure:
        sys.exit(f"error: {failure}")
