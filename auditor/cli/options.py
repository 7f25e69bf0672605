"""The options of the commands: flag, form and help of each.

What is not given is None, so that auditor.yaml can say it; the help tells the default in words.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.message import LogFormat
from auditor.collect.runtime.endpoint import FORM
from auditor.config.settings import FailOn as Threshold
from auditor.report.shape import By
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
WithSecrets = Annotated[
    bool | None,
    typer.Option(
        "--with-secrets/--without-secrets",
        help="Judge the metadata of Secrets too, never what they hold; the rights for it allow more. "
        "Default: Secrets are not read.",
    ),
]
Prometheus = Annotated[
    list[str] | None,
    typer.Option(
        "--prometheus",
        metavar=FORM,
        help="Ask the Prometheus of this workload, or of this operator's object, what it keeps. Repeatable.",
    ),
]
Alertmanager = Annotated[
    list[str] | None,
    typer.Option("--alertmanager", metavar=FORM, help="The same of an Alertmanager. Repeatable."),
]
AuditLog = Annotated[
    list[str] | None,
    typer.Option(
        "--audit-log",
        metavar="PATH",
        help="Audit log of an API server: which rights are used. A file, a folder. Repeatable.",
    ),
]
Frameworks = Annotated[
    list[str] | None, typer.Option("--framework", metavar="ID", help="Only its policies. Repeatable.")
]
Policies = Annotated[
    list[str] | None, typer.Option("--policy", metavar="ID", help="Only this policy. Repeatable.")
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FORMAT[=PATH]",
        help="table, json, html, sarif, junit, csv, markdown, github, summary or metrics; default "
        "table. Repeatable.",
    ),
]
ShownBy = Annotated[
    By | None, typer.Option("--by", help="On a terminal: all findings, in groups; default the worst ten.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="On a terminal: all findings, with their evidence.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Of the table only the last lines.")]
FailOn = Annotated[
    Threshold | None, typer.Option(help="Exit 1 on findings of this severity or worse; default high.")
]
FailOnSystem = Annotated[
    bool | None,
    typer.Option(
        "--fail-on-system/--no-fail-on-system",
        help="Count findings in system namespaces too; by default they stand in a section of their own.",
    ),
]
MinCoverage = Annotated[
    float | None,
    typer.Option(min=0, max=100, metavar="PERCENT", help="Exit 3 if less was looked at; default 100."),
]
KubeVersion = Annotated[
    str | None, typer.Option(metavar="V", help="Version that manifests are meant for, as v1.36.")
]
Baseline = Annotated[
    str | None,
    typer.Option(
        metavar="AUDIT.json|last",
        help="Count only what is new since this audit: a file of -o json, or the last one of the store; "
        "none for no baseline.",
    ),
]
Waivers = Annotated[
    list[str] | None,
    typer.Option(
        "--waivers", metavar="PATH", help="Waivers: a file, a folder; none for no waivers. Repeatable."
    ),
]
Store = Annotated[
    str | None,
    typer.Option(
        metavar="PATH|none",
        envvar="AUDITOR_STORE",
        show_envvar=True,
        help="Where audits are kept; default: a file in your data folder.",
    ),
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
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        envvar="AUDITOR_CONFIG",
        show_envvar=True,
        help="auditor.yaml, for what no flag says; none is read unless it is named.",
    ),
]
Color = Annotated[
    ColorFlag | None,
    typer.Option("--color", help="Default auto; NO_COLOR and FORCE_COLOR are honoured too."),
]
Log = Annotated[
    LogFormat | None, typer.Option("--log-format", help="Form of the messages on stderr; default text.")
]
