"""What the value of a setting must look like, and which values only stand for one."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

LARGEST_SHARE = 0.85
"""Of the volume that samples may fill: the rest is for the WAL and for blocks being compacted.
https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects
"""

PLACEHOLDER = re.compile(
    r"SET-ME|set-me|\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+|\bexample\.(?:com|org|net)\b|0{8}(?:-0{4}){3}-0{12}"
)
"""What stands in a profile for what only its user knows: names, and addresses that reach nothing."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_WORD = re.compile(r"(?!(?:null|Null|NULL)\Z)[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_DURATION = re.compile(r"(?=.)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)(?:([KMGTPE])i?)?B")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([KMGTPE]i|[kMGTPE])?")
_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:/[\w./~%+-]*)?", re.ASCII)
_EMAIL = re.compile(r"[^@\s\"'<>]+@[A-Za-z0-9.-]+")
_POWERS = "KMGTPE"


def size_bytes(size: str) -> float:
    """Return the bytes of a size as Prometheus reads it: GB is 2^30 too."""
    number, unit = _SIZE.fullmatch(size).groups()  # type: ignore[union-attr]
    return float(number) * float(1024 ** (_POWERS.index(unit) + 1 if unit else 0))


def quantity_bytes(quantity: str) -> float:
    """Return the bytes of a quantity as Kubernetes reads it."""
    number, unit = _QUANTITY.fullmatch(quantity).groups()  # type: ignore[union-attr]
    if not unit:
        return float(number)
    base = 1024 if unit.endswith("i") else 1000
    return float(number) * float(base ** (_POWERS.index(unit[0].upper()) + 1))


def _matches(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    return lambda value: "" if pattern.fullmatch(value) else f"must be {what}"


def _positive(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        figures = "".join(re.findall(r"\d", value))
        return "" if pattern.fullmatch(value) and figures.strip("0") else f"must be {what}"

    return check


def _cidr(value: str) -> str:
    if "/" not in value:
        return "must be a range of addresses, as 10.0.0.0/16; one address is 10.0.0.1/32"
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        return f"must be a range of addresses, as 10.0.0.0/16: {error}"
    return ""


def _cidrs(value: str) -> str:
    return next((problem for one in value.split(",") if (problem := _cidr(one))), "")


def _url(value: str) -> str:
    try:
        good = _URL.fullmatch(value) is not None and urlsplit(value).port != 0
    except ValueError:
        good = False
    return "" if good else "must be a URL without query, as https://prometheus.example.com"


def _uuid(value: str) -> str:
    try:
        uuid.UUID(value)
    except ValueError:
        return "must be a UUID, as 00000000-0000-0000-0000-000000000000"
    return ""


def _text(value: str) -> str:
    return "" if value.strip() == value != "" and value.isprintable() else "must be text on one line"


KINDS: dict[str, Callable[[str], str]] = {
    "cidr": _cidr,
    "cidrs": _cidrs,
    "duration": _positive(_DURATION, "a duration as Prometheus has them: 30d, 2w, 1d12h"),
    "email": _matches(_EMAIL, "an address, as ann@example.com"),
    "host": _matches(_HOST, "a host name in small letters, as monitoring.example.com"),
    "name": _matches(_HOST, "the name of an object: small letters, figures, - and ."),
    "quantity": _positive(_QUANTITY, "a quantity as Kubernetes has them: 100Gi"),
    "size": _positive(_SIZE, "a size as Prometheus has them: 40GB, which is 40 times 2^30"),
    "text": _text,
    "url": _url,
    "uuid": _uuid,
    "word": _matches(_WORD, "letters, figures, -, _ and ., at most 63 of them"),
}
"""The kinds of deploy/components.yaml: each returns what is wrong with a value, or nothing."""
