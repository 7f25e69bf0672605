"""`auditor explain`: one policy, as its page in docs/policies tells it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from auditor import data
from auditor.cli import options
from auditor.cli.bundle import asked_bundle
from auditor.errors import UsageError, did_you_mean
from auditor.evaluate.stage import custom_modules, shipped_modules
from auditor.report import markdown, policy_json, policy_screen
from auditor.report.page import Page
from auditor.report.policy_page import Example, page
from auditor.report.terminal import use_ascii, use_color
from auditor.rules import Bundle, Policy
from auditor.trial import example

Form = Annotated[
    Literal["text", "markdown", "json"] | None,
    typer.Option(
        "-o", "--output", help="Form of the answer; default text on a terminal, markdown elsewhere."
    ),
]


def explain(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="Its id, as auditor policies list has it.")],
    folders: options.PolicyFolders = None,
    config: options.Config = None,
    opa: options.Opa = None,
    output: Form = None,
    color: options.Color = None,
) -> int:
    """Explain a policy: what it finds, why that matters, what to do, and an example."""
    with asked_bundle(folders, config, opa) as asked:
        bundle, own = asked.bundle, asked.folders
    found = bundle.policies.get(policy)
    if not found:
        near = did_you_mean(policy, bundle.policies)
        raise UsageError(f"unknown policy {policy!r}{near}", "auditor policies list")
    shown = example_of(found, own)
    tty = sys.stdout.isatty()
    match output or ("text" if tty else "markdown"):
        case "json":
            value = policy_json.explained(found, bundle, shown)
            print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
        case "markdown":
            print(markdown_of(found, bundle, shown), end="")
        case _:
            ascii_only = use_ascii(sys.stdout.encoding, os.environ)
            colored = use_color(color or "auto", os.environ, tty)
            columns = shutil.get_terminal_size().columns
            policy_screen.write(page(found, bundle, shown), Page(sys.stdout, columns, colored, ascii_only))
    return 0


def markdown_of(policy: Policy, bundle: Bundle, shown: Example | None) -> str:
    """Return the page of a policy in Markdown: what docs/policies holds, to the letter."""
    return "\n".join(markdown.lines(page(policy, bundle, shown))) + "\n"


def example_of(policy: Policy, folders: Sequence[Path]) -> Example | None:
    """Return the example of a policy, shipped or in one of `folders`; None if it has no samples for it."""
    shipped = shipped_modules(data.policies())
    modules = custom_modules(folders, [one.id for one in shipped]) if policy.custom else shipped
    pair = example(next(one.path.parent for one in modules if one.id == policy.id))
    return Example(*pair) if pair else None
