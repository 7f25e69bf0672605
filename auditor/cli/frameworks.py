"""`auditor frameworks`: what there is, what one asks for, and what a person does for a control."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

import typer

from auditor.cli import options
from auditor.cli.answer import Answer, Form, write, write_json
from auditor.cli.bundle import Asked, asked_bundle
from auditor.errors import UsageError, did_you_mean
from auditor.report import framework_json, framework_page
from auditor.report.text import visible
from auditor.report.waiver_template import Answers, attestation_template
from auditor.rules import Bundle, Control, Framework

app = typer.Typer(help="List and show frameworks and their controls.", no_args_is_help=True)

HEADINGS = ("framework", "version", "controls", "policies", "partial", "manual", "judged", "title")


@app.command("list")
def list_frameworks(
    opa: options.Opa = None,
    output: Annotated[
        Literal["table", "json"], typer.Option("-o", "--output", help="Form of the answer.")
    ] = "table",
) -> int:
    """List the frameworks: their versions, and how many controls policies and people answer."""
    with asked_bundle(None, None, opa) as asked:
        frameworks = asked.bundle.frameworks.values()
    if output == "json":
        write_json({"frameworks": [framework_json.entry(one) for one in frameworks]})
        return 0
    rows = [HEADINGS, *map(_row, frameworks)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(visible("  ".join(cells).rstrip()))
    return 0


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="ID[/CONTROL]", help="A framework, or a control as cis_2_0_1/5.1.1.")
    ],
    config: options.Config = None,
    opa: options.Opa = None,
    output: Form = None,
    color: options.Color = None,
) -> int:
    """Show a framework, or a control: what answers it, and what a person does for it."""
    with asked_bundle(None, config, opa) as asked:
        write(shown(name, asked), output, color)
    return 0


def shown(name: str, asked: Asked) -> Answer:
    """Return what there is to say of a framework, or of a control as FRAMEWORK/CONTROL.

    Raises `UsageError` for what does not exist, naming the nearest.
    """
    bundle = asked.bundle
    if "/" not in name:
        framework = _framework(name, bundle)
        return Answer(
            page=framework_page.page(framework, bundle),
            value=lambda: framework_json.shown(framework, bundle),
            screen=framework_page.overview(framework),
        )
    framework, control = find_control(name, bundle)
    text = ""
    if not control.policies:
        text = attestation_template(framework, control, asked.settings.waivers, today(), Answers())
    return Answer(
        page=framework_page.control_page(framework, control, bundle, text),
        value=lambda: framework_json.shown_control(framework, control, bundle, text),
    )


def find_control(name: str, bundle: Bundle) -> tuple[Framework, Control]:
    """Return the framework and the control of FRAMEWORK/CONTROL; raises `UsageError` as `shown` does."""
    wanted, _, number = name.partition("/")
    framework = _framework(wanted, bundle)
    controls = {one.id: one for one in framework.controls}
    if number not in controls:
        raise UsageError(
            f"{wanted} has no control {number!r}{did_you_mean(number, controls)}",
            f"auditor frameworks show {wanted}",
        )
    return framework, controls[number]


def _framework(name: str, bundle: Bundle) -> Framework:
    if name not in bundle.frameworks:
        raise UsageError(
            f"unknown framework {name!r}{did_you_mean(name, bundle.frameworks)}",
            f"known: {', '.join(bundle.frameworks)}",
        )
    return bundle.frameworks[name]


def today() -> date:
    """Return the present day in UTC."""
    return datetime.now(UTC).date()


def _row(framework: Framework) -> tuple[str, ...]:
    found = framework_page.counts(framework)
    figures = (found.controls, found.automated, found.partial, found.manual)
    judged = "by default" if framework.default else "when asked"
    return (framework.id, framework.version, *map(str, figures), judged, framework.title)
