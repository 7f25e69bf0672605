"""Judges documents with OPA, and finds out which pairs are to blame when OPA gives no answer."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict, deque
from collections.abc import Generator, Hashable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType

import msgspec

from auditor.errors import EngineError
from auditor.evaluate.answer import NoAnswerError, Verdicts, read_answer
from auditor.evaluate.limits import Limits
from auditor.evaluate.process import OpaProcess
from auditor.evaluate.request import Asked, Batch, batches, request_json
from auditor.evaluate.share import Shares
from auditor.model import Answer, Failure, Question
from auditor.rules import Bundle

STARTS = 3
"""How often in a row OPA may fail to start before it is gone for good."""

WORKERS = 2
"""Batches that OPA judges beside each other: it uses a core for each."""

AHEAD = 3
"""Batches that are on their way while the next one is put together: OPA never waits for us."""

STRIKES = 3
"""Guilty pairs that put a policy in quarantine: a loop on every document must not cost hours."""


class OpaEngine:
    """The `Engine` of auditor/ports.py, a context manager: OPA runs while it is entered.

    The file of the policies is `bundle.archive`. OPA is started anew whenever it is lost, and a
    policy in quarantine stays there until the end. All that concerns OPA happens in threads of the
    engine's own, so that OPA starts and judges while the caller reads and assembles. They live as long
    as the engine, since OPA dies with the thread that started it (tether.py).

    As long as all is well, batches are judged beside each other. From the first one without an answer
    on they are judged one at a time: who is to blame can only be told of what was alone.
    """

    def __init__(self, opa: Path, bundle: Bundle, limits: Limits | None = None) -> None:
        """Say which binary, which bundle, and what a request may cost."""
        self._opa = opa
        self._archive = Path(bundle.archive)
        self._patterns = bundle.patterns
        self._limits = limits or Limits()
        self._process: OpaProcess | None = None
        self._guilty: defaultdict[str, list[str]] = defaultdict(list)
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="opa-engine")
        self._starting = threading.Lock()
        self._alone = False
        self._started: Future[OpaProcess] | None = None
        self._closed = False
        self._shares = Shares(bundle.policies)
        self._known: dict[Hashable, Verdicts] = {}
        """What was foreseen, until it is asked; and what is asked again and again."""
        self._foresight: Future[None] | None = None
        self._asked = threading.Event()

    def __enter__(self) -> OpaEngine:
        """Begin to start OPA; that it cannot be started is told by the first `evaluate`."""
        self._started = self._workers.submit(self._running)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End OPA, whatever happened, Ctrl-C included."""
        self._closed = True
        if kind and self._process:
            self._process.kill()  # the thread may wait for an answer that nobody wants
        try:
            self._stop()
        finally:
            self._workers.shutdown(cancel_futures=True)

    @property
    def pid(self) -> int:
        """The process id of the OPA that runs now."""
        return self._workers.submit(self._running).result().pid

    def foresee(self, questions: Iterable[Question]) -> None:
        """Begin to judge what will likely be asked, one batch after the other, until it is asked.

        A verdict is about policies and parts, so that it is the same whenever it is given. Here nobody is
        to blame for a batch without an answer: it ends the foresight, and changes nothing else.
        """
        self._foresight = self._workers.submit(self._look_ahead, questions)

    def _look_ahead(self, questions: Iterable[Question]) -> None:
        with contextlib.suppress(NoAnswerError, EngineError):
            for batch in self._batches(questions):
                if self._asked.is_set() or self._closed:
                    return
                pairs = _pairs(batch)
                for pair, verdicts in zip(pairs, self._ask_once(pairs), strict=True):
                    self._known[_what(*pair)] = verdicts

    def evaluate(self, questions: Iterable[Question]) -> Generator[Answer]:
        """Yield an answer for each question, in order, a `Failure` for each pair without verdict.

        Questions are taken while OPA judges those before them. Raises `EngineError` if OPA cannot be
        started, or is lost and cannot be started any more.
        """
        if self._started:
            self._started.result()
        self._asked.set()
        if self._foresight:
            self._foresight.result()
        ahead: deque[_Sent] = deque()
        try:
            for batch in self._batches(questions):
                pairs = _pairs(batch)
                ahead.append(_Sent(batch, pairs, self._workers.submit(self._asked_beside, pairs)))
                if len(ahead) > AHEAD:
                    yield from self._answers(ahead)
            while ahead:
                yield from self._answers(ahead)
        finally:
            for sent in ahead:
                sent.answers.cancel()

    def _answers(self, ahead: deque[_Sent]) -> Iterator[Answer]:
        """Take the first batch off and yield its answers."""
        sent = ahead.popleft()
        answers = sent.answers.result()
        if answers is None and not self._alone:
            # whatever was asked beside it does not count either: quarantine must not depend on luck
            self._alone = True
            wait(other.answers for other in ahead)
        if answers is None or self._alone:
            self._workers.submit(self._judge, sent.pairs).result()
        else:
            for (asked, _), verdicts in zip(sent.pairs, answers, strict=True):
                asked.verdicts.update(verdicts)
        for asked in (one for one in sent.batch if one.last):
            yield Answer(asked.question.document, asked.verdicts)

    def _asked_beside(self, pairs: Batch) -> list[Verdicts] | None:
        """Ask a batch beside others; None if it has to be asked alone."""
        if self._alone:
            return None
        try:
            return self._ask_once(pairs) if pairs else []
        except NoAnswerError:
            return None

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
        try:
            return self._ask_once(batch)
        except NoAnswerError as trouble:
            if not trouble.again:
                raise
        return self._ask_once(batch)

    def _ask_once(self, batch: Batch) -> list[Verdicts]:
        """Ask for what is not known yet."""
        found = [self._taken(*pair) if self._known else None for pair in batch]
        rest = [pair for pair, known in zip(batch, found, strict=True) if known is None]
        answers = read_answer(rest, *self._running().ask(request_json(rest))) if rest else []
        for pair, verdicts in zip(rest, answers, strict=True):
            if pair[0].share.empty:
                self._known.setdefault(_what(*pair), {}).update(verdicts)
            elif pair[0].share.repeats:
                self._known[_what(*pair)] = verdicts
        following = iter(answers)
        return [next(following) if known is None else known for known in found]

    def _taken(self, asked: Asked, policies: tuple[str, ...]) -> Verdicts | None:
        """What is known already; what hardly comes again is not kept any longer."""
        what = _what(asked, policies)
        if asked.share.empty:
            known = self._known.get(what, {})
            return {name: known[name] for name in policies} if known.keys() >= set(policies) else None
        return self._known.get(what) if asked.share.repeats else self._known.pop(what, None)

    def _batches(self, questions: Iterable[Question]) -> Iterator[list[Asked]]:
        return batches(questions, self._limits, self._patterns, self._shares.of)

    def _running(self) -> OpaProcess:
        with self._starting:
            return self._alive()

    def _alive(self) -> OpaProcess:
        if self._process:
            if self._process.alive:
                return self._process
            self._process.stop(patience=0)
        for _ in range(STARTS - 1):
            with contextlib.suppress(EngineError):
                return self._start()
        return self._start()

    def _start(self) -> OpaProcess:
        if not self._closed:
            self._process = OpaProcess(self._opa, self._archive, self._limits)
            if not self._closed:
                self._process.wait_until_ready()
                return self._process
        raise EngineError("the engine is closed")

    def _stop(self) -> None:
        with self._starting:
            if self._process:
                self._process.stop()

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


def _pairs(batch: Iterable[Asked]) -> Batch:
    """What has to be asked: a document that no engine may judge has its verdicts."""
    return [(asked, asked.share.policies) for asked in batch if not asked.question.document.refused]


def _what(asked: Asked, policies: tuple[str, ...]) -> Hashable:
    """All that verdicts depend on; which policies are shown nothing differs from document to document."""
    return ((), asked.identity) if asked.share.empty else (policies, asked.identity)


class _Sent(msgspec.Struct, frozen=True, eq=False):
    """A batch on its way."""

    batch: list[Asked]
    pairs: Batch
    answers: Future[list[Verdicts] | None]


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
