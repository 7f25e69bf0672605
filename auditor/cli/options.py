"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.message import LogFormat
from auditor.report.terminal import ColorFlag

PolicyFolders = Annotated[
    list[Path] | None,
    typer.Option("--policies", metavar="DIR", help="A folder with policies of your own. Repeatable."),
]
Opa = Annotated[
    str | None,
    typer.Option("--opa", metavar="PATH", help="The OPA binary.", envvar="AUDITOR_OPA", show_envvar=True),
]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="auditor.yaml: parameters and switches.")
]
Color = Annotated[
    ColorFlag,
    typer.Option("--color", help="NO_COLOR and FORCE_COLOR are honoured too."),
]
Log = Annotated[LogFormat, typer.Option("--log-format", help="Form of the messages on stderr.")]
