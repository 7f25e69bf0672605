"""`auditor history`: which audits there were, whether nobody changed them, backup and restore."""

from __future__ import annotations

import gzip
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal, cast

import msgspec
import typer

from auditor.cli import options
from auditor.cli.message import Messages
from auditor.cli.stored import store_of
from auditor.errors import UsageError, did_you_mean
from auditor.history import Verification
from auditor.report import history
from auditor.report.terminal import use_ascii
from auditor.report.text import visible
from auditor.report.view import plural
from auditor.report.write import save

if TYPE_CHECKING:
    from auditor.store.sqlite import SqliteStore

app = typer.Typer(
    help="List, show, verify, export and import the audits that were kept.", no_args_is_help=True
)

EXIT_CODES = (
    "Exit codes: 0 intact, 1 verify found a fault, 2 usage, 4 the store could not be read or written."
)

Form = Annotated[Literal["text", "json"], typer.Option("-o", "--output", help="Form of the answer.")]
Cluster = Annotated[str | None, typer.Option("--cluster", metavar="ID", help="Only audits of this cluster.")]

_HEAD = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)


@app.command("list")
def list_audits(
    store: options.Store = None, config: options.Config = None, cluster: Cluster = None, output: Form = "text"
) -> int:
    """List the audits, the oldest first, and the mean time to fix for each severity."""
    kept = _store(store, config)
    entries = kept.entries()
    if cluster is not None:
        known = {entry.record.cluster for entry in entries}
        if cluster not in known:
            hint = f"clusters: {', '.join(sorted(known))}" if known else "auditor audit keeps one"
            raise UsageError(
                f"no audit of the cluster {cluster!r} in {kept.path}{did_you_mean(cluster, known)}", hint
            )
        entries = [entry for entry in entries if entry.record.cluster == cluster]
    times = kept.times_to_fix(cluster)
    if output == "json":
        _print_json(history.listed_json(entries, times))
    elif not entries:
        print(visible(f"no audit is kept in {kept.path} yet"))
    else:
        _print(history.listed(entries, times, _ascii()))
    return 0


@app.command()
def show(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="AUDIT", help="last, last~N, the number of its record, or (the beginning of) its id."
        ),
    ] = "last",
    store: options.Store = None,
    config: options.Config = None,
    cluster: Cluster = None,
    output: Form = "text",
) -> int:
    """Show one audit: its summary, its record with all digests, its place in the chain."""
    kept = _store(store, config)
    entry = kept.entry(reference, cluster)
    audit = kept.audit(str(entry.record.seq)) if entry.kept else None
    if output == "json":
        _print_json(history.shown_json(entry, audit))
    else:
        _print(history.shown(entry, audit, _ascii()))
    return 0


@app.command()
def verify(
    heads: Annotated[
        list[str] | None,
        typer.Option(
            "--head", metavar="sha256:...", help="The head that a report shows; it must be there. Repeatable."
        ),
    ] = None,
    store: options.Store = None,
    config: options.Config = None,
    output: Form = "text",
) -> int:
    """Check that nobody changed the history; exit 1 and name the first broken record if somebody did."""
    wanted = [_head(text) for text in heads or ()]
    found = _store(store, config).verify(wanted)
    if output == "json":
        _print_json(history.verified_json(found))
    else:
        _print(history.verified(found, _ascii()))
    return 1 if found.faults else 0


@app.command()
def export(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="Where to; - for stdout, packed if it ends in .gz.")
    ],
    store: options.Store = None,
    config: options.Config = None,
) -> int:
    """Write the whole history into a file, while others go on auditing."""
    kept = _store(store, config)
    found: list[Verification] = []

    def fill(out: IO[bytes]) -> None:
        if path.endswith(".gz"):
            # no file name and no time: the same history is the same file
            with gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=6, mtime=0) as packed:
                found.append(kept.export(cast("IO[bytes]", packed)))
        else:
            found.append(kept.export(out))

    if path == "-":
        fill(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        save(path, fill)
    messages = Messages()
    if faults := found[0].faults:
        messages.warning(f"this history is broken and can be read, but not imported: {faults[0].message}")
    messages.note(f"exported {_figures(found[0])}")
    return 0


@app.command("import")
def restore(
    path: Annotated[str, typer.Argument(metavar="FILE", help="What history export wrote; - for stdin.")],
    store: options.Store = None,
    config: options.Config = None,
) -> int:
    """Take over an export into a store that is new or empty, whole or not at all."""
    kept = _store(store, config)
    if path == "-":
        found = kept.restore(cast("Any", sys.stdin.buffer), "stdin")
    else:
        try:
            file = Path(path).open("rb")  # noqa: SIM115 - the error of opening is not that of reading
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
        with file:
            found = kept.restore(file, path)
    print(visible(f"imported {_figures(found)} into {kept.path}"))
    return 0


def _store(given: str | None, config: Path | None) -> SqliteStore:
    kept = store_of(given, config)
    if kept is None:
        raise UsageError("there is no store to look into", "name one: --store PATH")
    return kept


def _head(text: str) -> str:
    if not (found := _HEAD.fullmatch(text)):
        raise UsageError(f"--head {text}: no head", "a report shows it: sha256: and 64 hexadecimal digits")
    return f"sha256:{found[1].lower()}"


def _figures(found: Verification) -> str:
    rows = plural(found.findings, "row")
    return f"{plural(found.records, 'record')}, {rows} of findings, head {found.head or 'none'}"


def _ascii() -> bool:
    return use_ascii(sys.stdout.encoding, os.environ)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _print_json(value: Any) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
