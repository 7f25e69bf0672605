"""All files that a bundle is made of, read once: what the key is of is what is built."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

import auditor
from auditor import data
from auditor.evaluate.find import opa_identity
from auditor.evaluate.frameworks import framework_files
from auditor.evaluate.stage import Module, custom_modules, library, shipped_modules

PACKAGE = Path(auditor.__file__).parent
CODE = ("*.py", "document/*.py", "evaluate/*.py")
"""What builds a bundle, and what that imports."""

READS = "reads.json"
"""The file beside the shipped policies."""


class Ingredients(msgspec.Struct, frozen=True):
    """The files of a bundle."""

    modules: Sequence[Module]
    """Shipped policies, then custom ones, each by id."""
    library: Mapping[str, bytes]
    """The router and the library, by path in the bundle."""
    frameworks: Mapping[Path, bytes]
    reads: bytes = b""
    """What OPA says that the shipped policies read (`dependencies.Shipped`); empty if that does not ship."""


def read_ingredients(folders: Sequence[Path]) -> Ingredients:
    """Read what ships, and the policies in the user's own folders.

    Raises `BundleError` for a custom file that cannot be used (stage.py).
    """
    home = data.policies()
    shipped = shipped_modules(home)
    custom = custom_modules(folders, [module.id for module in shipped])
    reads = home / READS
    told = reads.read_bytes() if reads.is_file() else b""
    return Ingredients([*shipped, *custom], library(home), framework_files(home), told)


def bundle_key(opa: Path, ingredients: Ingredients, overrides: Mapping[str, Any]) -> str:
    """Return a sha256 over all that a bundle depends on, hexadecimal; "" if that cannot be told.

    That is every file, whether it is custom, what `overrides` change, the OPA binary and our own
    code. Where files lie is not part of it: it shows in error messages only, and what fails is
    never kept.
    """
    identity = opa_identity(opa)
    if identity is None:
        return ""
    whole = {
        "auditor": [auditor.__version__, code_digest(PACKAGE), msgspec.__version__],
        "opa": identity,
        "modules": [[one.id, one.custom, _sha256(one.source)] for one in ingredients.modules],
        "library": {name: _sha256(source) for name, source in ingredients.library.items()},
        "frameworks": {path.name: _sha256(text) for path, text in ingredients.frameworks.items()},
        "overrides": overrides,
    }
    try:
        encoded = msgspec.json.encode(whole)
        # a date would be the same as a text, and 1 as a key the same as "1"
        told_apart = msgspec.json.decode(encoded) == whole
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError):
        return ""
    return _sha256(encoded) if told_apart else ""


@functools.cache
def code_digest(package: Path) -> str:
    """Return a sha256 over our own code, hexadecimal: who changes it gets no bundle of the former.

    Taken once: a file that is edited later is not what this process runs.
    """
    paths = sorted(path for pattern in CODE for path in package.glob(pattern))
    texts = [[path.relative_to(package).as_posix(), _sha256(path.read_bytes())] for path in paths]
    return _sha256(msgspec.json.encode(texts))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
