"""The options of the commands: flag, form and help of each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from auditor.cli.message import LogFormat
from auditor.report.terminal import ColorFlag

Manifests = Annotated[
    list[str] | None,
    typer.Option(
        "-f", "--filename", metavar="PATH", help="Manifests: a file, a folder, - for stdin. Repeatable."
    ),
]
Context = Annotated[str | None, typer.Option(metavar="NAME", help="Context of the kubeconfig.")]
Kubeconfig = Annotated[str | None, typer.Option(metavar="FILE", help="The kubeconfig to use.")]
Namespaces = Annotated[
    list[str] | None,
    typer.Option("-n", "--namespace", metavar="NAME", help="Audit only this namespace. Repeatable."),
]
Snapshot = Annotated[
    str | None,
    typer.Option("--snapshot", metavar="FILE", help="Audit what --save-snapshot kept of a cluster."),
]
SaveSnapshot = Annotated[
    str | None,
    typer.Option("--save-snapshot", metavar="FILE", help="Keep what was read, to be audited again."),
]
Frameworks = Annotated[
    list[str] | None, typer.Option("--framework", metavar="ID", help="Only its policies. Repeatable.")
]
Policies = Annotated[
    list[str] | None, typer.Option("--policy", metavar="ID", help="Only this policy. Repeatable.")
]
Outputs = Annotated[
    list[str] | None,
    typer.Option("-o", "--output", metavar="FORMAT[=PATH]", help="table, json or html. Repeatable."),
]
FailOn = Annotated[
    Literal["critical", "high", "medium", "low", "info", "never"],
    typer.Option(help="Exit 1 on findings of this severity or worse."),
]
FailOnSystem = Annotated[
    bool, typer.Option("--fail-on-system", help="Count findings in system namespaces too.")
]
MinCoverage = Annotated[
    float, typer.Option(min=0, max=100, metavar="PERCENT", help="Exit 3 if less was looked at.")
]
KubeVersion = Annotated[
    str, typer.Option(metavar="V", help="Version that manifests are meant for, as v1.36.")
]
PolicyFolders = Annotated[
    list[Path] | None,
    typer.Option("--policies", metavar="DIR", help="A folder with policies of your own. Repeatable."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Audit nothing; tell what an audit could not read.")]
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
