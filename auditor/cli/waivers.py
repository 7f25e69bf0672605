"""`auditor waivers`: are the files right, what state are they in, a template for a new one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from auditor.cli import options
from auditor.cli.bundle import Asked, asked_bundle
from auditor.cli.frameworks import find_control, today
from auditor.cli.stored import find_audit, store_of, stored
from auditor.config.file import overrides, read_config
from auditor.config.settings import NONE, Settings
from auditor.config.waivers import load_waivers
from auditor.errors import UsageError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.cache import cache_folder
from auditor.evaluate.find import find_opa
from auditor.judge.waiver_check import problems
from auditor.judge.waivers import apply, reapply
from auditor.report import waivers as shown
from auditor.report.waiver_template import Answers, attestation_template, find, template

EXIT_CODES = (
    "Exit codes: 0 right, 1 check found something that is expired, too long, too broad or about nothing, "
    "2 a file is wrong."
)

app = typer.Typer(help="Check and list accepted findings, and start new ones.", no_args_is_help=True)

Form = Annotated[Literal["table", "json"], typer.Option("-o", "--output", help="Form of the answer.")]
Audit = Annotated[
    str | None,
    typer.Option(metavar="AUDIT", help="A JSON file of an audit, or one of the store: last, last~1, an id."),
]


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Waiver files, or folders; without, those of auditor.yaml."),
    ] = None,
    folders: options.PolicyFolders = None,
    config: options.Config = None,
    opa: options.Opa = None,
) -> int:
    """Check waiver files: their form, their terms, and that their policies and controls exist."""
    file = read_config(config) if config else None
    said, now = file.settings if file else Settings(), today()
    acceptances = load_waivers(_paths(paths, said), said.waivers, now)
    own = folders or [Path(one) for one in said.policy_folders]
    binary = find_opa(opa or said.opa, os.environ)
    with load_bundle(binary, own, overrides(file), cache=cache_folder(os.environ)) as bundle:
        found = problems(acceptances, bundle, said.waivers, now)
    print("\n".join(shown.check_lines(found, acceptances)))
    return 1 if found else 0


@app.command("list")
def list_waivers(
    paths: Annotated[
        list[Path] | None,
        typer.Option(
            "--waivers", metavar="PATH", help="A waiver file, or a folder; default: auditor.yaml. Repeatable."
        ),
    ] = None,
    audit: Audit = None,
    store: options.Store = None,
    config: options.Config = None,
    output: Form = "table",
) -> int:
    """List waivers and attestations with their state today; --audit: and what they do for its findings."""
    said, now = _settings(config), today()
    acceptances = load_waivers(_paths(paths, said), said.waivers, now)
    if audit is None:
        entries = apply((), acceptances, said.waivers, now).entries
    else:
        judged = find_audit(audit, stored(lambda: store_of(store, config)))
        entries = reapply(judged, acceptances, said.waivers, now).entries
    if output == "json":
        print(msgspec.json.format(msgspec.json.encode({"waivers": entries}), indent=2).decode())
    else:
        print("\n".join(shown.list_lines(entries, judged=audit is not None)))
    return 0


@app.command()
def new(
    fingerprint: Annotated[
        str,
        typer.Argument(
            metavar="FINGERPRINT",
            help="Of the finding, 8 characters at least; or FRAMEWORK/CONTROL, for an attestation.",
        ),
    ],
    audit: Annotated[
        str, typer.Option(metavar="AUDIT", help="A JSON file of an audit, or one of the store.")
    ] = "last",
    owner: Annotated[str, typer.Option(metavar="NAME", help="Who answers for the exception.")] = "",
    approver: Annotated[str, typer.Option(metavar="NAME", help="Who accepts it: somebody else.")] = "",
    days: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How long it shall hold, from today.")
    ] = None,
    store: options.Store = None,
    config: options.Config = None,
    opa: options.Opa = None,
) -> int:
    """Print a waiver for a finding, or an attestation, to be completed, and reviewed as any other change."""
    answers = Answers(owner, approver, days)
    if "/" in fingerprint:
        with asked_bundle(None, config, opa) as asked:
            print(_attestation(fingerprint, asked, answers), end="")
        return 0
    said = _settings(config)
    judged = find_audit(audit, stored(lambda: store_of(store, config)))
    finding = find(judged, fingerprint)
    print(template(finding, judged, said.waivers, today(), answers), end="")
    return 0


def _attestation(name: str, asked: Asked, answers: Answers) -> str:
    framework, control = find_control(name, asked.bundle)
    if control.policies:
        raise UsageError(
            f"{name}: policies answer it, and no attestation does", f"auditor frameworks show {name}"
        )
    return attestation_template(framework, control, asked.settings.waivers, today(), answers)


def _settings(config: Path | None) -> Settings:
    file = read_config(config) if config else None
    return file.settings if file else Settings()


def _paths(given: list[Path] | None, said: Settings) -> list[Path]:
    """The files of the command line, else those of auditor.yaml."""
    paths = given or [Path(one) for one in said.waivers.paths if one != NONE]
    if not paths:
        raise UsageError(
            "no waivers are named", "name a file or a folder, or set waivers.paths in auditor.yaml"
        )
    return paths
