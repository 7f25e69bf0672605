"""YAML scalars as kubectl reads them, number by number.

kubectl parses with `sigs.k8s.io/yaml`, which resolves scalars by YAML 1.1 with exceptions of its
own (https://pkg.go.dev/sigs.k8s.io/yaml). tests/collect/test_yaml_oracle.py compares the two.

A *raw* scalar is text, bool, None, int or float as resolved; `json_value` and `key_text` turn it
into what stands in the JSON object that reaches the API server. Whatever kubectl refuses raises
`ValueError` with the cause, which never quotes the text: it may be a secret.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from decimal import Decimal

Raw = str | bool | int | float | None

_NAMED: dict[str, Raw] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(
        ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"),
        False,
    ),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_NUMBER_START = frozenset("+-.0123456789")

_INTEGER = re.compile(
    r"(?P<sign>[+-]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[oO]?(?P<octal>[0-7]+)|0[bB](?P<binary>[01]+)"
    r"|(?P<decimal>0|[1-9][0-9]*))"
)
_BASES = {"hex": 16, "octal": 8, "binary": 2, "decimal": 10}
# Go reads the sign after the prefix too, but only here.
_SIGNED_BINARY = re.compile(r"0b([+-][01]+)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# Go's own float parser, which takes underscores between digits only, sees a leading dot first.
_DOT_FLOAT = re.compile(r"\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?")

_INT64 = range(-(2**63), 2**63)
_UINT64 = range(2**64)

_CORE_TAG = "tag:yaml.org,2002:"
MERGE_TAG = f"{_CORE_TAG}merge"
"""Explicit tag of a merge key."""

Value = str | bool | int | float | None


def plain(text: str) -> Raw:
    """Resolve a scalar that has neither quotes nor a tag."""
    if text in _NAMED:
        return _NAMED[text]
    if text[0] not in _NUMBER_START:
        return text
    number = _dot_float(text) if text[0] == "." else _number(text.replace("_", ""))
    return text if number is None else number


def tagged(tag: str, text: str) -> Raw:
    """Resolve a scalar with an explicit tag; quotes make no difference then.

    Unknown tags are text. `!!timestamp` is text too, whether or not it is a date.
    """
    short = tag.removeprefix(_CORE_TAG) if tag.startswith(_CORE_TAG) else ""
    if short == "binary":
        return _binary(text)
    if short not in ("bool", "int", "float", "null"):
        return text
    raw = plain(text)
    if short == "float" and type(raw) is int and raw in _INT64:
        return float(raw)
    if type(raw) is not {"bool": bool, "int": int, "float": float, "null": type(None)}[short]:
        raise ValueError(f"the value does not fit its tag !!{short}")
    return raw


def json_value(raw: Raw) -> Value:
    """Return the JSON value of a raw scalar; whole numbers come out as int, as in Go's JSON."""
    if not isinstance(raw, float):
        return raw
    if not math.isfinite(raw):
        raise ValueError("infinity and not-a-number have no JSON form")
    if raw.is_integer() and abs(raw) < 1e21:
        # Go writes the shortest digits that give the same float, then zeros.
        return int(Decimal(repr(raw)))
    return raw


def key_text(raw: Raw) -> str:
    """Return the text of a raw scalar that is the key of a mapping."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float):
        return _single_precision(raw)
    if raw is None:
        raise ValueError("a key is empty or null")
    if raw not in _INT64:
        raise ValueError("a key is a number beyond 64 bits; quote it")
    return str(raw)


def _number(text: str) -> int | float | None:
    """Resolve the text of a number without its underscores; None if it is none."""
    if match := _INTEGER.fullmatch(text):
        base = str(match.lastgroup)
        digits = match[base]
        # More than 20 decimal digits are beyond 64 bits anyway, and slow to convert.
        if base != "decimal" or len(digits) <= 20:
            number = int(match["sign"] + digits, _BASES[base])
            if number in (_INT64 if match["sign"] else _UINT64):
                return number
    if _FLOAT.fullmatch(text):
        return _finite(text)
    if match := _SIGNED_BINARY.fullmatch(text):
        number = int(match[1], 2)
        return number if number in _INT64 else None
    return None


def _dot_float(text: str) -> float | None:
    return _finite(text) if _DOT_FLOAT.fullmatch(text) else None


def _finite(text: str) -> float | None:
    """Return the float, or None if it is too large for one: then it stays text."""
    number = float(text)
    return number if math.isfinite(number) else None


def _binary(text: str) -> str:
    """Decode base64; each byte that is no UTF-8 becomes U+FFFD, as in Go's JSON."""
    try:
        data = base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("!!binary is not base64") from None
    return re.sub("[\udc80-\udcff]", "\ufffd", data.decode("utf-8", "surrogateescape"))


def _single_precision(number: float) -> str:
    """Format a float key as Go's `FormatFloat(number, 'g', -1, 32)`, infinities as YAML's."""
    if math.isnan(number):
        return ".nan"
    single = _as_single(number)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    shortest = next(
        text for places in range(9) if _as_single(float(text := f"{single:.{places}e}")) == single
    )
    mantissa, exponent = shortest.split("e")
    if -4 <= int(exponent) < 6 or single == 0:
        return f"{Decimal(shortest):f}"
    return f"{mantissa}e{exponent}"


def _as_single(number: float) -> float:
    """Round to a 32-bit float, beyond its range to infinity."""
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)
