"""Reads the frameworks that ship: controls, the policies that answer them, and what people do for the rest.

A file is refused if it says something that no reader can rely on: an id twice, a policy that does not
exist, a control that neither a policy nor a person answers, words about a source without its licence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml

from auditor.errors import BundleError, did_you_mean
from auditor.rules import ByHand, Control, Framework

SCHEMA_ID = "https://auditor.dev/schema/framework-v1.json"
"""What the schema is called, not a place to load it from: nothing is ever fetched."""

Words = Annotated[str, msgspec.Meta(min_length=1)]
Link = Annotated[str, msgspec.Meta(pattern="^https://")]


class ManualPart(msgspec.Struct, forbid_unknown_fields=True):
    """What a person does for a control."""

    instructions: Words
    evidence: Words
    command: str = ""


class ControlEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A control as it is written."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    title: Words
    policies: list[str] = []
    partial: bool = False
    manual: ManualPart | None = None
    level: str = ""
    assessment: Literal["", "automated", "manual"] = ""


class FrameworkFile(msgspec.Struct, forbid_unknown_fields=True):
    """The content of a file."""

    id: str
    title: Words
    version: Words
    controls: list[ControlEntry]
    references: list[Link] = []
    source: Annotated[str, msgspec.Meta(pattern="^(https://.*)?$")] = ""
    licence_note: str = ""
    notice: str = ""
    default: bool = True


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a framework file (2020-12), for editors."""
    # Through JSON and back: defaults are tuples otherwise, which no schema that was read equals.
    generated: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(FrameworkFile)))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "A framework of auditor",
        **generated,
    }


def framework_files(folder: Path) -> dict[Path, bytes]:
    """Return the framework files of the shipped folder, and what they hold."""
    return {path: path.read_bytes() for path in sorted(folder.glob("frameworks/*.yaml"))}


def read_frameworks(files: Mapping[Path, bytes], policies: Iterable[str]) -> dict[str, Framework]:
    """Return the frameworks by id; `policies` are the ids that a control may name.

    Raises `BundleError` naming file and fault.
    """
    known = dict.fromkeys(policies)
    frameworks: dict[str, Framework] = {}
    for path, text in files.items():
        try:
            found = msgspec.convert(yaml.load(text, Loader=yaml.CSafeLoader), FrameworkFile)
        except (msgspec.ValidationError, yaml.YAMLError) as error:
            raise BundleError(f"{path}: {error}") from None
        faults = [*_faults(found, path.stem), *_broken_controls(found.controls, known)]
        if faults:
            raise BundleError(f"{path}: {faults[0]}")
        frameworks[found.id] = _framework(found)
    return frameworks


def _faults(found: FrameworkFile, name: str) -> Iterator[str]:
    if found.id != name:
        yield f"the id {found.id!r} is not the file's name"
    for one, times in Counter(control.id for control in found.controls).items():
        if times > 1:
            yield f"control {one} stands there {times} times"
    if found.source and not (found.licence_note and found.notice):
        yield "what has a source must say its licence_note, and in notice whose the words are"


def _broken_controls(controls: Iterable[ControlEntry], known: Collection[str]) -> Iterator[str]:
    for control in controls:
        where = f"control {control.id}"
        for name in control.policies:
            if name not in known:
                yield f"{where}: unknown policy {name!r}{did_you_mean(name, known)}"
        for name, times in Counter(control.policies).items():
            if times > 1:
                yield f"{where}: names the policy {name} {times} times"
        if control.partial and not control.policies:
            yield f"{where}: is partial, and no policy answers any part of it"
        if not (control.policies or control.manual):
            yield f"{where}: no policy answers it, and manual does not say how a person does"
        if control.policies and control.manual and not control.partial:
            yield f"{where}: policies answer all of it, so manual has nothing left to say"


def _framework(found: FrameworkFile) -> Framework:
    return Framework(
        id=found.id,
        title=found.title,
        version=found.version,
        controls=tuple(map(_control, found.controls)),
        references=tuple(found.references),
        source=found.source,
        licence_note=_plain(found.licence_note),
        notice=_plain(found.notice),
        default=found.default,
    )


def _control(one: ControlEntry) -> Control:
    return Control(
        id=one.id,
        title=one.title,
        policies=tuple(one.policies),
        partial=one.partial,
        manual=_by_hand(one.manual) if one.manual else None,
        level=one.level,
        assessment=one.assessment,
    )


def _by_hand(one: ManualPart) -> ByHand:
    return ByHand(_plain(one.instructions), _plain(one.evidence), one.command.strip())


def _plain(text: str) -> str:
    """A text without the line breaks that it has in its file."""
    return " ".join(text.split())
