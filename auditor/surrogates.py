"""Lone surrogates: what names of files that are not UTF-8 hold, and no encoding has."""

from __future__ import annotations

from typing import Any


def mended(value: Any) -> Any:
    r"""Return plain data with lone surrogates spelled out: as `\udcff`, six characters."""
    if isinstance(value, str):
        return "".join(f"\\u{ord(char):04x}" if "\ud800" <= char <= "\udfff" else char for char in value)
    if isinstance(value, dict):
        return {mended(key): mended(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mended(item) for item in value]
    return value
