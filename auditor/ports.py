"""What the pipeline asks of the world outside: four Protocols, one or two methods each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Protocol

from auditor.model import Answer, Gap, Question, Resource, SkippedFile, SourceFacts
from auditor.record import Audit


class Source(Protocol):
    """Where resources come from: a cluster or manifests."""

    def facts(self) -> SourceFacts:
        """Say which source this is and as whom it is read.

        Raises `SourceError` if it cannot be reached at all.
        """

    def read(self, kinds: frozenset[str]) -> Iterator[Resource | Gap | SkippedFile]:
        """Yield every object of these kinds once, and a `Gap` for what could not be read.

        A kind that the source does not have yields nothing. Raises `SourceError` only if
        nothing at all can be read.
        """


class Engine(Protocol):
    """Who judges documents."""

    def evaluate(self, questions: Iterable[Question]) -> Iterator[Answer]:
        """Yield one answer for each question, in any order.

        What cannot be evaluated is a `Failure` in the answer. Raises `EngineError` only if the
        engine is gone for good.
        """


class Renderer(Protocol):
    """One report format."""

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write the whole report to `out`."""
