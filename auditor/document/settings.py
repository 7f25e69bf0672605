"""The settings that policies judge in the configuration files of programs: Prometheus and Loki.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/
https://prometheus.io/docs/prometheus/latest/configuration/https/
https://grafana.com/docs/loki/latest/configure/
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from auditor.document.rule_groups import Group

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


class _Global(_Part):
    external_labels: dict[str, Scalar] | None = None


class _Relabeling(_Part):
    action: Scalar = None
    regex: str | None = None
    target_label: Scalar = None


class _Alerting(_Part):
    alert_relabel_configs: list[_Relabeling] | None = None


class _ClientTLS(_Part):
    insecure_skip_verify: Scalar = None


class _Job(_Part):
    """What is scraped; of how it logs in only that it does."""

    job_name: Scalar = None
    scheme: Scalar = None
    authorization: _Entry | None = None
    basic_auth: _Entry | None = None
    oauth2: _Entry | None = None
    tls_config: _ClientTLS | None = None


class _ServerTLS(_Part):
    cert_file: Scalar = None
    min_version: Scalar = None


class _ServerHTTP(_Part):
    headers: list[str] | None = None
    """Their names."""


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

    # Prometheus
    global_: _Global | None = msgspec.field(default=None, name="global")
    alerting: _Alerting | None = None
    scrape_configs: list[_Job] | None = None
    storage: _Storage | None = None
    remote_write: list[_Entry] | None = None
    # its rules
    groups: list[Group] | None = None
    # how it and others of its family listen
    tls_server_config: _ServerTLS | None = None
    http_server_config: _ServerHTTP | None = None
    # Loki
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
