"""Alerts switched off: cut out of the text of the rule files, of which nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import yaml

from auditor.errors import UsageError, did_you_mean
from auditor.stack.patches import Object
from auditor.stack.shipped import Shipped, SwitchedOff

_LABEL = ("app.kubernetes.io/component", "rules")
_MATCHER = re.compile(r'alertname\s*=~?\s*\\?"([^"\\]*)')


class Off(msgspec.Struct, frozen=True):
    """An alert that is switched off."""

    alert: str
    reason: str
    by: str
    """Who says so: a preset, an option, a file."""


class Wishes(msgspec.Struct, frozen=True):
    """What is to be switched off."""

    one_by_one: tuple[Off, ...] = ()
    presets: tuple[str, ...] = ()
    own_presets: Mapping[str, tuple[SwitchedOff, ...]] = {}
    """Those of the user's own file, which win over what ships under the same name."""


def rule_files(one: Object) -> dict[str, str]:
    """Return the rule files of an object by their keys: none, unless it is a ConfigMap of rules."""
    key, value = _LABEL
    if one["kind"] != "ConfigMap" or one["metadata"].get("labels", {}).get(key) != value:
        return {}
    return dict(one.get("data", {}))


def names(text: str) -> set[str]:
    """Return the alerts of a rule file."""
    read = yaml.load(text, Loader=yaml.CSafeLoader)
    return {rule["alert"] for group in read["groups"] for rule in group["rules"] if "alert" in rule}


def known(objects: Iterable[Object]) -> set[str]:
    """Return the alerts of all rule files."""
    return set().union(*(names(text) for one in objects for text in rule_files(one).values()))


def select(shipped: Shipped, objects: Sequence[Object], wishes: Wishes) -> tuple[list[Off], list[str]]:
    """Return the alerts that are switched off, sorted, and the presets that switch off none.

    Raises `UsageError` for an alert or a preset that does not exist. What a preset names and the chosen
    components do not have is passed over.
    """
    here = known(objects)
    found: dict[str, Off] = {}
    idle = []
    definitions = {**shipped.presets, **wishes.own_presets}
    for name in wishes.presets:
        if name not in definitions:
            near = did_you_mean(name, definitions)
            raise UsageError(f"--preset {name}: unknown preset{near}", f"presets: {', '.join(definitions)}")
        entries = [Off(one.alert, one.reason, f"preset {name}") for one in definitions[name]]
        for one in entries:
            if one.alert not in here and not _component(shipped, one.alert):
                raise _unknown(one, here)
        there = {one.alert: one for one in entries if one.alert in here}
        found |= there
        if not there:
            idle.append(name)
    for one in wishes.one_by_one:
        if one.alert not in here:
            raise _unknown(one, here, _component(shipped, one.alert))
        found[one.alert] = one
    return [found[name] for name in sorted(found)], idle


def _unknown(one: Off, here: Collection[str], component: str = "") -> UsageError:
    if component:
        return UsageError(
            f"{one.by}: {one.alert} is an alert of the component {component}, which is left out"
        )
    return UsageError(
        f"{one.by}: unknown alert {one.alert!r}{did_you_mean(one.alert, here)}",
        "docs/runbooks has a page for each alert",
    )


def _component(shipped: Shipped, alert: str) -> str:
    """Return the component that brings an alert, or "" if none does."""
    line = re.compile(rf"^\s*- alert: {re.escape(alert)}$", re.MULTILINE)
    for component, delta in shipped.components.items():
        texts = [text for added in delta.adds for text in rule_files(added).values()]
        for change in delta.changes:
            texts += [one.value for one in change.patch if isinstance(one.value, str)]
        if any(map(line.search, texts)):
            return component
    return ""


def switch_off(objects: Iterable[Object], off: Collection[str]) -> None:
    """Cut alerts out of every rule file, in place."""
    for one in objects:
        for key, text in rule_files(one).items():
            one["data"][key] = without(text, off)


def still_named(objects: Iterable[Object], off: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (alert, ConfigMap, file) where what is left goes by an alert that is switched off.

    So do an inhibition or a route of Alertmanager that now waits for nothing, and other expressions.
    """
    for one in objects:
        for file, text in one.get("data", {}).items() if one["kind"] == "ConfigMap" else ():
            mentioned = {name for match in _MATCHER.findall(text) for name in match.split("|")}
            yield from ((name, one["metadata"]["name"], file) for name in sorted(mentioned.intersection(off)))


def check(text: str) -> set[str]:
    """Return the alerts of a rule file after each was cut out once; raise `ValueError` if one cannot be."""
    found = names(text)
    for name in found:
        without(text, {name})
    without(text, found)
    return found


def without(text: str, off: Collection[str]) -> str:
    """Return a rule file without some alerts; comments directly above one go with it, so do empty groups.

    Raises `ValueError` if the file is written so that its lines cannot be told apart.
    """
    if not names(text).intersection(off):
        return text
    lines = text.splitlines(keepends=True)
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    groups = _value(root, "groups").value
    ends = [*(_head(lines, group) for group in groups[1:]), len(lines)]
    cut: set[int] = set()
    for group, end in zip(groups, ends, strict=True):
        rules = _value(group, "rules").value
        heads = [*(_head(lines, rule) for rule in rules), end]
        gone = [number for number, rule in enumerate(rules) if _alert(rule) in off]
        if len(gone) == len(rules):
            cut.update(range(_head(lines, group), end))
        for number in gone:
            cut.update(range(heads[number], heads[number + 1]))
    left = "".join(line for number, line in enumerate(lines) if number not in cut)
    if cut >= set(range(_head(lines, groups[0]), len(lines))):
        left = re.sub(r"^groups:[ \t]*$", "groups: []", left, count=1, flags=re.MULTILINE)
    left = left.rstrip("\n") + "\n"
    if yaml.load(left, Loader=yaml.CSafeLoader) != _expected(text, off):
        raise ValueError(
            f"cannot cut {', '.join(sorted(off))} out of a rule file: its lists must be in block style"
        )
    return left


def _expected(text: str, off: Collection[str]) -> Any:
    read = yaml.load(text, Loader=yaml.CSafeLoader)
    for group in read["groups"]:
        group["rules"] = [rule for rule in group["rules"] if rule.get("alert") not in off]
    read["groups"] = [group for group in read["groups"] if group["rules"]]
    return read


def _value(mapping: Any, key: str) -> Any:
    return next(value for name, value in mapping.value if name.value == key)


def _alert(rule: Any) -> str | None:
    return next((str(value.value) for name, value in rule.value if name.value == "alert"), None)


def _head(lines: Sequence[str], entry: Any) -> int:
    """Return the first line of an entry of a list, comments directly above it included."""
    line, column = entry.start_mark.line, entry.start_mark.column - 2
    comment = " " * column + "#"
    while line and lines[line - 1].startswith(comment):
        line -= 1
    return int(line)
