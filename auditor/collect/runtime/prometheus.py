"""What a running Prometheus says of the samples that it keeps.

    version      of the program, as 3.16.0; absent from one that was built without telling it
    retention    the limits in effect, as it writes them: 15d, 15d or 50GiB, 80%; "" if there is none
    limits       the same as its database has them, {time: seconds, size: bytes, percentage}; 0 is none
    reloaded     false if its configuration file was refused last, and an older one is in effect
    configured   when the configuration in effect was read, RFC 3339
    host         the name of the host, in Kubernetes the pod, where it sees it
    oldest       when its oldest block begins, or else its head, RFC 3339; absent while it has no samples
    by_size      how often samples were deleted as they took too much room
    unmeasured   why limits, oldest and by_size are not told: they come from its metrics
    rules, silent, failing, gauges   what it says of its rules: rules.py
    unruled      why it does not

`/api/v1/status/flags` is not asked: it shows what the flags were, whatever the file says.
https://prometheus.io/docs/prometheus/latest/querying/api/#runtime-information
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec

from auditor.collect.runtime import rules
from auditor.collect.runtime.client import Client, UnansweredError

VERSION = re.compile(r"v?([0-9]{1,6}(?:\.[0-9]{1,6}){1,3}(?:[-+][0-9A-Za-z.+-]{1,60})?)|")
"""As 3.16.0; a program that was built by hand has none."""

_RETENTION = re.compile(r"|[0-9A-Za-z.+-]{1,60}%?(?: or [0-9A-Za-z.+-]{1,60}%?){0,2}")

_HOST = re.compile(r"[0-9A-Za-z]([0-9A-Za-z.-]{0,251}[0-9A-Za-z])?")

_METRIC = re.compile(
    rb"^(prometheus_tsdb_[a-z_]+)(?:\{\})? ([0-9a-zA-Z.+-]{1,40})(?: [0-9]+)?\r?$", re.MULTILINE
)

_LIMITS = {
    "time": "prometheus_tsdb_retention_limit_seconds",
    "size": "prometheus_tsdb_retention_limit_bytes",
    "percentage": "prometheus_tsdb_retention_limit_percentage",
}

_OLDEST = "prometheus_tsdb_lowest_timestamp_seconds"

_BY_SIZE = "prometheus_tsdb_size_retentions_total"

Data = TypeVar("Data")


class _Answer(msgspec.Struct, Generic[Data]):
    data: Data


class _Runtime(msgspec.Struct, rename="camel"):
    storage_retention: str
    """Required: what has none keeps no samples, and an agent or a proxy must not look unlimited."""
    reload_config_success: bool
    last_config_time: datetime
    hostname: str = ""


class _Build(msgspec.Struct):
    version: str


def ask(client: Client) -> dict[str, Any]:
    """Return what it tells; raises `UnansweredError` if it is not known what it keeps."""
    runtime = _decoded(client, "/api/v1/status/runtimeinfo", _Runtime)
    build = _decoded(client, "/api/v1/status/buildinfo", _Build)
    version = VERSION.fullmatch(build.version)
    if not version or not _RETENTION.fullmatch(runtime.storage_retention):
        raise UnansweredError("what came is not what Prometheus says")
    told: dict[str, Any] = {
        **({"version": version[1]} if version[1] else {}),
        "retention": runtime.storage_retention,
        "reloaded": runtime.reload_config_success,
        "configured": _time(runtime.last_config_time.timestamp()),
    }
    if _HOST.fullmatch(runtime.hostname):
        told["host"] = runtime.hostname
    try:
        told |= measured(client.get("/metrics", accept="text/plain"))
    except UnansweredError as error:
        if not runtime.storage_retention:
            # so do programs that only speak like Prometheus, and keep nothing
            raise UnansweredError(f"it names no limit, and {error}") from None
        told["unmeasured"] = str(error)
    try:
        return told | rules.ask(client)
    except UnansweredError as error:
        return told | {"unruled": str(error)}


def measured(text: bytes) -> dict[str, Any]:
    """Return what the metrics tell; raises `UnansweredError` if they are none of Prometheus."""
    found: Mapping[str, float] = {name.decode(): _number(value) for name, value in _METRIC.findall(text)}
    if _OLDEST not in found:
        raise UnansweredError(f"/metrics: has no {_OLDEST}")
    limits = {name: found[metric] for name, metric in _LIMITS.items() if metric in found}
    told: dict[str, Any] = {
        "limits": {name: _plain(value) for name, value in limits.items() if math.isfinite(value)}
    }
    if math.isfinite(by_size := found.get(_BY_SIZE, math.nan)):
        told["by_size"] = _plain(by_size)
    if oldest := _time(found[_OLDEST]):
        told["oldest"] = oldest
    return told


def _decoded(client: Client, path: str, kind: type[Data]) -> Data:
    try:
        return msgspec.json.decode(client.get(path), type=_Answer[kind]).data  # type: ignore[valid-type]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UnansweredError(f"{path}: what came is not what Prometheus says") from None


def _number(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _plain(number: float) -> float:
    return int(number) if number.is_integer() else number


def _time(seconds: float) -> str:
    """A time in RFC 3339; "" for what is none: an empty database begins at the end of time."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return ""
