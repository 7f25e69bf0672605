"""`auditor explain`: a policy as its page in docs/policies tells it, a control, or a finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from auditor import data
from auditor.cli import options
from auditor.cli.answer import Answer, Form, write
from auditor.cli.bundle import Asked, asked_bundle
from auditor.cli.diff import REFERENCE
from auditor.cli.frameworks import shown
from auditor.cli.stored import find_audit, store_of, stored
from auditor.errors import UsageError, did_you_mean
from auditor.evaluate.stage import custom_modules, shipped_modules
from auditor.record import Audit
from auditor.report import finding_page, policy_json
from auditor.report.policy_page import Example, page
from auditor.rules import Policy
from auditor.trial import example

_FINGERPRINT = re.compile(r"[0-9a-f]{8,64}")
"""The beginning of one; no policy has such an id, since those are words."""


def explain(
    policy: Annotated[
        str,
        typer.Argument(
            metavar="POLICY",
            help="Its id, as auditor policies list has it; or FRAMEWORK/CONTROL; or the FINGERPRINT of a "
            "finding, of which eight figures are enough.",
        ),
    ],
    audit: Annotated[
        str, typer.Option("--audit", metavar="AUDIT", help=f"Whose finding it is: {REFERENCE}")
    ] = "last",
    store: options.Store = None,
    folders: options.PolicyFolders = None,
    config: options.Config = None,
    opa: options.Opa = None,
    output: Form = None,
    color: options.Color = None,
) -> int:
    """Explain a policy: what it finds, why that matters, what to do, and an example; or a finding."""
    if _FINGERPRINT.fullmatch(policy):
        record = find_audit(audit, stored(lambda: store_of(store, config)))
        write(_of_finding(policy, record), output, color)
        return 0
    with asked_bundle(folders, config, opa) as asked:
        answer = shown(policy, asked) if "/" in policy else _explained(policy, asked)
        write(answer, output, color)
    return 0


def _of_finding(start: str, record: Audit) -> Answer:
    found = [one for one in record.findings if one.fingerprint.startswith(start)]
    whose = f"audit {record.audit.id} of {record.audit.started_at}"
    if not found:
        raise UsageError(f"{start}: no finding of {whose} begins so", "--audit names another audit")
    if len(found) > 1:
        raise UsageError(f"{start}: {len(found)} findings of {whose} begin so", "write more of it")
    return Answer(page=finding_page.page(found[0], record), value=lambda: msgspec.to_builtins(found[0]))


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
