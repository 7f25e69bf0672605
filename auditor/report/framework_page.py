"""The pages of frameworks: what `auditor frameworks show` prints and what docs/frameworks holds, in blocks.

Beside each control stand the titles of the policies that answer it: a pair that does not fit is to be seen
by whoever reads the page.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from auditor.report.policy_page import Block, Facts, Heading, Item, Links, Listing, Text
from auditor.rules import Bundle, Control, Framework

POLICY_PAGES = "../policies"
"""Where the pages of the policies lie, as seen from those of the frameworks."""


class Counts(msgspec.Struct, frozen=True):
    """How the controls of a framework are answered."""

    controls: int
    automated: int
    """By policies, as a whole."""
    partial: int
    """By policies in part."""
    manual: int
    """By a person."""


def counts(framework: Framework) -> Counts:
    """Count the controls of a framework by how they are answered."""
    manual = sum(not one.policies for one in framework.controls)
    partial = sum(one.partial for one in framework.controls)
    total = len(framework.controls)
    return Counts(total, total - partial - manual, partial, manual)


def answer(control: Control) -> str:
    """Say in a word or two what answers a control."""
    if not control.policies:
        return "manual"
    return "partial" if control.partial else "policies"


def overview(framework: Framework) -> Iterator[Block]:
    """Yield what a terminal shows of a framework: its facts, and a line for each control."""
    yield from _head(framework)
    yield Heading("Controls")
    yield Facts(tuple((one.id, (Item(answer(one)), Item(one.title))) for one in framework.controls))


def page(framework: Framework, bundle: Bundle) -> Iterator[Block]:
    """Yield the whole page of a framework: every control, with what answers it."""
    yield from _head(framework)
    for one in framework.controls:
        yield Heading(f"{one.id}: {one.title}")
        yield Facts((*_facts(one, bundle), *_by_hand(one)))
    if framework.references:
        yield Heading("References")
        yield Links(framework.references)


def control_page(framework: Framework, control: Control, bundle: Bundle, attestation: str) -> Iterator[Block]:
    """Yield the page of one control; `attestation` is the YAML that a person completes, "" if none can."""
    yield Heading(f"{control.id}: {control.title}", 1)
    name = f"{framework.id}/{control.id}"
    known = (("control", (Item(name, code=True),)), ("framework", (Item(_named(framework)),)))
    yield Facts((*known, *_facts(control, bundle)))
    if control.manual:
        yield Heading("By hand")
        yield Text(control.manual.instructions)
        if control.manual.command:
            yield Listing(control.manual.command, "sh")
        yield Text(f"Evidence: {control.manual.evidence}")
    if attestation:
        yield Heading("An attestation")
        yield Text("What only people know is to be filled in; then it is approved as any other change.")
        yield Listing(attestation, "yaml")
        yield Listing("\n".join(commands(framework, control)), "sh")
    elif control.manual:
        yield Text(
            "Policies decide its status, and no attestation does: this is for the part that they leave."
        )


def commands(framework: Framework, control: Control) -> tuple[str, ...]:
    """Return the commands that make an attestation, check it, and let it count."""
    name = f"{framework.id}/{control.id}"
    return (
        f"auditor waivers new {name} > waivers/{name.replace('/', '-')}.yaml",
        "auditor waivers check waivers/",
        f"auditor audit --framework {framework.id} --waivers waivers/",
    )


def _head(framework: Framework) -> Iterator[Block]:
    yield Heading(framework.title, 1)
    rows = (
        ("framework", framework.id),
        ("version", framework.version),
        ("source", framework.source),
        ("controls", _counted(counts(framework))),
        ("judged", "by default" if framework.default else f"when asked for: --framework {framework.id}"),
        ("licence", framework.licence_note),
    )
    yield Facts(tuple((name, (Item(text),)) for name, text in rows if text))
    if framework.notice:
        yield Text(framework.notice)


def _counted(found: Counts) -> str:
    return (
        f"{found.controls}: {found.automated} by policies, {found.partial} by policies in part, "
        f"{found.manual} by a person"
    )


def _named(framework: Framework) -> str:
    return f"{framework.title}, version {framework.version}"


def _facts(control: Control, bundle: Bundle) -> Iterator[tuple[str, tuple[Item, ...]]]:
    if control.level:
        yield "level", (Item(control.level),)
    if control.assessment:
        yield "in the source", (Item(control.assessment),)
    yield "answered by", (Item(_ANSWERS[answer(control)]),)
    for name in control.policies:
        policy = bundle.policies[name]
        yield "policy", (Item(name, code=True, page=f"{POLICY_PAGES}/{name}.md"), Item(policy.title))


_ANSWERS = {
    "manual": "a person",
    "partial": "policies, in part",
    "policies": "policies",
}


def _by_hand(control: Control) -> Iterator[tuple[str, tuple[Item, ...]]]:
    if control.manual:
        yield "by hand", (Item(control.manual.instructions),)
        if control.manual.command:
            yield "command", (Item(control.manual.command, code=True),)
        yield "evidence", (Item(control.manual.evidence),)
