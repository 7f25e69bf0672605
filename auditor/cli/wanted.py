"""What one audit is asked to do: the flags, auditor.yaml and the defaults, put together once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from auditor.cli.checks import check_file, check_names
from auditor.cli.message import LogFormat, Messages
from auditor.cli.outputs import Output, parse_outputs
from auditor.cli.source import Endpoints, Scope
from auditor.collect.runtime.endpoint import FORM, Endpoint, endpoint
from auditor.config.effective import Effective, Flag, Keys, resolve
from auditor.config.file import ConfigFile, overrides, read_config
from auditor.config.settings import NONE, FailOn, History
from auditor.errors import UsageError
from auditor.evaluate.overrides import Overrides
from auditor.judge.namespaces import Namespaces
from auditor.judge.selection import Selection, select
from auditor.report.shape import Shape
from auditor.report.terminal import ColorFlag
from auditor.rules import Bundle, Severity
from auditor.waiver import Terms


class Flags(msgspec.Struct, frozen=True, kw_only=True):
    """The command line; None, or nothing, where it does not say."""

    config: Path | None = None
    manifests: Sequence[str] | None = None
    context: str | None = None
    kubeconfig: str | None = None
    namespaces: Sequence[str] | None = None
    snapshot: str | None = None
    save_snapshot: str | None = None
    with_secrets: bool | None = None
    prometheus: Sequence[str] | None = None
    alertmanager: Sequence[str] | None = None
    audit_logs: Sequence[str] | None = None
    frameworks: Sequence[str] | None = None
    policies: Sequence[str] | None = None
    folders: Sequence[Path] | None = None
    outputs: Sequence[str] | None = None
    fail_on: FailOn | None = None
    fail_on_system: bool | None = None
    min_coverage: float | None = None
    kube_version: str | None = None
    baseline: str | None = None
    waivers: Sequence[str] | None = None
    store: str | None = None
    dry_run: bool = False
    shape: Shape = Shape()
    opa: str | None = None
    color: ColorFlag | None = None
    log_format: LogFormat | None = None


SETTINGS: Mapping[str, tuple[Keys, str]] = {
    "manifests": (("source", "manifests"), "-f"),
    "context": (("source", "context"), "--context"),
    "kubeconfig": (("source", "kubeconfig"), "--kubeconfig"),
    "namespaces": (("source", "namespaces"), "-n"),
    "snapshot": (("source", "snapshot"), "--snapshot"),
    "save_snapshot": (("save_snapshot",), "--save-snapshot"),
    "with_secrets": (("with_secrets",), "--with-secrets"),
    "prometheus": (("runtime", "prometheus"), "--prometheus"),
    "alertmanager": (("runtime", "alertmanager"), "--alertmanager"),
    "audit_logs": (("audit_logs",), "--audit-log"),
    "frameworks": (("frameworks",), "--framework"),
    "policies": (("only_policies",), "--policy"),
    "folders": (("policy_folders",), "--policies"),
    "outputs": (("output",), "-o"),
    "fail_on": (("fail_on",), "--fail-on"),
    "fail_on_system": (("fail_on_system",), "--fail-on-system"),
    "min_coverage": (("min_coverage",), "--min-coverage"),
    "kube_version": (("kube_version",), "--kube-version"),
    "baseline": (("baseline",), "--baseline"),
    "waivers": (("waivers", "paths"), "--waivers"),
    "store": (("store",), "--store or AUDITOR_STORE"),
    "opa": (("opa",), "--opa or AUDITOR_OPA"),
    "color": (("color",), "--color"),
    "log_format": (("log_format",), "--log-format"),
}
"""For each flag, the setting that it makes, and how people write it. What is not here is about one run."""


class Wanted(msgspec.Struct, frozen=True, eq=False):
    """What one audit is asked to do; `audit()` works from this alone."""

    scope: Scope
    outputs: Sequence[Output]
    messages: Messages
    overrides: Overrides
    namespaces: Namespaces
    terms: Terms
    """What waivers must keep."""
    history: History
    """How long audits are kept."""
    frameworks: Sequence[str] = ()
    policies: Sequence[str] = ()
    folders: Sequence[Path] = ()
    owner_label: str = ""
    save_snapshot: str = ""
    """A file, or "" for none."""
    with_secrets: bool = False
    """Whether the metadata of Secrets may be read."""
    endpoints: Endpoints = {}
    """Where running programs are asked what they do."""
    audit_logs: Sequence[str] = ()
    """Files and folders."""
    fail_on: Severity | None = None
    """None is never."""
    fail_on_system: bool = False
    min_coverage: float = 100
    baseline: str = ""
    """A file, `last`, or "" for none."""
    waivers: Sequence[Path] = ()
    store: str | None = None
    """A file, `none`, or None for the usual place; as `store_path` takes it."""
    dry_run: bool = False
    shape: Shape = Shape()
    """How much of the audit a terminal is shown."""
    opa: str | None = None
    color: ColorFlag = "auto"
    config: ConfigFile | None = None

    def selection(self, bundle: Bundle, attested: Collection[str] = ()) -> Selection:
        """Return which of the bundle is audited; raises as `select` does, for the file with the line.

        `attested` are the frameworks that attestations name.
        """
        if self.config:
            check_names(self.config, bundle)
        chosen = select(bundle, self.frameworks, self.policies, attested, secrets=self.with_secrets)
        return msgspec.structs.replace(chosen, namespaces=self.namespaces, owner_label=self.owner_label)


def effective(flags: Flags) -> Effective:
    """Return the settings that are in force, and where they come from; raises `ConfigError`."""
    made = {}
    for name, (keys, written) in SETTINGS.items():
        value = getattr(flags, name)
        if value is not None and value != []:
            setting = _endpoints(written, value) if keys[0] == "runtime" else _as_written(value)
            made[keys] = Flag(keys, written, setting)
    return resolve(read_config(flags.config) if flags.config else None, made)


def wanted(flags: Flags, formats: Collection[str]) -> Wanted:
    """Put together what an audit is asked to do; `formats` are those of -o.

    Raises `ConfigError` for what is wrong in the file, and `UsageError` for what is wrong in the flags.
    """
    found = effective(flags)
    settings, source = found.settings, found.settings.source
    if found.config:
        check_file(found.config, formats)
        _check_dry_run(found, dry_run=flags.dry_run)
    messages = Messages.settled(settings.log_format)
    return Wanted(
        scope=Scope(
            manifests=source.manifests,
            snapshot=source.snapshot,
            kubeconfig=source.kubeconfig,
            context=source.context,
            namespaces=source.namespaces,
            kube_version=_kube_version(found),
        ),
        outputs=_outputs(found, formats, dry_run=flags.dry_run),
        messages=messages,
        overrides=overrides(found.config),
        namespaces=Namespaces(
            include=settings.namespaces.include,
            exclude=settings.namespaces.exclude,
            named=tuple(flags.namespaces or ()),
        ),
        terms=settings.waivers,
        history=settings.history,
        frameworks=settings.frameworks,
        policies=settings.only_policies,
        folders=tuple(map(Path, settings.policy_folders)),
        owner_label=settings.owner_label or "",
        save_snapshot=_save_snapshot(found, dry_run=flags.dry_run),
        with_secrets=settings.with_secrets,
        endpoints=_asked(found),
        audit_logs=_audit_logs(found),
        fail_on=None if settings.fail_on == "never" else Severity(settings.fail_on),
        fail_on_system=settings.fail_on_system,
        min_coverage=settings.min_coverage,
        baseline="" if settings.baseline in (None, NONE) else str(settings.baseline),
        waivers=() if flags.waivers == [NONE] else tuple(map(Path, settings.waivers.paths)),
        store=settings.store,
        dry_run=flags.dry_run,
        shape=flags.shape,
        opa=settings.opa,
        color=settings.color,
        config=found.config,
    )


def _as_written(value: Any) -> Any:
    """A flag as the setting of the file would be: paths as text, lists as tuples."""
    if isinstance(value, list | tuple):
        return tuple(map(_as_written, value))
    return str(value) if isinstance(value, Path) else value


def _endpoints(flag: str, texts: Sequence[str]) -> tuple[Endpoint, ...]:
    found: dict[tuple[str, str], Endpoint] = {}
    for text in texts:
        try:
            one = endpoint(text)
        except ValueError as error:
            # the text may hold a password, which is one of the reasons
            hint = f"write it as {FORM}; what more there is to say of it, auditor.yaml can say"
            raise UsageError(f"{flag}: one of the values {error}", hint) from None
        found[one.address] = one
    return tuple(found.values())


def _asked(found: Effective) -> Endpoints:
    """Whom to ask; what the file says of it is none of a snapshot's business."""
    runtime = found.settings.runtime
    endpoints: Endpoints = {"prometheus": runtime.prometheus, "alertmanager": runtime.alertmanager}
    if not found.settings.source.snapshot:
        return endpoints
    for program in endpoints:
        if ("runtime", program) in found.flags:
            reason = "it is what was read, and what running programs said then"
            raise UsageError(f"--{program} cannot be combined with --snapshot: {reason}")
    return {}


def _audit_logs(found: Effective) -> Sequence[str]:
    """Which audit logs to read; what the file says of them is none of a snapshot's business."""
    if not found.settings.source.snapshot:
        return found.settings.audit_logs
    if ("audit_logs",) in found.flags:
        reason = "it is what was read, the audit log among it"
        raise UsageError(f"--audit-log cannot be combined with --snapshot: {reason}")
    return ()


def _check_dry_run(found: Effective, *, dry_run: bool) -> None:
    for key in ("manifests", "snapshot"):
        if dry_run and found.config and found.from_file("source", key):
            reason = "--dry-run asks a cluster for rights; --context names one"
            raise found.config.fault(reason, "source", key)


def _outputs(found: Effective, formats: Collection[str], *, dry_run: bool) -> list[Output]:
    # what the file names are reports of audits: a dry run must not replace one
    texts = ["table"] if dry_run and found.from_file("output") else found.settings.output
    return parse_outputs(texts, formats)


def _kube_version(found: Effective) -> str:
    """The version that manifests are meant for; what the file says of it is none of a cluster's business."""
    idle = found.from_file("kube_version") and not found.settings.source.manifests
    return "" if idle else found.settings.kube_version or ""


def _save_snapshot(found: Effective, *, dry_run: bool) -> str:
    """Where the snapshot is kept; what the file says of it is about clusters that are read."""
    source = found.settings.source
    path = found.settings.save_snapshot or ""
    if found.from_file("save_snapshot"):
        return "" if dry_run or source.manifests or source.snapshot else path
    if path and source.manifests:
        raise UsageError("--save-snapshot is for a cluster: manifests are a snapshot already")
    return path
