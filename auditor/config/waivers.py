"""Waiver files: YAML that people write and review, with `waivers`, `attestations`, or both.

Whatever is not as it should be ends the run: a waiver that is read otherwise than it was meant accepts
what nobody has accepted. Whether policies and controls exist is asked by `auditor waivers check`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from auditor.config.strict import YamlFile, read_yaml
from auditor.config.waiver_rules import Rules
from auditor.errors import ConfigError
from auditor.objects import Place
from auditor.waiver import Acceptances, Attestation, Terms, Waiver

SCHEMA_ID = "https://auditor.dev/schema/waivers-v1.json"
"""What the schema is called, not a place to load it from: nothing is ever fetched."""

MAX_FAULTS = 20
"""Faults that are told at once."""

_ENDINGS = (".yaml", ".yml")


class WaiverFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of a file."""

    waivers: tuple[Waiver, ...] | None = None
    attestations: tuple[Attestation, ...] | None = None


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a waiver file (2020-12), for editors."""
    # Through JSON and back: defaults are tuples otherwise, which no schema that was read equals.
    generated: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(WaiverFile)))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Waivers and attestations of auditor",
        **generated,
    }


def load_waivers(paths: Sequence[Path], terms: Terms, today: date) -> Acceptances:
    """Read files, and folders of them; `today` is the present day in UTC.

    Raises `ConfigError` for what cannot be read, naming file, line and key. Of what can be read but
    must not be accepted, the faults are told together, each on a line of its own.
    """
    rules, faults = Rules(terms, today), list[ConfigError]()
    found, places = list[Waiver | Attestation](), dict[str, Place]()
    contents, taken = list[bytes](), dict[str, Place]()
    for file in map(read_yaml, _files(paths)):
        contents.append(file.content)
        for keys, one in _entries(file):
            wrong = list(rules.faults(one))
            place = Place(file.path, 1, file.line(*keys))
            # ids that differ in case only would be told apart by programs, and not by people
            if other := taken.get(one.id.casefold()):
                where = f"{other.path}:{other.line}"
                wrong.append((("id",), f"{one.id!r} is taken by {where}; no id is used twice"))
            taken.setdefault(one.id.casefold(), place)
            found.append(one)
            places[one.id] = place
            wrong.sort(key=lambda fault: file.line(*keys, *fault[0]))
            faults += [file.fault(message, *keys, *below) for below, message in wrong]
    if faults:
        raise _together(faults)
    return Acceptances(
        waivers=tuple(one for one in found if isinstance(one, Waiver)),
        attestations=tuple(one for one in found if isinstance(one, Attestation)),
        places=places,
        digest=_digest(contents),
    )


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield each file once: what is named, and what ends in .yaml or .yml in folders that are."""
    seen: set[tuple[int, int]] = set()
    pending = list(reversed(paths))
    while pending:
        path = pending.pop()
        try:
            info = path.stat()
            if (info.st_dev, info.st_ino) in seen:
                continue
            seen.add((info.st_dev, info.st_ino))
            if not path.is_dir():
                yield path
                continue
            # a ConfigMap is mounted as links into `..data`: what is hidden is not read a second time
            names = sorted((name for name in os.listdir(path) if not name.startswith(".")), reverse=True)
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
        inside = [path / name for name in names]
        pending += [one for one in inside if one.suffix.lower() in _ENDINGS or one.is_dir()]


def _entries(file: YamlFile) -> Iterator[tuple[tuple[str, int], Waiver | Attestation]]:
    content = file.convert(WaiverFile)
    for number, waiver in enumerate(content.waivers or ()):
        yield ("waivers", number), waiver
    for number, attestation in enumerate(content.attestations or ()):
        yield ("attestations", number), attestation


def _together(faults: Sequence[ConfigError]) -> ConfigError:
    told = [str(fault) for fault in faults[:MAX_FAULTS]]
    if len(faults) > MAX_FAULTS:
        told.append(f"and {len(faults) - MAX_FAULTS} more")
    return ConfigError("\n".join(told))


def _digest(contents: Sequence[bytes]) -> str:
    """One digest for the same files, whatever they are called; "" for none."""
    if not contents:
        return ""
    single = sorted(hashlib.sha256(content).hexdigest() for content in contents)
    return f"sha256:{hashlib.sha256(msgspec.json.encode(single)).hexdigest()}"
