"""The program: its commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from types import FrameType
from typing import Annotated

import click
import typer

from auditor import __version__
from auditor.cli import audit, policies
from auditor.cli.message import Messages
from auditor.errors import AuditorError

EXIT_CODES = (
    "Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage or configuration, 3 incomplete "
    "(nothing collected, coverage below --min-coverage, engine failed), 4 an output could not be "
    "written, 130 interrupted. 1 wins over 3."
)

app = typer.Typer(
    help="Audits Kubernetes clusters and manifests, and says what it could not look at.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("audit", epilog=EXIT_CODES)(audit.audit)
app.add_typer(policies.app, name="policies")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"auditor {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the command."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong is one clear line on stderr."""
    messages = Messages.wanted_by(arguments)
    try:
        code = app(arguments, prog_name="auditor", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except AuditorError as error:
        messages.error(str(error), error.hint)
        return error.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"try: {context.command_path} --help" if context else ""
        messages.error(error.format_message(), hint)
        return 2
    except (KeyboardInterrupt, click.Abort):
        messages.error("interrupted; nothing was written that is not complete")
        return 130
    except BrokenPipeError:
        # the reader has gone; what it has is all it wanted, and nothing more can be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 4
    except Exception as error:  # noqa: BLE001 - a bug of ours: still one line, and the way to all of it
        if os.environ.get("AUDITOR_DEBUG"):
            traceback.print_exc()
        frame = traceback.extract_tb(error.__traceback__)[-1]
        messages.error(
            f"bug in auditor {__version__}: {type(error).__name__} in {frame.name} ({frame.lineno})",
            "AUDITOR_DEBUG=1 prints the traceback; please report it",
        )
        return 3


def _terminated(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends the run as Ctrl-C does: children gone, temporary files gone."""
    raise KeyboardInterrupt
