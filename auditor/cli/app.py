"""The program: its commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from types import FrameType
from typing import Annotated

import typer

from auditor import __version__
from auditor.cli import audit
from auditor.cli.command import PlainCommand, PlainGroup
from auditor.cli.message import Messages
from auditor.cli.streams import reopen_closed, silence
from auditor.errors import AuditorError, IncompleteError, OutputError, UsageError

EXIT_CODES = (
    "Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage or configuration, 3 incomplete "
    "(nothing collected, coverage below --min-coverage, engine failed), 4 an output could not be "
    "written, 130 interrupted. 1 wins over 3."
)

INTERRUPTED = 130
"""What a shell gives for a program that SIGINT ended: 128 + 2. It is ours for SIGTERM and SIGHUP too."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"auditor {__version__}")
        raise typer.Exit


def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the command."""


def commands(*, whole: bool = True) -> typer.Typer:
    """Return the commands; without `whole` only `audit`, which need not wait for the others to be loaded."""
    app = typer.Typer(
        cls=PlainGroup,
        help="Audits Kubernetes clusters and manifests, and says what it could not look at.",
        epilog=EXIT_CODES,
        no_args_is_help=True,
        # help as plain text: whole words in 80 columns, the same for a terminal, a pipe and docs/cli.md
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    app.command("audit", epilog=EXIT_CODES, cls=PlainCommand)(audit.audit)
    if whole:
        _add_others(app)
    return app


def _add_others(app: typer.Typer) -> None:
    from auditor.cli import (
        access,
        config,
        diff,
        explain,
        frameworks,
        history,
        policies,
        reach,
        report,
        stack,
        waivers,
        who_can,
    )

    app.command("access", epilog=access.EXIT_CODES)(access.access)
    app.command("explain", epilog=EXIT_CODES)(explain.explain)
    app.command("who-can", epilog=who_can.EXIT_CODES)(who_can.who_can)
    app.command("reach", epilog=reach.EXIT_CODES)(reach.reach)
    app.command("diff", epilog=diff.EXIT_CODES)(diff.diff)
    for name, group, epilog in (
        ("policies", policies.app, EXIT_CODES),
        ("frameworks", frameworks.app, EXIT_CODES),
        ("waivers", waivers.app, waivers.EXIT_CODES),
        ("report", report.app, report.EXIT_CODES),
        ("history", history.app, history.EXIT_CODES),
        ("config", config.app, config.EXIT_CODES),
        ("stack", stack.app, stack.EXIT_CODES),
    ):
        app.add_typer(group, name=name, epilog=epilog)
        for command in group.registered_commands:
            command.epilog = command.epilog or epilog


def main() -> None:
    """Run the command line and end the process with its exit code."""
    reopen_closed()
    for number in SIGNALS:
        # whoever started us in the background or under nohup wants it ignored
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupted)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong is one clear line on stderr."""
    messages = Messages.wanted_by(arguments)
    try:
        app = commands(whole=arguments[:1] != ["audit"])
        code = app(arguments, prog_name="auditor", standalone_mode=False)
        sys.stdout.flush()  # here, where it can still be told that the disk is full
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as end:
        # so typer ends when the reader of stdout has gone, and after a completion of the shell
        silence(sys.stdout)
        code = OutputError.exit_code if end.code else 0
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends as a line and a code
        code = _failed(error, messages)
    if code == INTERRUPTED:  # typer's answer to KeyboardInterrupt too, and nobody else's
        silence(sys.stdout)  # a reader that has stopped reading would hold us up at the end
        messages.error("interrupted; nothing was written that is not complete")
    return code if isinstance(code, int) else 0


def _failed(error: Exception, messages: Messages) -> int:
    """Say in one line what went wrong and return the exit code."""
    match error:
        case AuditorError():
            messages.error(str(error), error.hint)
            return error.exit_code
        case typer.TyperException():
            return _misused(error, messages)
        case BrokenPipeError():
            # the reader has gone; what it has is all it wanted
            silence(sys.stdout)
            return OutputError.exit_code
    if os.environ.get("AUDITOR_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, OSError) and error.filename:
        messages.error(f"{os.fsdecode(str(error.filename))}: {error.strerror or error}")
        return IncompleteError.exit_code
    if isinstance(error, OSError):  # only reading and writing name no file, and reading is dealt with
        silence(sys.stdout)
        hint = "stdout must be open and have room, and so must the folder TMPDIR"
        messages.error(f"cannot write: {error.strerror or error}", hint)
        return OutputError.exit_code
    frame = traceback.extract_tb(error.__traceback__)[-1]
    messages.error(
        f"bug in auditor {__version__}: {type(error).__name__} in {frame.name} ({frame.lineno})",
        "AUDITOR_DEBUG=1 prints the traceback; please report it",
    )
    return IncompleteError.exit_code


def _misused(error: typer.TyperException, messages: Messages) -> int:
    """Say what is wrong with the command line."""
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if context and message == context.get_help():  # a command that is nothing without arguments
        print(message, file=sys.stderr)
    else:
        messages.error(message, f"try: {context.command_path} --help" if context else "")
    return UsageError.exit_code


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """End the run as Ctrl-C does: children gone, temporary files gone, not disturbed a second time."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
