"""`auditor explain`: one policy, as its page in docs/policies tells it, or one control of a framework."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from auditor import data
from auditor.cli import options
from auditor.cli.answer import Answer, Form, write
from auditor.cli.bundle import Asked, asked_bundle
from auditor.cli.frameworks import shown
from auditor.errors import UsageError, did_you_mean
from auditor.evaluate.stage import custom_modules, shipped_modules
from auditor.report import policy_json
from auditor.report.policy_page import Example, page
from auditor.rules import Policy
from auditor.trial import example


def explain(
    policy: Annotated[
        str,
        typer.Argument(
            metavar="POLICY", help="Its id, as auditor policies list has it; or FRAMEWORK/CONTROL."
        ),
    ],
    folders: options.PolicyFolders = None,
    config: options.Config = None,
    opa: options.Opa = None,
    output: Form = None,
    color: options.Color = None,
) -> int:
    """Explain a policy: what it finds, why that matters, what to do, and an example."""
    with asked_bundle(folders, config, opa) as asked:
        answer = shown(policy, asked) if "/" in policy else _explained(policy, asked)
        write(answer, output, color)
    return 0


def _explained(name: str, asked: Asked) -> Answer:
    bundle = asked.bundle
    found = bundle.policies.get(name)
    if not found:
        raise UsageError(
            f"unknown policy {name!r}{did_you_mean(name, bundle.policies)}", "auditor policies list"
        )
    seen = example_of(found, asked.folders)
    return Answer(
        page=page(found, bundle, seen),
        value=lambda: policy_json.explained(found, bundle, seen),
    )


def example_of(policy: Policy, folders: Sequence[Path]) -> Example | None:
    """Return the example of a policy, shipped or in one of `folders`; None if it has no samples for it."""
    shipped = shipped_modules(data.policies())
    modules = custom_modules(folders, [one.id for one in shipped]) if policy.custom else shipped
    pair = example(next(one.path.parent for one in modules if one.id == policy.id))
    return Example(*pair) if pair else None
