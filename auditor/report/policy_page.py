"""The page of a policy: what `auditor explain` prints and what docs/policies holds, in blocks.

There is this one page. How it looks on a terminal and in Markdown is decided by who writes the
blocks (`policy_screen.py`, `markdown.py`), what it says is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from auditor.document.kinds import KIND_SETS
from auditor.document.relations.table import INPUTS, RELATIONS
from auditor.rules import Bundle, Parameter, Policy


class Item(msgspec.Struct, frozen=True):
    """A word or phrase within a line."""

    text: str
    code: bool = False
    """It is to be typed as it is."""
    page: str = ""
    """The page of docs that it leads to, as seen from this one."""


class Heading(msgspec.Struct, frozen=True, tag=True):
    """Begins the page, or a section of it."""

    text: str
    level: int = 2


class Text(msgspec.Struct, frozen=True, tag=True):
    """A paragraph."""

    text: str


class Facts(msgspec.Struct, frozen=True, tag=True):
    """Lines of a name and what it holds."""

    rows: tuple[tuple[str, tuple[Item, ...]], ...]


class Table(msgspec.Struct, frozen=True, tag=True):
    """Rows under headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[tuple[Item, ...], ...], ...]
    """Cells, each of one or more items in a row."""


class Listing(msgspec.Struct, frozen=True, tag=True):
    """A file, to be read as it is."""

    text: str
    language: str


class Links(msgspec.Struct, frozen=True, tag=True):
    """Addresses."""

    addresses: tuple[str, ...]


Block = Heading | Text | Facts | Table | Listing | Links


class Example(msgspec.Struct, frozen=True):
    """Two samples of a policy, as alike as there are."""

    fails: str
    passes: str


def page(policy: Policy, bundle: Bundle, example: Example | None) -> Iterator[Block]:
    """Yield the page of one policy of the bundle, with the parameters and severity that are in force."""
    yield Heading(policy.title, 1)
    yield Facts(tuple((name, items) for name, items in _facts(policy, bundle) if items))
    yield Text(policy.description)
    yield Heading("What to do")
    yield Text(policy.remediation)
    yield Heading("What it looks at")
    yield Facts(tuple(_looks_at(policy)))
    if policy.declared:
        yield Heading("Parameters")
        yield _parameters(policy)
        for pattern, values in sorted(policy.namespaces.items()):
            if values:
                yield Text(f"In namespaces {pattern}: {_values(values)}.")
    if example:
        yield Heading("An example that fails")
        yield Listing(example.fails, "yaml")
        yield Heading("One that passes")
        yield Listing(example.passes, "yaml")
    if policy.references:
        yield Heading("References")
        yield Links(policy.references)


def controls(policy: Policy, bundle: Bundle) -> tuple[str, ...]:
    """Return the controls that a policy answers, as `framework/control`."""
    return tuple(
        f"{framework.id}/{control.id}"
        for framework in bundle.frameworks.values()
        for control in framework.controls
        if policy.id in control.policies
    )


def superseded_by(policy: Policy, bundle: Bundle) -> tuple[str, ...]:
    """Return the policies that tell the same root cause, and hide its finding where they fail too."""
    return tuple(sorted(one.id for one in bundle.policies.values() if policy.id in one.supersedes))


def severity(policy: Policy) -> str:
    """Return the severity in words: the declared set, and what auditor.yaml makes of it."""
    declared = " or ".join(policy.severities)
    return f"{policy.override} (declared {declared})" if policy.override else declared


def _facts(policy: Policy, bundle: Bundle) -> Iterator[tuple[str, tuple[Item, ...]]]:
    yield "policy", _codes([policy.id])
    yield "severity", (Item(severity(policy)),)
    yield "category", (Item(policy.category.replace("_", " ")),)
    yield "enabled", (Item("yes" if policy.enabled else "no; auditor.yaml switches it on"),)
    yield "controls", tuple(_control(one) for one in controls(policy, bundle))
    yield "supersedes", _policies(policy.supersedes, bundle)
    yield "superseded by", _policies(superseded_by(policy, bundle), bundle)
    yield "same as", _codes(policy.same_as)
    yield "former ids", _codes(policy.retired_ids)


def _looks_at(policy: Policy) -> Iterator[tuple[str, tuple[Item, ...]]]:
    yield "judges", tuple(map(Item, _kinds(policy.kinds)))
    for name in policy.needs:
        yield "needs", (Item(f"{_words(name)}; without it there is no verdict"),)
    for name in policy.wants:
        yield "wants", (Item(f"{_words(name)}; without it a fault is still found, but nothing passes"),)
    for name in policy.excuses:
        yield "excuses", (Item(f"{_words(name)}; without it more may be found, and the evidence says so"),)
    if policy.counts:
        yield "counts", (Item("the results of the policies of"), *_codes(policy.counts))
    if policy.none_found:
        yield "none there", (Item(f"no verdict: {policy.none_found}"),)
    if "status" in policy.reads:
        yield "manifests", (Item("out of reach: it reads the status, which only a cluster knows"),)


def _kinds(kinds: tuple[str, ...]) -> list[str]:
    """The kinds, those of a named set by its name; the largest set that fits."""
    for name, members in KIND_SETS.items():
        if set(members) <= set(kinds):
            rest = [kind for kind in kinds if kind not in members]
            return [f"every {name.replace('_', '-')} kind ({', '.join(members)})", *rest]
    return list(kinds)


def _words(name: str) -> str:
    """What a relation or an input tells, in words; its name, where it has none."""
    return (RELATIONS[name].words if name in RELATIONS else INPUTS.get(name, "")) or name


def _parameters(policy: Policy) -> Table:
    changed = any(policy.parameters[name] != one.default for name, one in policy.declared.items())
    headings = ("parameter", "type", "default", *(("in force",) * changed), "meaning")
    return Table(
        headings,
        tuple(
            (
                _codes([name]),
                (Item(one.type),),
                _codes([_json(one.default)]),
                *((_codes([_json(policy.parameters[name])]),) * changed),
                tuple(_meaning(one)),
            )
            for name, one in policy.declared.items()
        ),
    )


def _meaning(parameter: Parameter) -> Iterator[Item]:
    if parameter.description:
        yield Item(f"{parameter.description.rstrip('.')}.")
    if parameter.choices:
        yield Item(f"One of {', '.join(map(str, parameter.choices))}.")
    if parameter.pattern:
        yield from (Item("Matches"), Item(parameter.pattern, code=True))


def _values(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} is {_json(value)}" for name, value in sorted(values.items()))


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def _codes(texts: Iterable[str]) -> tuple[Item, ...]:
    return tuple(Item(text, code=True) for text in texts)


def _policies(ids: Iterable[str], bundle: Bundle) -> tuple[Item, ...]:
    # a page is written for what ships only, so nothing else has one to lead to
    shipped = {one.id for one in bundle.policies.values() if not one.custom}
    return tuple(Item(one, code=True, page=f"{one}.md" if one in shipped else "") for one in ids)


def _control(name: str) -> Item:
    return Item(name, code=True, page=f"../frameworks/{name.partition('/')[0]}.md")
