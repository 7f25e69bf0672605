"""Frameworks as JSON: `auditor frameworks list -o json`, one framework, and one control of it."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.report.framework_page import commands, counts
from auditor.rules import Bundle, Control, Framework


def entry(framework: Framework) -> dict[str, Any]:
    """Return a framework as the list has it."""
    return {
        "id": framework.id,
        "title": framework.title,
        "version": framework.version,
        "default": framework.default,
        "source": framework.source,
        "counts": msgspec.to_builtins(counts(framework)),
    }


def shown(framework: Framework, bundle: Bundle) -> dict[str, Any]:
    """Return a framework with its controls and all that is said of its source."""
    return {
        **entry(framework),
        "licence_note": framework.licence_note,
        "notice": framework.notice,
        "references": framework.references,
        "controls": [_control(one, bundle) for one in framework.controls],
    }


def shown_control(framework: Framework, control: Control, bundle: Bundle, attestation: str) -> dict[str, Any]:
    """Return one control; `attestation` is the YAML that a person completes, "" if none can."""
    return {
        "framework": entry(framework),
        **_control(control, bundle),
        "attestation": attestation or None,
        "commands": commands(framework, control) if attestation else (),
    }


def _control(control: Control, bundle: Bundle) -> dict[str, Any]:
    policies = [bundle.policies[name] for name in control.policies]
    return {
        "control": control.id,
        "title": control.title,
        "level": control.level,
        "assessment": control.assessment,
        "partial": control.partial,
        "policies": [{"id": one.id, "title": one.title, "enabled": one.enabled} for one in policies],
        "manual": msgspec.to_builtins(control.manual),
    }
