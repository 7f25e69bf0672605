"""Judges documents with OPA, and finds out which pairs are to blame when OPA gives no answer."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from auditor.errors import EngineError
from auditor.evaluate.answer import NoAnswerError, Verdicts, read_answer
from auditor.evaluate.limits import Limits
from auditor.evaluate.process import OpaProcess
from auditor.evaluate.request import Batch, batches, request_json
from auditor.model import Answer, Bundle, Failure, Question

STARTS = 3
"""How often in a row OPA may fail to start before it is gone for good."""

STRIKES = 3
"""Guilty pairs that put a policy in quarantine: a loop on every document must not cost hours."""


class OpaEngine:
    """The `Engine` of auditor/ports.py, a context manager: OPA runs while it is entered.

    The file of the policies is `bundle.archive`. OPA is started anew whenever it is lost, and a
    policy in quarantine stays there until the end.
    """

    def __init__(self, opa: Path, bundle: Bundle, limits: Limits | None = None) -> None:
        """Say which binary, which bundle, and what a request may cost."""
        self._opa = opa
        self._archive = Path(bundle.archive)
        self._limits = limits or Limits()
        self._process: OpaProcess | None = None
        self._guilty: defaultdict[str, list[str]] = defaultdict(list)

    def __enter__(self) -> OpaEngine:
        """Start OPA; raises `EngineError` if it cannot be started."""
        self._running()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End OPA, whatever happened, Ctrl-C included."""
        if self._process:
            self._process.stop()

    @property
    def pid(self) -> int:
        """The process id of the OPA that runs now."""
        return self._running().pid

    def evaluate(self, questions: Iterable[Question]) -> Iterator[Answer]:
        """Yield an answer for each question, in order, a `Failure` for each pair without verdict.

        Raises `EngineError` if OPA is lost and cannot be started any more.
        """
        for batch in batches(questions, self._limits):
            self._judge([(asked, asked.question.policies) for asked in batch])
            for asked in batch:
                yield Answer(asked.question.document, asked.verdicts)

    def _judge(self, batch: Batch) -> None:
        """Give every pair of the batch a verdict.

        Ends, because what is put back is always a smaller part of what was taken out.
        """
        waiting = [batch]
        while waiting:
            batch = self._allowed(waiting.pop())
            if not batch:
                continue
            try:
                answers = self._ask(batch)
            except NoAnswerError as trouble:
                parts = split(batch, trouble.policy)
                waiting += reversed(parts)
                if not parts:
                    self._convict(batch, trouble.reason)
            else:
                for (asked, _), verdicts in zip(batch, answers, strict=True):
                    asked.verdicts.update(verdicts)

    def _ask(self, batch: Batch) -> list[Verdicts]:
        body = request_json(batch)
        try:
            return read_answer(batch, *self._running().ask(body))
        except NoAnswerError as trouble:
            if not trouble.again:
                raise
        return read_answer(batch, *self._running().ask(body))

    def _running(self) -> OpaProcess:
        if self._process:
            if self._process.alive:
                return self._process
            self._process.stop(patience=0)
        for _ in range(STARTS - 1):
            with contextlib.suppress(EngineError):
                return self._start()
        return self._start()

    def _start(self) -> OpaProcess:
        self._process = OpaProcess(self._opa, self._archive, self._limits)
        return self._process

    def _convict(self, batch: Batch, reason: str) -> None:
        """Record the one pair that is left in the batch as guilty."""
        [(asked, [policy])] = batch
        asked.verdicts[policy] = Failure(reason)
        self._guilty[policy].append(reason)

    def _allowed(self, batch: Batch) -> Batch:
        """Return what of the batch may be asked: nothing twice, nothing in quarantine."""
        allowed: Batch = []
        for asked, policies in batch:
            for policy in policies:
                if policy not in asked.verdicts and len(self._guilty[policy]) >= STRIKES:
                    reason = f"quarantined after three failures: {self._guilty[policy][0]}"
                    asked.verdicts[policy] = Failure(reason)
            rest = tuple(policy for policy in policies if policy not in asked.verdicts)
            if rest:
                allowed.append((asked, rest))
        return allowed


def split(batch: Batch, suspect: str = "") -> list[Batch]:
    """Return the parts in which to ask again after a batch got no answer; none for a single pair.

    The suspect policy alone, if there is one; else every policy alone; then every document. Not
    halves: what is harmless is answered in milliseconds, every failure costs a deadline or a
    restart, and this way there are the fewest.
    """
    policies = list(dict.fromkeys(policy for _, asked in batch for policy in asked))
    if len(policies) == 1:
        return [[pair] for pair in batch] if len(batch) > 1 else []
    if suspect in policies:
        groups = [set(policies) - {suspect}, {suspect}]
    else:
        groups = [{policy} for policy in policies]
    return [_only(batch, group) for group in groups]


def _only(batch: Batch, wanted: set[str]) -> Batch:
    narrowed = (
        (asked, tuple(policy for policy in policies if policy in wanted)) for asked, policies in batch
    )
    return [(asked, policies) for asked, policies in narrowed if policies]
