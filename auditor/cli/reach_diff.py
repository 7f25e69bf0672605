"""`auditor reach --diff`: what will be there after a change, as a second source or laid over the first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from auditor.cli.message import Messages
from auditor.cli.outputs import STDOUT, Output, deliver, look
from auditor.cli.picture import PICTURES, drawing
from auditor.cli.source import Scope, choose_source
from auditor.document.network import NETWORK_KINDS, Parts, parts
from auditor.document.overlay import laid_over
from auditor.errors import IncompleteError, UsageError
from auditor.judge.outcome import Outcome
from auditor.model import Gap, Resource
from auditor.network.addresses import Range
from auditor.network.change import Change, changes, edges
from auditor.network.policy import PortRange
from auditor.network.reach import End
from auditor.network.space import Reading
from auditor.ports import Source
from auditor.report.json import JsonRenderer
from auditor.report.reach_change import ChangeTable, summary
from auditor.report.terminal import ColorFlag
from auditor.report.write import Renders

_GZIP = b"\x1f\x8b"


class Question(msgspec.Struct, frozen=True):
    """What is asked of both sides."""

    source: End | None
    destination: End | None
    ports: tuple[PortRange, ...]
    reading: Reading

    @property
    def edges(self) -> list[Range]:
        """The addresses that are asked about."""
        return [one for end in (self.source, self.destination) if end for one in end.addresses]


def read(source: Source) -> Parts:
    """Return pods and policies of a source, and what could not be read."""
    facts = source.facts()
    resources, gaps = [], []
    for part in source.read(NETWORK_KINDS):
        if isinstance(part, Gap):
            gaps.append(part)
        elif isinstance(part, Resource):
            resources.append(part)
    return parts(facts, resources, gaps)


def sides(scope: Scope, paths: Sequence[str], messages: Messages, *, whole: bool) -> tuple[Parts, Parts]:
    """Return what is there before and after the change that the paths of `--diff` name.

    Raises `UsageError` for paths that do not go together.
    """
    snapshots = [path for path in paths if _is_snapshot(path)]
    if snapshots and len(paths) > 1:
        raise UsageError(
            f"--diff {snapshots[0]} is a snapshot, and all there is: it takes no other --diff",
            "name a snapshot, or manifests",
        )
    if STDOUT in paths and STDOUT in scope.manifests:
        raise UsageError("-f - and --diff - are both standard input", "write one of them to a file")
    other = Scope(snapshot=snapshots[0]) if snapshots else Scope(manifests=paths)
    after_source = choose_source(other)  # a path that is wrong is told before a cluster is read
    before, found = read(choose_source(scope)), read(after_source)
    if snapshots or whole:
        return before, found
    if not (found.pods or found.policies or found.namespaces or found.opaque):
        messages.warning(f"--diff {' '.join(paths)}: holds no workload, Namespace or network policy")
    return before, laid_over(before, found)


def compared(before: Parts, after: Parts, asked: Question) -> Change:
    """Return what changes; raises `UsageError` as `changes` does."""
    cuts = [*asked.edges, *edges(before.policies), *edges(after.policies)]
    networks = before.network(asked.reading, cuts), after.network(asked.reading, cuts)
    unread = tuple(dict.fromkeys((*before.unread, *after.unread)))
    return changes(networks, asked.source, asked.destination, asked.ports, unread)


def tell(record: Change, wanted: Sequence[Output], color: ColorFlag, messages: Messages) -> int:
    """Write the answer and return the exit code: 1 for a change, also where something was not read."""
    for one in record.unread:
        messages.warning(f"{one.kind} not read: {one.reason}")
    code = 1 if record.changes else IncompleteError.exit_code if record.unread else 0
    told = summary(record)
    if record.unread:
        told += ", and what was not read may change more"
    return deliver(record, wanted, Outcome(code, told), partial(_renderer, color), messages)


def _renderer(color: ColorFlag, output: Output, _: Outcome) -> Renders[Change]:
    if output.format in PICTURES:
        return drawing(output.format)
    if output.format == "json":
        return JsonRenderer()
    table = look(output, color)
    return ChangeTable(table.tty, table.color, table.ascii)


def _is_snapshot(path: str) -> bool:
    """Tell a snapshot, which is packed, from manifests; a path that cannot be read is left to its reader."""
    try:
        if path == STDOUT or not Path(path).is_file():
            return False
        with Path(path).open("rb") as file:
            return file.read(2) == _GZIP
    except OSError:
        return False
