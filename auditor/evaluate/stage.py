"""Finds the modules of the policies and lays them out for `opa build`, under roots of our making.

Shipped and custom folders become one bundle each. The roots are written here, so that a custom
module can only add a policy of its own: nothing in a shipped package, in `main` or in `lib`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import BundleError
from auditor.evaluate.metadata import ID

_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)", re.MULTILINE)


class Module(msgspec.Struct, frozen=True):
    """One policy's file."""

    id: str
    path: Path
    custom: bool


def shipped_modules(folder: Path) -> list[Module]:
    """Return the policies of the shipped folder, by id."""
    return [
        Module(path.parent.name, path, custom=False)
        for path in sorted(folder.glob("k8s/*/*.rego"))
        if _is_policy(path)
    ]


def custom_modules(folders: Iterable[Path], shipped: Iterable[str]) -> list[Module]:
    """Return the policies of a user's folders: each `<id>/<id>.rego`, or the folder of one policy.

    Raises `BundleError` for a folder without policies, for an id that is taken or misspelt, and
    for a file whose package is not its own.
    """
    taken = {name: "a shipped policy" for name in shipped}
    found: list[Module] = []
    for folder in folders:
        if not folder.is_dir():
            raise BundleError(f"--policies {folder}: no such folder")
        files = [path for path in sorted(folder.rglob("*.rego")) if _is_policy(path)]
        if not files:
            raise BundleError(f"--policies {folder}: no policy in it", "auditor policies new ID makes one")
        for path in files:
            module = Module(path.stem, path, custom=True)
            _check(module, taken)
            taken[module.id] = str(path)
            found.append(module)
    return found


def _is_policy(path: Path) -> bool:
    return not path.name.endswith("_test.rego") and "samples" not in path.parts


def _check(module: Module, taken: Mapping[str, str]) -> None:
    path = module.path
    if not ID.match(module.id):
        raise BundleError(f"{path}: {module.id!r} is no policy id", "use lower case words joined by _")
    if path.parent.name != module.id:
        raise BundleError(f"{path}: a policy lies in a folder of its own name, {module.id}/{module.id}.rego")
    try:
        package = _PACKAGE.search(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{path}: cannot be read: {error}") from None
    if not package or package[1] != f"k8s.{module.id}":
        stated = f"package {package[1]}" if package else "no package"
        raise BundleError(
            f"{path}: states {stated}, but may only state package k8s.{module.id}",
            "a custom policy adds a package of its own and cannot write into a shipped one",
        )
    if module.id in taken:
        raise BundleError(f"{path}: the id {module.id} is taken by {taken[module.id]}", "choose another id")


def lay_out(target: Path, modules: Sequence[Module], extra: Mapping[str, Path], data: Any) -> None:
    """Write one bundle folder: the modules, extra module files by target path, data.json, roots."""
    roots = [f"k8s/{module.id}" for module in modules]
    roots += sorted({name.split("/")[0] for name in extra})
    target.mkdir(parents=True)
    for module in modules:
        place = target / "k8s" / module.id / f"{module.id}.rego"
        place.parent.mkdir(parents=True)
        shutil.copyfile(module.path, place)
    for name, path in extra.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)
    if data is not None:
        roots += list(data)
        (target / "data.json").write_bytes(msgspec.json.encode(data))
    (target / ".manifest").write_bytes(msgspec.json.encode({"roots": roots}))


def library(folder: Path) -> dict[str, Path]:
    """Return the router and the library of the shipped folder, by path in the bundle."""
    files = [*folder.glob("main/*.rego"), *folder.glob("lib/*/*.rego")]
    return {path.relative_to(folder).as_posix(): path for path in sorted(files) if _is_policy(path)}
