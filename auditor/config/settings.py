"""The keys of auditor.yaml, their types and defaults: every option of `auditor audit`, and more.

A key is called as its flag, with underscores. docs/configuration.md is the page for people, and
docs/schema/config-v1.json, which is made from these types, the one for editors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from auditor.collect.runtime.endpoint import Endpoint
from auditor.report.terminal import ColorFlag
from auditor.rules import Severity
from auditor.waiver import Terms

FailOn = Literal["critical", "high", "medium", "low", "info", "never"]
"""From which severity on a finding fails the run."""

NONE = "none"
"""What --store, --baseline and --waivers are given to do without what the file says."""

Values: TypeAlias = Mapping[str, Any]
"""Values of parameters, by name; what they may be is known by the policies."""


def _says(description: str, **limits: Any) -> msgspec.Meta:
    """What editors show of a key, and within which bounds its value must be."""
    return msgspec.Meta(description=description, **limits)


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is audited: a cluster (of the current context, if nothing is said), manifests, or a snapshot."""

    manifests: Annotated[tuple[str, ...], _says("Files and folders with manifests.")] = ()
    snapshot: Annotated[str | None, _says("A file that --save-snapshot wrote.")] = None
    context: Annotated[str | None, _says("Context of the kubeconfig.")] = None
    kubeconfig: Annotated[str | None, _says("The kubeconfig to use.")] = None
    namespaces: Annotated[
        tuple[str, ...], _says("Read only these namespaces; for an account that may read no others.")
    ] = ()


class PolicySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is other than the policy says itself."""

    enabled: Annotated[bool | None, _says("Whether it is judged.")] = None
    severity: Annotated[Severity | None, _says("The severity of all that it finds.")] = None
    parameters: Annotated[Values, _says("Values of its parameters, by name.")] = {}


class NamespaceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which namespaces are judged, and which with parameters of their own."""

    include: Annotated[
        tuple[str, ...], _says("Judge only these namespaces: names, or patterns with * and ?.")
    ] = ()
    exclude: Annotated[
        tuple[str, ...], _says("Do not judge these; the report lists them, and wins over `include`.")
    ] = ()
    parameters: Annotated[
        Mapping[str, Mapping[str, Values]],
        _says("By name or pattern of namespaces, then by policy id (or *): values of parameters."),
    ] = {}


class WaiverSettings(Terms, frozen=True, forbid_unknown_fields=True):
    """Where waivers stand, and what they must keep."""

    paths: Annotated[tuple[str, ...], _says("Files, and folders of them.")] = ()


Days = Annotated[int, msgspec.Meta(ge=0)]


class History(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long audits are kept in the store, in days; their records stay for ever."""

    every: Annotated[Days, _says("So long every audit.")] = 7
    daily: Annotated[Days, _says("So long the last one of each day.")] = 90
    weekly: Annotated[Days, _says("So long the last one of each week.")] = 396
    monthly: Annotated[Days, _says("So long the last one of each month.")] = 1096
    hold: Annotated[bool, _says("Delete nothing.")] = False


class RuntimeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The running programs that are asked what they really do, and where."""

    prometheus: Annotated[tuple[Endpoint, ...], _says("The addresses of Prometheus servers.")] = ()
    alertmanager: Annotated[tuple[Endpoint, ...], _says("The addresses of Alertmanagers.")] = ()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that can be said once for many audits."""

    source: Source = Source()
    kube_version: Annotated[str | None, _says("Version that manifests are meant for, as v1.36.")] = None
    runtime: RuntimeSettings = RuntimeSettings()
    audit_logs: Annotated[
        tuple[str, ...], _says("Audit logs of the API servers: files, and folders of them.")
    ] = ()
    save_snapshot: Annotated[str | None, _says("Keep what was read of a cluster in this file.")] = None
    with_secrets: Annotated[
        bool, _says("Read the metadata of Secrets too; never what they hold, which the rights would allow.")
    ] = False
    frameworks: Annotated[tuple[str, ...], _says("Only the policies of these frameworks.")] = ()
    only_policies: Annotated[tuple[str, ...], _says("Only these policies, those switched off too.")] = ()
    policy_folders: Annotated[tuple[str, ...], _says("Folders with policies of your own.")] = ()
    policies: Annotated[Mapping[str, PolicySettings], _says("Changes of single policies, by id.")] = {}
    parameters: Annotated[Values, _says("Values for every policy that declares such a parameter.")] = {}
    namespaces: NamespaceSettings = NamespaceSettings()
    owner_label: Annotated[
        str | None, _says("The label of objects, or of their namespaces, that names who is responsible.")
    ] = None
    output: Annotated[tuple[str, ...], _says("FORMAT or FORMAT=PATH: table, json, html.")] = ("table",)
    fail_on: Annotated[FailOn, _says("Exit 1 on findings of this severity or worse.")] = "high"
    fail_on_system: Annotated[bool, _says("Count findings in system namespaces too.")] = False
    min_coverage: Annotated[float, _says("Exit 3 if less was looked at, in percent.", ge=0, le=100)] = 100
    baseline: Annotated[
        str | None, _says("Count only what is new since this audit: a file of -o json, or `last`.")
    ] = None
    waivers: WaiverSettings = WaiverSettings()
    store: Annotated[str | None, _says("The file of earlier audits, or `none`.")] = None
    history: History = History()
    opa: Annotated[str | None, _says("The OPA binary.")] = None
    color: Annotated[ColorFlag, _says("NO_COLOR and FORCE_COLOR are honoured too.")] = "auto"
    log_format: Annotated[Literal["text", "json"], _says("Form of the messages on stderr.")] = "text"
