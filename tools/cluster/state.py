"""What is remembered of a control plane on disk, so that another process can use or end it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tools.cluster.processes import Process, is_running

FILE = "plane.json"


@dataclass(frozen=True)
class State:
    """One control plane; `processes` in the order in which they were started."""

    url: str = ""
    ca: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    """Token by user name."""
    processes: tuple[Process, ...] = ()
    ready: bool = False
    """Everything was up once, and can be used."""

    def is_up(self) -> bool:
        """Tell whether it can be used: ready, and no process gone."""
        return self.ready and all(is_running(process) for process in self.processes)

    def save(self, folder: Path) -> None:
        """Write it, whole or not at all."""
        partial = folder / f"{FILE}.partial"
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(asdict(self), indent=1))
        partial.rename(folder / FILE)


def load(folder: Path) -> State | None:
    """Return the state of the control plane in a folder, None if there is none."""
    try:
        read = json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        return None
    return State(**{**read, "processes": tuple(Process(**process) for process in read["processes"])})
