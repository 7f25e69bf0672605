"""Finds the modules of the policies and lays them out for `opa build`, under roots of our making.

Shipped and custom folders become one bundle each. The roots are written here, so that a custom
module can only add a policy of its own: nothing in a shipped package, in `main` or in `lib`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import BundleError
from auditor.evaluate.metadata import ID

MAX_BYTES = 64 * 1024
"""Size of one Rego file: a list of a thousand names fits, and a bomb for the compiler is a small one."""


RULES = ("fail", "skip", "unknown")
"""The rules of a policy that are asked for; `fail` is in every one."""


class Module(msgspec.Struct, frozen=True):
    """One policy's file."""

    id: str
    path: Path
    custom: bool
    source: bytes = b""
    """What the file holds, read once: what is checked is what is built and what the digest is of."""


def shipped_modules(folder: Path) -> list[Module]:
    """Return the policies of the shipped folder, by id."""
    return [
        Module(path.stem, path, custom=False, source=path.read_bytes())
        for path in sorted(folder.glob("k8s/*/*.rego"))
        if path.stem == path.parent.name
    ]


def custom_modules(folders: Iterable[Path], shipped: Iterable[str]) -> list[Module]:
    """Return the policies of a user's folders: each `<id>/<id>.rego`, or the folder of one policy.

    By id, so that the order of the folders changes nothing. Raises `BundleError` for a folder
    without policies, for a file that cannot be used, and for an id that is taken or misspelt.
    """
    taken = dict.fromkeys(shipped, "a shipped policy")
    found: list[Module] = []
    for folder in folders:
        if not folder.is_dir():
            raise BundleError(f"--policies {folder}: no such folder")
        files = [path for path in _rego_files(folder) if not _is_test(path)]
        if not files:
            raise BundleError(f"--policies {folder}: no policy in it", "auditor policies new ID makes one")
        for path in files:
            _check_id(path, taken)
            taken[path.stem] = str(path)
            found.append(Module(path.stem, path, custom=True, source=read_rego(path, folder)))
    return sorted(found, key=lambda module: module.id)


def read_rego(path: Path, folder: Path) -> bytes:
    """Return what a file below a user's folder holds.

    Raises `BundleError` if it is no plain file, leads out of the folder (its lines would stand in
    error messages), is larger than `MAX_BYTES`, or is no text.
    """
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise BundleError(f"{path}: is a link that leads out of {folder}")
        if not path.is_file():
            raise BundleError(f"{path}: is no file")
        with path.open("rb") as file:
            source = file.read(MAX_BYTES + 1)
        if len(source) > MAX_BYTES:
            raise BundleError(f"{path}: is larger than {MAX_BYTES // 1024} KiB")
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise BundleError(f"{path}:{line}: is no UTF-8 text") from None
    except (OSError, RuntimeError) as error:  # a link that leads to itself is a RuntimeError
        raise BundleError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return source


def rule_names(module: Module) -> dict[str, bool]:
    """Return which of `RULES` a module may have, and whether each is a set whatever the document is.

    What it never mentions need not be asked for: two look-ups less for each document and policy are a tenth
    of OPA's time. Nothing is believed of a custom module, whose `fail` may be anything.
    """
    named = [name for name in RULES if name == "fail" or name.encode() in module.source]
    return {name: not module.custom and _is_set(name, module.source) for name in named}


def _is_set(name: str, source: bytes) -> bool:
    """Whether every line that begins with the rule says that it contains something, and there is one."""
    heads = re.findall(rb"(?m)^(?:default )?%b\b(?: contains )?" % name.encode(), source)
    return bool(heads) and all(head.endswith(b" contains ") for head in heads)


def lay_out(target: Path, modules: Sequence[Module], extra: Mapping[str, bytes], data: Any) -> None:
    """Write one bundle folder: the modules, extra module files by target path, data.json, roots."""
    roots = [f"k8s/{module.id}" for module in modules]
    roots += sorted({name.split("/")[0] for name in extra})
    target.mkdir(parents=True)
    for module in modules:
        place = target / "k8s" / module.id / f"{module.id}.rego"
        place.parent.mkdir(parents=True)
        place.write_bytes(module.source)
    for name, source in extra.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(source)
    if data is not None:
        roots += list(data)
        (target / "data.json").write_bytes(msgspec.json.encode(data, order="sorted"))
    (target / ".manifest").write_bytes(msgspec.json.encode({"roots": roots}))


def library(folder: Path) -> dict[str, bytes]:
    """Return the router and the library of the shipped folder, by path in the bundle."""
    files = [*folder.glob("main/*.rego"), *folder.glob("lib/*/*.rego")]
    files = [path for path in sorted(files) if not _is_test(path)]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _rego_files(folder: Path) -> Iterator[Path]:
    """The Rego files below a folder, samples left out; linked folders are not followed.

    They are where a mounted ConfigMap shows its files a second time.
    """

    def refuse(error: OSError) -> None:
        raise BundleError(f"{error.filename}: cannot be read: {error.strerror}")

    for name, below, files in os.walk(folder, onerror=refuse):
        below[:] = sorted(one for one in below if one != "samples")
        yield from (Path(name) / file for file in sorted(files) if file.endswith(".rego"))


def _is_test(path: Path) -> bool:
    return path.name.endswith("_test.rego") and path.stem != path.parent.name


def _check_id(path: Path, taken: Mapping[str, str]) -> None:
    name = path.stem
    if not ID.fullmatch(name) or name.endswith("_test"):
        hint = "use lower case words joined by _, the last one not `test`"
        raise BundleError(f"{path}: {name!r} is no policy id", hint)
    if path.absolute().parent.name != name:
        raise BundleError(f"{path}: a policy lies in a folder of its own name, {name}/{name}.rego")
    if name in taken:
        raise BundleError(f"{path}: the id {name} is taken by {taken[name]}", "choose another id")
