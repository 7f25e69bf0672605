"""The rendered stack that ships, and what a user makes of it, for the tests."""

from __future__ import annotations

import functools
from typing import Any

from auditor.stack import alerts
from auditor.stack.choice import Choice, Request, Said, choose
from auditor.stack.render import Rendered, render
from auditor.stack.shipped import Shipped, load
from tools import stack


@functools.cache
def shipped() -> Shipped:
    """Return what ships, made first if need be."""
    return load(stack.ensure(), stack.DEPLOY)


def chosen(profile: str = "ha", settings: dict[str, str] | None = None, **more: Any) -> Choice:
    """Return what a request comes to; settings are said as by --set."""
    said = {key: Said(value, f"--set {key}") for key, value in (settings or {}).items()}
    return choose(shipped(), Request(profile, settings=said, **more))


def rendered(choice: Choice, wishes: alerts.Wishes | None = None) -> Rendered:
    """Return what a choice comes to."""
    return render(shipped(), choice, wishes or alerts.Wishes())
