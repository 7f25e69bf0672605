"""What ConfigMaps configure: of the files of programs that we know, the settings that policies judge.

A text is read if its outermost keys are those of Prometheus or Loki. Nothing else of it is kept, so what
stands beside these settings, credentials included, is gone before anything is judged.
https://prometheus.io/docs/prometheus/latest/configuration/configuration/
https://grafana.com/docs/loki/latest/configure/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from auditor.document.settings import Limits, Settings
from auditor.document.shape import mistyped
from auditor.model import Body

FIELD = "configuration"
"""Where it stands in what is kept of a ConfigMap: by key of its data."""

MAX_LENGTH = 1024 * 1024
"""Characters of a text that is read: the API server takes no larger ConfigMap."""

MAX_TENANTS = 100
"""Tenants of Loki with a retention of their own: a document holds all of them, or none."""

Parse = Callable[[str], Any]
"""Reads a text of YAML; what it raises, a `ValueError`, quotes nothing of the text."""

_OUTERMOST = frozenset(
    """
    global scrape_configs scrape_config_files rule_files alerting remote_write remote_read storage tracing
    otlp runtime auth_enabled target server common schema_config storage_config limits_config compactor
    table_manager chunk_store_config ingester ingester_client distributor querier query_range query_scheduler
    frontend frontend_worker ruler memberlist runtime_config analytics pattern_ingester index_gateway
    bloom_build bloom_gateway overrides multi_kv_config
    """.split()
)
"""Of the files of Prometheus and Loki, and of what Loki reads again while it runs."""

_NAMES = "|".join(sorted(_OUTERMOST))
_BLOCK = re.compile(rf"""(?m)^["']?(?:{_NAMES})["']?[ \t]*:(?:[ \t\r]|$)""")
_FLOW = re.compile(rf"""\s*\{{\s*["']?(?:{_NAMES})["']?\s*:""")
_NOTHING = re.compile(r"(?:\s|#[^\n]*+(?:\n|\Z))*+\Z")


def with_configuration(body: Body, parse: Parse | None) -> Body:
    """Return a ConfigMap with what its data configures; without `parse` that is not looked at.

    Below `configuration` there is for each key that holds a file of a program we know either
    {settings}, or {fault} with the reason why it cannot be read.
    """
    bare = {key: value for key, value in body.items() if key != FIELD}
    data = body.get("data")
    if not parse or not isinstance(data, dict):
        return bare
    found = {key: _file(text, parse) for key, text in data.items() if isinstance(text, str)}
    told = {key: one for key, one in found.items() if one is not None}
    return {**bare, FIELD: told} if told else bare


def _file(text: str, parse: Parse) -> Body | None:
    """Say what a text sets, or why it cannot be read; None if it is no file that we know."""
    if _NOTHING.match(text):
        return {"settings": {}}
    if not (text.lstrip()[:1] == "{" or _BLOCK.search(text)):
        return None
    try:
        value = _value(text, parse)
    except ValueError as error:
        return {"fault": str(error)}
    if not isinstance(value, dict) or _OUTERMOST.isdisjoint(value):
        return None
    if fault := mistyped(value, Settings, ""):
        return {"fault": fault}
    settings = msgspec.convert(value, Settings)
    tenants = {name: limits for name, limits in (settings.overrides or {}).items() if limits != Limits()}
    if len(tenants) > MAX_TENANTS:
        return {"fault": f"more than {MAX_TENANTS} tenants have a retention of their own"}
    settings.overrides = tenants or None
    return {"settings": msgspec.to_builtins(settings)}


def _value(text: str, parse: Parse) -> Any:
    """Read a text; JSON is read as such, since most of what begins like it is large and none of ours."""
    if text.lstrip()[:1] == "{":
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            if not _FLOW.match(text):
                return None
    if len(text) > MAX_LENGTH:
        raise ValueError(f"it is longer than {MAX_LENGTH:,} characters")
    return parse(text)
