"""The options that say which stack is wanted, shared by the commands that make it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from auditor.config.strict import read_yaml
from auditor.errors import UsageError
from auditor.stack.alerts import Off, Wishes
from auditor.stack.choice import FLAGS, Request, Said, read_settings
from auditor.stack.shipped import AlertList

_NEEDED = "say which: --profile minimal, ha or azure-mlops"

Profile = Annotated[str | None, typer.Option(metavar="NAME", help="minimal, ha or azure-mlops.")]
With = Annotated[
    list[str] | None,
    typer.Option("--with", metavar="COMPONENT", help="A component more than the profile has. Repeatable."),
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="COMPONENT", help="One less. Repeatable."),
]
Cluster = Annotated[str | None, typer.Option(metavar="NAME", help="Label of every series and alert.")]
Environment = Annotated[str | None, typer.Option(metavar="NAME", help="The same: production, test.")]
ApiServerCidr = Annotated[
    list[str] | None, typer.Option(metavar="CIDR", help="Addresses of the API server. Repeatable.")
]
NodeCidr = Annotated[
    list[str] | None, typer.Option(metavar="CIDR", help="Addresses of the nodes. Repeatable.")
]
ReceiverCidr = Annotated[
    list[str] | None,
    typer.Option(metavar="CIDR", help="Addresses of those whom Alertmanager notifies. Repeatable."),
]
RetentionTime = Annotated[
    str | None, typer.Option(metavar="DURATION", help="How old samples become, as 30d.")
]
RetentionSize = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="How many bytes they become, as 40GB; at most 85 % of the storage."),
]
StorageSize = Annotated[
    str | None, typer.Option(metavar="SIZE", help="Volume of each replica of Prometheus, as 100Gi.")
]
StorageClass = Annotated[
    str | None, typer.Option(metavar="NAME", help="Class of every volume; default: the cluster's.")
]
Replicas = Annotated[int | None, typer.Option(min=1, metavar="N", help="Replicas of Prometheus.")]
Host = Annotated[
    str | None, typer.Option(metavar="NAME", help="At which people reach the query tier; for an edge.")
]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="CIDR", help="Who may ask there; for ingress components. Repeatable."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any key of settings.yaml. Repeatable."),
]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="The settings.yaml of an overlay; options win over it."),
]
DisableAlert = Annotated[
    list[str] | None,
    typer.Option("--disable-alert", metavar="ALERT=REASON", help="Switch an alert off. Repeatable."),
]
Presets = Annotated[
    list[str] | None,
    typer.Option(
        "--preset",
        metavar="NAME",
        help="Switch off what is of no use in a cluster that is managed, autoscaled, no-kube-proxy or "
        "cilium. Repeatable.",
    ),
]
AlertsFile = Annotated[
    Path | None,
    typer.Option("--alerts", metavar="FILE", help="A file like deploy/alerts.yaml: disabled, presets."),
]


class Values(msgspec.Struct, frozen=True):
    """What was said on the command line; None is nothing."""

    profile: str | None = None
    more: Sequence[str] | None = None
    less: Sequence[str] | None = None
    cluster: str | None = None
    environment: str | None = None
    api_server_cidr: Sequence[str] | None = None
    node_cidr: Sequence[str] | None = None
    receiver_cidr: Sequence[str] | None = None
    retention_time: str | None = None
    retention_size: str | None = None
    storage_size: str | None = None
    storage_class: str | None = None
    replicas: int | None = None
    host: str | None = None
    allow: Sequence[str] | None = None
    pairs: Sequence[str] | None = None
    settings: Path | None = None
    disable_alert: Sequence[str] | None = None
    presets: Sequence[str] | None = None
    alerts: Path | None = None

    def request(self) -> Request:
        """Return what is asked for; raises `UsageError` for a pair that is none, or a key said twice."""
        if self.profile is None:
            raise UsageError("no profile is named", _NEEDED)
        if self.storage_class is not None and not self.storage_class:
            raise UsageError("--storage-class: must be the name of a StorageClass, not ''")
        said = dict(self._options())
        for text in self.pairs or ():
            key, separator, value = text.partition("=")
            if not separator:
                raise UsageError(f"--set {text}: must be KEY=VALUE")
            if key in said:
                raise UsageError(f"--set {text}: {key} is said by {said[key].where} already")
            said[key] = Said(value, f"--set {key}")
        file = read_settings(self.settings) if self.settings else {}
        return Request(
            self.profile,
            tuple(self.more or ()),
            tuple(self.less or ()),
            {**file, **said},
            self.replicas,
            self.storage_class,
        )

    def alert_wishes(self) -> Wishes:
        """Return which alerts are to be switched off; raises `UsageError` for one without a reason."""
        found = []
        listed = read_yaml(self.alerts).convert(AlertList) if self.alerts else AlertList()
        found += [Off(one.alert, one.reason, str(self.alerts)) for one in listed.disabled]
        for text in self.disable_alert or ():
            alert, _, reason = text.partition("=")
            if not reason.strip():
                raise UsageError(
                    f"--disable-alert {text}: the reason is missing",
                    f"--disable-alert '{alert}=why this cluster does without it'",
                )
            found.append(Off(alert, reason.strip(), "--disable-alert"))
        for one in found:
            if not one.reason.strip():
                raise UsageError(f"{one.by}: {one.alert}: the reason is missing")
        return Wishes(tuple(found), tuple(self.presets or ()), listed.presets)

    def words(self) -> Iterator[str]:
        """Yield the words of the command line that says the same."""
        for name in self.__struct_fields__:
            option = {"more": "with", "less": "without", "pairs": "set", "presets": "preset"}.get(name, name)
            value = getattr(self, name)
            for one in value if isinstance(value, list | tuple) else [] if value is None else [value]:
                yield from (f"--{option.replace('_', '-')}", str(one))

    def _options(self) -> Iterator[tuple[str, Said]]:
        """Every setting that has an option of its own."""
        for key, option in FLAGS.items():
            value = getattr(self, option.removeprefix("--").replace("-", "_"))
            if value is not None:
                text = value if isinstance(value, str) else ",".join(value)
                yield key, Said(text, option)


OPTIONS: dict[str, Any] = {
    "profile": Profile, "more": With, "less": Without, "cluster": Cluster, "environment": Environment,
    "api_server_cidr": ApiServerCidr, "node_cidr": NodeCidr, "receiver_cidr": ReceiverCidr,
    "retention_time": RetentionTime, "retention_size": RetentionSize, "storage_size": StorageSize,
    "storage_class": StorageClass, "replicas": Replicas, "host": Host, "allow": Allow, "pairs": Set,
    "settings": SettingsFile, "disable_alert": DisableAlert, "presets": Presets, "alerts": AlertsFile,
}  # fmt: skip
"""The option of each field of `Values`."""


def taking(command: Callable[..., int]) -> Callable[..., int]:
    """Return a command whose options are all of these and its own; it is given them as `values`."""
    own = [
        one for one in inspect.signature(command, eval_str=True).parameters.values() if one.name != "values"
    ]
    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter(name, keyword, default=None, annotation=kind) for name, kind in OPTIONS.items()
    ]

    def run(**given: Any) -> int:
        values = Values(**{name: given.pop(name) for name in OPTIONS})
        return command(values=values, **given)

    parameters = [*shared, *(one.replace(kind=keyword) for one in own)]
    run.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run
