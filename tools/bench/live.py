"""Audits of a large cluster beside the least that reading it can cost, in turn."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from auditor.document.kinds import KINDS
from auditor.document.relations.table import relation_kinds
from auditor.evaluate.bundle import load_bundle
from auditor.rules import Policy
from tools import build
from tools.bench import usage
from tools.bench.asked import Asked, Log
from tools.bench.usage import Usage
from tools.cluster import ControlPlane

IDLE = ("--fail-on", "never", "--min-coverage", "0", "--store", "none")
"""An audit that fails on nothing and keeps nothing: what is measured is reading and judging.

What an ipBlock does to pods nobody knows, so that its coverage is not whole.
"""

ROUNDS = 3


@dataclass(frozen=True)
class Goal:
    """Which policies judge, and what is aimed at with them at `TARGET_PODS` pods."""

    name: str
    flags: tuple[str, ...]
    ratio: float
    """How many times as long as the floor an audit may take."""
    python_mib: int
    opa_mib: int


GOALS = (
    Goal("Pod Security", ("--framework", "pss_baseline", "--framework", "pss_restricted"), 1.8, 128, 96),
    Goal("all policies", (), 2.2, 160, 128),
)

PYTHON = Path(sys.executable)
AUDITOR = PYTHON.parent / "auditor"
FLOOR = Path(__file__).with_name("floor.py")


@dataclass(frozen=True)
class Run:
    """One run of either kind."""

    usage: Usage
    server_cpu: float
    """Seconds of kube-apiserver meanwhile."""
    said: dict[str, Any]
    """The floor's answer, or the audit's record."""


@dataclass(frozen=True)
class Figures:
    """What was measured at one size."""

    floors: tuple[Run, ...]
    audits: tuple[Run, ...]
    asked: tuple[Asked, ...]
    """Of each audit."""

    @property
    def ratios(self) -> tuple[float, ...]:
        """How many times as long as the floor each round's audit took."""
        pairs = zip(self.audits, self.floors, strict=True)
        return tuple(audit.usage.wall / floor.usage.wall for audit, floor in pairs)

    @property
    def ratio(self) -> float:
        """Their median."""
        return statistics.median(self.ratios)


class Bench:
    """Measures on one control plane what a goal is about; `folder` takes the records."""

    def __init__(self, plane: ControlPlane, folder: Path, goal: Goal) -> None:
        """Find the API server's process; start nothing."""
        self._plane = plane
        self._flags = goal.flags
        self._record = folder / "record.json"
        self._server = next(one.pid for one in plane.processes if one.name == "kube-apiserver")
        self._opa = build.tool_bin("opa") / "opa"

    def measure(self) -> Figures:
        """Audit once to learn what is listed, then take both in turn, `ROUNDS` times."""
        _, first = self._audit()
        floors, audits, asked = [], [], []
        for _ in range(ROUNDS):
            floors.append(self._floor(first))
            run, requests = self._audit()
            audits.append(run)
            asked.append(requests)
        return Figures(tuple(floors), tuple(audits), tuple(asked))

    def save(self, path: Path) -> None:
        """Write a snapshot of what the cluster holds now."""
        source = f"--kubeconfig={self._plane.kubeconfig}"
        output = f"json={self._record}"
        flags = [f"--opa={self._opa}", source, f"--save-snapshot={path}", "-o", output]
        usage.run([AUDITOR, "audit", *flags, *self._flags, *IDLE])

    def _audit(self) -> tuple[Run, Asked]:
        log = Log(self._plane)
        output = f"json={self._record}"
        source = f"--kubeconfig={self._plane.kubeconfig}"
        flags = [f"--opa={self._opa}", source, "-o", output]
        run = self._run([AUDITOR, "audit", *flags, *self._flags, *IDLE])
        said = json.loads(self._record.read_bytes())
        if said["gaps"]:
            raise usage.FailedError(f"the audit has gaps, and was not a whole one: {said['gaps'][0]}")
        return Run(run.usage, run.server_cpu, said), log.asked()

    def _floor(self, asked: Asked) -> Run:
        address = urlsplit(self._plane.url)
        order = {
            "host": address.hostname,
            "port": address.port,
            "ca": str(self._plane.ca),
            "token": self._plane.token("admin"),
            "agent": f"floor ({asked.agent})",
            "lists": asked.lists,
        }
        return self._run([PYTHON, "-I", "-S", FLOOR], json.dumps(order))

    def _run(self, command: Sequence[str | Path], stdin: str = "") -> Run:
        before = usage.cpu_seconds(self._server)
        used, written = usage.run(command, child="opa", stdin=stdin)
        said = json.loads(written) if written else {}
        return Run(used, usage.cpu_seconds(self._server) - before, said)


def unnamed(figures: Figures) -> list[str]:
    """Return what was listed though no policy that judged names it, neither as a kind nor by a relation."""
    judged = figures.audits[-1].said["audit"]["bundle"]["policies"]
    with load_bundle(build.tool_bin("opa") / "opa") as bundle:
        named = set(_named(bundle.policies[name] for name in judged))
    return sorted(figures.asked[-1].resources - named)


def _named(policies: Iterable[Policy]) -> Iterator[str]:
    for policy in policies:
        joined = (kind for name in policy.joins for kind in relation_kinds(name))
        for kind in (KINDS[name] for name in (*policy.kinds, *joined)):
            yield f"{kind.plural}.{kind.group}" if kind.group else kind.plural
