"""What ConfigMaps configure: of the files of programs that we know, the settings that policies judge.

A text is read if its outermost keys are those of Prometheus, of its rules, of how it listens, or of Loki.
Nothing else of it is kept, so what stands beside these settings, credentials included, is gone before
anything is judged.
https://prometheus.io/docs/prometheus/latest/configuration/configuration/
https://grafana.com/docs/loki/latest/configure/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from auditor.document import rule_groups
from auditor.document.settings import Limits, Settings
from auditor.document.shape import mistyped
from auditor.model import Body

FIELD = "configuration"
"""Where it stands in what is kept of a ConfigMap: by key of its data."""

MAX_LENGTH = 1024 * 1024
"""Characters of a text that is read: the API server takes no larger ConfigMap."""

MAX_TENANTS = 100
"""Tenants of Loki with a retention of their own: a document holds all of them, or none."""

_TOKENS = frozenset({"bearer_token", "bearer_token_file"})

Parse = Callable[[str], Any]
"""Reads a text of YAML; what it raises, a `ValueError`, quotes nothing of the text."""

_OUTERMOST = frozenset(
    """
    global scrape_configs scrape_config_files rule_files alerting remote_write remote_read storage tracing
    otlp runtime groups tls_server_config http_server_config basic_auth_users auth_enabled target server
    common schema_config storage_config limits_config compactor table_manager chunk_store_config ingester
    ingester_client distributor querier query_range query_scheduler frontend frontend_worker ruler
    memberlist runtime_config analytics pattern_ingester index_gateway bloom_build bloom_gateway overrides
    multi_kv_config
    """.split()
)
"""Of the files of Prometheus and Loki, and of what they read beside those."""

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
    allowance = rule_groups.Allowance()
    found = {key: _file(text, parse, allowance) for key, text in data.items() if isinstance(text, str)}
    told = {key: one for key, one in found.items() if one is not None}
    return {**bare, FIELD: told} if told else bare


def _file(text: str, parse: Parse, allowance: rule_groups.Allowance) -> Body | None:
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
    if "groups" in value and not rule_groups.written(value["groups"]):
        return None
    fault = mistyped(value, rule_groups.Written, "") or mistyped(
        value := _bare(value, allowance), Settings, ""
    )
    return {"fault": fault} if fault else _told(msgspec.convert(value, Settings))


def _told(settings: Settings) -> Body:
    tenants = {name: limits for name, limits in (settings.overrides or {}).items() if limits != Limits()}
    if len(tenants) > MAX_TENANTS:
        return {"fault": f"more than {MAX_TENANTS} tenants have a retention of their own"}
    settings.overrides = tenants or None
    if settings.global_ and settings.global_.external_labels is None:
        settings.global_ = None
    return {"settings": msgspec.to_builtins(settings)}


def _bare(value: Body, allowance: rule_groups.Allowance) -> Body:
    """The file without what is kept in other words: rules, headers, and tokens in clear."""
    bare = dict(value)
    if groups := value.get("groups"):
        bare["groups"] = rule_groups.told(groups, allowance)
    if isinstance(server := value.get("http_server_config"), dict) and isinstance(
        headers := server.get("headers"), dict
    ):
        bare["http_server_config"] = {"headers": sorted(map(str, headers))}
    if isinstance(jobs := value.get("scrape_configs"), list):
        bare["scrape_configs"] = [_job(one) if isinstance(one, dict) else one for one in jobs]
    return bare


def _job(job: Body) -> Body:
    """A job without the older spelling of a token, which counts as one of today."""
    return {**job, "authorization": {}} if job.keys() & _TOKENS else job


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
