"""The settings that policies judge in the configuration files of programs: Prometheus and Loki.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/
https://grafana.com/docs/loki/latest/configure/
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Scalar = Annotated[str, msgspec.Meta(max_length=200)] | int | float | bool | None


class _Part(msgspec.Struct, omit_defaults=True):
    """A part of a file; the fields that it does not name are left out."""


class _Entry(_Part):
    """Something that only counts."""


class _Retention(_Part):
    time: Scalar = None
    size: Scalar = None
    percentage: Scalar = None


class _Database(_Part):
    retention: _Retention | None = None


class _Storage(_Part):
    tsdb: _Database | None = None


class _Compactor(_Part):
    retention_enabled: Scalar = None
    delete_request_store: Scalar = None


class _Stream(_Part):
    period: Scalar = None


class Limits(_Part):
    """How long Loki keeps logs, of all tenants or of one."""

    retention_period: Scalar = None
    retention_stream: list[_Stream] | None = None


class _AllLimits(Limits):
    per_tenant_override_config: Scalar = None


class _Runtime(_Part):
    file: Scalar = None


class _TableManager(_Part):
    retention_deletes_enabled: Scalar = None


class Settings(_Part):
    """The settings that are kept."""

    storage: _Storage | None = None
    remote_write: list[_Entry] | None = None
    target: Scalar = None
    compactor: _Compactor | None = None
    limits_config: _AllLimits | None = None
    runtime_config: _Runtime | None = None
    table_manager: _TableManager | None = None
    overrides: dict[str, Limits | None] | None = None


class File(msgspec.Struct):
    """What is kept of one file: its settings, or why it could not be read."""

    settings: Settings | None = None
    fault: str | None = None
