"""From the options of a command to the stack that they come to."""

from __future__ import annotations

import msgspec

from auditor import data
from auditor.cli import wishes
from auditor.cli.message import Messages
from auditor.errors import UsageError
from auditor.stack.choice import Choice, choose, flag, ignored
from auditor.stack.render import Rendered, render
from auditor.stack.shipped import Shipped, load


class Made(msgspec.Struct, frozen=True):
    """A choice and what it came to."""

    shipped: Shipped
    choice: Choice
    rendered: Rendered


def make(values: wishes.Values, *, strict: bool) -> Made:
    """Read, choose and render; tell on stderr what there is to be told.

    Raises `UsageError` for a wish that cannot be, and with `strict` for a placeholder.
    """
    shipped = load(data.stack(), data.deploy())
    request = values.request()
    choice = choose(shipped, request)
    rendered = render(shipped, choice, values.alert_wishes())
    messages = Messages()
    for where in ignored(shipped, request, choice):
        messages.warning(f"{where}: no chosen component has this setting")
    if choice.unset:
        told = ["these settings still are placeholders:"]
        told += [f"{key} is {choice.settings[key]}: {flag(key)}" for key in choice.unset]
        if strict:
            raise UsageError("; ".join(told).replace(":;", ":"))
        messages.warning("\n".join(told))
    for one in rendered.off:
        messages.note(f"{one.alert} is switched off ({one.by}): {one.reason}")
    for name in rendered.idle_presets:
        messages.note(
            f"the preset {name} switches nothing off: no alert of what is chosen is of no use there"
        )
    for alert, config_map, file in rendered.still_named:
        messages.warning(f"{config_map}, {file}: goes by {alert}, which is switched off")
    return Made(shipped, choice, rendered)
