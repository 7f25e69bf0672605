"""The one form of a record that is hashed: compact JSON in UTF-8, keys sorted."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

import msgspec

from auditor.document.pointer import canonical as encoder
from auditor.surrogates import mended


def canonical(value: Any) -> bytes:
    """Return a record or an audit in the form that is hashed and kept.

    Lone surrogates, which no encoding has (names of files that are not UTF-8), are spelled out as in
    every other output.
    """
    try:
        return encoder.encode(value)
    except UnicodeEncodeError:
        return encoder.encode(mended(msgspec.to_builtins(value)))


def digest(content: bytes) -> str:
    """Return `sha256:` and the hexadecimal figure."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def pack(content: bytes) -> bytes:
    """Compress what is kept."""
    return zlib.compress(content, 6)


def unpack(packed: bytes) -> bytes | None:
    """Return what was packed, None if it is damaged."""
    try:
        return zlib.decompress(packed)
    except (zlib.error, TypeError):
        return None
