"""What the program asks of the world outside: a few Protocols, one or two methods each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Protocol, runtime_checkable

import msgspec

from auditor.model import (
    Answer,
    Gap,
    Glimpse,
    Observation,
    Question,
    Resource,
    ResourceRef,
    SkippedFile,
    SourceFacts,
)
from auditor.past import KnownFinding, TrendPoint
from auditor.record import Audit


class Source(Protocol):
    """Where resources come from: a cluster or manifests."""

    def facts(self) -> SourceFacts:
        """Say which source this is and as whom it is read.

        Raises `SourceError` if it cannot be reached at all.
        """

    def read(
        self, kinds: frozenset[str], *, status: bool = False
    ) -> Iterator[Resource | Gap | SkippedFile | Glimpse]:
        """Yield every object of these kinds once, and a `Gap` for what could not be read.

        What is in a `Glimpse` is yielded besides, as it is in the end. With `status`, pods come with
        theirs, and none is like another.
        A kind that the source does not have yields nothing. Raises `SourceError` only if
        nothing at all can be read.
        """

    def confirm(self, refs: Iterable[ResourceRef]) -> Iterator[Resource | Gap]:
        """Ask for single objects that others name and that were not among those read.

        Yields those that exist after all, and a `Gap` for what could not be asked for.
        """


@runtime_checkable
class Runtime(Protocol):
    """Running programs, asked what they really do: a file says what they were told."""

    def observe(self) -> tuple[Observation, ...]:
        """Ask each of them once; one that does not answer has an observation that says why."""


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


class Past(msgspec.Struct, frozen=True, eq=False):
    """What a store knows of the earlier audits of one cluster."""

    standing: Mapping[str, KnownFinding] = {}
    """Findings that no audit has seen resolved, by fingerprint, with their `first_seen`."""
    audits: Callable[[], Iterable[Audit]] = tuple
    """The audits before, the latest first, decoded as they are taken; pruned ones are left out."""
    trend: tuple[TrendPoint, ...] = ()
    """The last of them in figures, oldest first; pruned ones too."""


class Remembered(msgspec.Struct, frozen=True, eq=False):
    """An audit that was held against the past."""

    audit: Audit
    """With `first_seen` of every finding, and with its delta."""
    resolved: tuple[str, ...] = ()
    """Fingerprints of standing findings that it looked for and did not find."""


class Store(Protocol):
    """Where audits are kept, so that the next one can say what is new."""

    def append(self, cluster: str, remember: Callable[[Past], Remembered]) -> Audit:
        """Keep one audit of a cluster, whole or not at all, and return it with its place in history.

        `remember` is given the past of that cluster; nobody else writes until the audit it returns is
        kept. Raises `StoreError` if the store cannot be used, is locked by another audit, or is full.
        """
