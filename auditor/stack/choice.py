"""What is wanted, checked: a profile, components more or less, and what is to be set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from auditor.config.strict import read_yaml
from auditor.errors import UsageError, did_you_mean
from auditor.stack import kinds
from auditor.stack.shipped import SETTINGS_NAME, Shipped

LIST = "auditor stack components lists them"


class Said(msgspec.Struct, frozen=True):
    """A value, and where it was said."""

    value: str
    where: str
    """As `--host`, or file and line."""
    firm: bool = True
    """Not in a file, which may hold more than is used."""


class Request(msgspec.Struct, frozen=True):
    """What a user asks for."""

    profile: str
    more: tuple[str, ...] = ()
    """--with"""
    less: tuple[str, ...] = ()
    """--without"""
    settings: Mapping[str, Said] = {}
    replicas: int | None = None
    storage_class: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """What is rendered."""

    profile: str
    components: tuple[str, ...]
    """In the order of the registry; those that are part of everything are left out."""
    settings: dict[str, str]
    """Of every setting that the components carry."""
    replicas: int | None = None
    storage_class: str | None = None

    @property
    def unset(self) -> list[str]:
        """Return the settings whose value only stands for one."""
        return [key for key, value in self.settings.items() if kinds.PLACEHOLDER.search(value)]


class SettingsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A settings.yaml: the ConfigMap of an overlay."""

    data: dict[str, str]
    metadata: msgspec.Raw | dict[str, object] = {}
    apiVersion: str = "v1"
    kind: str = "ConfigMap"


def read_settings(path: Path) -> dict[str, Said]:
    """Read the settings.yaml of an overlay; raise `ConfigError` if it is none."""
    file = read_yaml(path)
    read = file.convert(SettingsFile)
    if isinstance(read.metadata, dict) and read.metadata.get("name", SETTINGS_NAME) != SETTINGS_NAME:
        raise file.fault(
            f"must be {SETTINGS_NAME}: a settings.yaml of an overlay is wanted", "metadata", "name"
        )
    return {
        key: Said(value, f"{path}:{file.line('data', key)}: {key}", firm=False)
        for key, value in read.data.items()
    }


def choose(shipped: Shipped, request: Request) -> Choice:
    """Return what a request comes to; raise `UsageError` for the first thing that is wrong with it."""
    if request.profile not in shipped.profiles:
        raise UsageError(
            f"--profile {request.profile}: unknown profile{did_you_mean(request.profile, shipped.profiles)}",
            f"profiles: {', '.join(shipped.profiles)}",
        )
    components = _components(shipped, request)
    used = {
        key: [name for name in (*components, *shipped.registry.always) if key in _row(shipped, name)]
        for key in shipped.registry.settings
    }
    used = {key: names for key, names in used.items() if names}
    _check_known(shipped, request.settings, used)
    settings = {
        key: value for key, value in shipped.profiles[request.profile].settings.items() if key in used
    }
    settings |= {key: said.value for key, said in request.settings.items() if key in used}
    for key, names in used.items():
        if key not in settings:
            raise UsageError(
                f"the component {names[0]} needs {key}, {shipped.registry.settings[key].about}",
                f"add {flag(key)}",
            )
    for key, value in settings.items():
        if problem := kinds.KINDS[shipped.registry.settings[key].kind](value):
            raise UsageError(f"{_where(request, key)}: {problem}, not {value!r}")
    _check_retention(request, settings)
    ordered = {key: settings[key] for key in shipped.registry.settings if key in settings}
    return Choice(request.profile, tuple(components), ordered, request.replicas, request.storage_class)


FLAGS = {
    "cluster": "--cluster",
    "environment": "--environment",
    "apiServerCidr": "--api-server-cidr",
    "nodeCidr": "--node-cidr",
    "receiverCidr": "--receiver-cidr",
    "retentionTime": "--retention-time",
    "retentionSize": "--retention-size",
    "storageSize": "--storage-size",
    "host": "--host",
    "allowCidr": "--allow",
}
"""Settings with an option of their own; --set is for the others."""


def flag(key: str) -> str:
    """Return how a setting is said on the command line."""
    return f"{FLAGS[key]} VALUE" if key in FLAGS else f"--set {key}=VALUE"


def _where(request: Request, key: str) -> str:
    return request.settings[key].where if key in request.settings else key


def _row(shipped: Shipped, name: str) -> Sequence[str]:
    return shipped.registry.components[name].settings


def _components(shipped: Shipped, request: Request) -> list[str]:
    """The components of the profile, and those more or less, if they can stand beside each other."""
    registry, of_profile = shipped.registry, shipped.profiles[request.profile].components
    _check_named(shipped, request)
    wanted = {*of_profile, *request.more}.difference(request.less)
    components = [name for name in registry.components if name in wanted]
    for name in components:
        for needed in registry.components[name].requires:
            if needed not in wanted:
                also = f"leave it out too: --without {name}"
                raise UsageError(
                    f"{name} requires {needed}", also if needed in request.less else f"add --with {needed}"
                )
        one_of = registry.components[name].requires_one_of
        if one_of and not wanted.intersection(one_of):
            raise UsageError(f"{name} requires one of {', '.join(one_of)}", f"add --with {one_of[0]}")
        if rivals := sorted(registry.rivals(name).intersection(wanted)):
            advice = next((one for one in (rivals[0], name) if one in of_profile), "")
            raise UsageError(
                f"{name} and {rivals[0]} exclude each other",
                f"add --without {advice}" if advice else "choose one of them",
            )
    return components


def _check_named(shipped: Shipped, request: Request) -> None:
    """Every component that is named exists, and can be added or left out."""
    for option, names in (("--with", request.more), ("--without", request.less)):
        for name in names:
            if name not in shipped.registry.components:
                near = did_you_mean(name, shipped.choices())
                raise UsageError(f"{option} {name}: unknown component{near}", LIST)
            if shipped.registry.components[name].always:
                raise UsageError(f"{option} {name}: it is part of everything", LIST)
    if both := sorted(set(request.more).intersection(request.less)):
        raise UsageError(f"{both[0]} is wanted --with and --without")
    for name in request.less:
        if name not in shipped.profiles[request.profile].components:
            raise UsageError(f"--without {name}: the profile {request.profile} does not have it", LIST)


def _check_known(shipped: Shipped, said: Mapping[str, Said], used: Mapping[str, object]) -> None:
    """Every setting exists, and what was said on the command line has somewhere to go."""
    for key, one in said.items():
        if key not in shipped.registry.settings:
            near = did_you_mean(key, shipped.registry.settings)
            raise UsageError(
                f"{one.where}: unknown setting{near}", f"settings: {', '.join(shipped.registry.settings)}"
            )
        if key not in used and one.firm:
            takers = ", ".join(_takers(shipped, key))
            raise UsageError(
                f"{one.where}: no chosen component has the setting {key}", f"these have it: {takers}"
            )


def _takers(shipped: Shipped, key: str) -> Iterator[str]:
    return (name for name in shipped.registry.components if key in _row(shipped, name))


def ignored(shipped: Shipped, request: Request, choice: Choice) -> list[str]:
    """Return where a file sets what no chosen component has."""
    return [
        one.where
        for key, one in request.settings.items()
        if key not in choice.settings and key in shipped.registry.settings
    ]


def _check_retention(request: Request, settings: Mapping[str, str]) -> None:
    size, volume = settings["retentionSize"], settings["storageSize"]
    if kinds.size_bytes(size) > kinds.LARGEST_SHARE * kinds.quantity_bytes(volume):
        where = next(
            (_where(request, key) for key in ("retentionSize", "storageSize") if key in request.settings),
            "retentionSize",
        )
        raise UsageError(
            f"{where}: {size} of samples are more than {kinds.LARGEST_SHARE:.0%} of the volume of {volume}",
            "the rest is for the write-ahead log and for blocks while they are compacted: "
            "change --retention-size or --storage-size",
        )
