"""OPA is killed at random moments, again and again: every document gets its verdicts all the same."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import psutil

from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.limits import Limits
from auditor.model import Document, Failure, Question, Verdict
from tests.evaluate.questions import document

SEED = int(os.environ.get("AUDITOR_KILL_SEED", "1"))
KILLS = 30
DOCUMENTS = 400
APART = (41, 90)
"""Documents between two kills. The engine takes some 60 ahead of an answer, so that of three starts in
a row at least one is spared: an OPA that cannot be started is another matter."""
WITHIN = 0.02
"""Seconds, of which any number pass before a kill: it judges, waits, or starts."""

CONTEXTS: tuple[dict[str, object], ...] = (
    {},
    {"privileged": True},
    {"capabilities": {"add": ["NET_ADMIN"]}},
    {"runAsNonRoot": False, "seccompProfile": {"type": "Unconfined"}},
    {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True},
)


def workload(number: int) -> Document:
    """A pod with some faults; what they are depends on the number."""
    containers = [
        {
            "name": f"c{place}",
            "role": "app",
            "path": f"/spec/containers/{place}",
            "body": {"image": "c:1", "securityContext": context},
        }
        for place, context in enumerate((CONTEXTS[number % 5], CONTEXTS[number // 5 % 5]))
    ]
    spec = {"hostPID": number % 3 == 0, "hostNetwork": number % 7 == 0}
    pod = {"path": "/spec", "labels": {}, "annotations": {}, "spec": spec}
    labels = {"pod-security.kubernetes.io/enforce-version": f"v1.{number % 38}"}
    namespace = {"name": "shop", "labels": labels}
    return document(f"p{number}", pod=pod, containers=containers, related__namespace=namespace)


def judged(engine: OpaEngine, questions: Iterable[Question]) -> dict[str, dict[str, Verdict | Failure]]:
    return {answer.document.ref.name: dict(answer.verdicts) for answer in engine.evaluate(questions)}


class Killer:
    """Kills OPA while questions are asked."""

    def __init__(self, archive: str) -> None:
        self.kills = 0
        self._archive = archive
        self._random = Random(SEED)
        self._left = 0

    def among(self, questions: Iterable[Question]) -> Iterator[Question]:
        """Pass the questions on, and kill in between."""
        for question in questions:
            yield question
            self._left -= 1
            if self._left < 0:
                time.sleep(self._random.uniform(0, WITHIN))
                self._left = self._random.randint(*APART)
                self._kill()

    def _kill(self) -> None:
        """Kill the OPA that runs or starts, if there is one just now."""
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):  # a zombie is none either
                if self._archive in child.cmdline():
                    child.kill()
                    self.kills += 1


def test_same_verdicts_whenever_opa_is_killed(opa: Path) -> None:
    with load_bundle(opa) as bundle:
        policies = tuple(bundle.policies)
        questions = [Question(workload(number), policies) for number in range(DOCUMENTS)]
        with OpaEngine(opa, bundle) as engine:
            undisturbed = judged(engine, questions)
        killer = Killer(str(Path(bundle.archive).absolute()))
        with OpaEngine(opa, bundle, Limits(start_seconds=120)) as engine:
            while killer.kills < KILLS:
                assert judged(engine, killer.among(questions)) == undisturbed, f"AUDITOR_KILL_SEED={SEED}"
    verdicts = [verdict for found in undisturbed.values() for verdict in found.values()]
    assert not [verdict for verdict in verdicts if isinstance(verdict, Failure)]
    assert len({str(found) for found in undisturbed.values()}) > DOCUMENTS / 10
