"""What the pipeline asks of the world outside: four Protocols, one or two methods each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Protocol

from auditor.model import Answer, Gap, Question, Resource, ResourceRef, SkippedFile, SourceFacts
from auditor.record import Audit


class Source(Protocol):
    """Where resources come from: a cluster or manifests."""

    def facts(self) -> SourceFacts:
        """Say which source this is and as whom it is read.

        Raises `SourceError` if it cannot be reached at all.
        """

    def read(self, kinds: frozenset[str], *, status: bool = False) -> Iterator[Resource | Gap | SkippedFile]:
        """Yield every object of these kinds once, and a `Gap` for what could not be read.

        With `status`, pods come with theirs, and none is like another.
        A kind that the source does not have yields nothing. Raises `SourceError` only if
        nothing at all can be read.
        """

    def confirm(self, refs: Iterable[ResourceRef]) -> Iterator[Resource | Gap]:
        """Ask for single objects that others name and that were not among those read.

        Yields those that exist after all, and a `Gap` for what could not be asked for.
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
