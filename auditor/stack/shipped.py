"""What ships with the program: profiles, components and settings, rendered when it was built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from auditor.errors import BundleError
from auditor.stack.digest import digest
from auditor.stack.patches import Object, Operation

SETTINGS_NAME = "stack-settings"
"""The ConfigMap of an overlay's settings.yaml, which is used while rendering and is not applied."""


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key of settings.yaml."""

    kind: str
    about: str


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One component as deploy/components.yaml tells of it."""

    about: str
    requires: tuple[str, ...] = ()
    requires_one_of: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    always: bool = False


class Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """deploy/components.yaml; the order of components is that in which they are applied."""

    components: dict[str, Row]
    settings: dict[str, Setting]

    def rivals(self, name: str) -> set[str]:
        """Return what a component cannot stand beside, whichever of the two says so."""
        said = {other for other, row in self.components.items() if name in row.conflicts}
        return said.union(self.components[name].conflicts)

    def closure(self, *names: str) -> list[str]:
        """Return components with all that they stand on, in the order in which they are applied."""
        wanted = set(names)
        for name in reversed(self.components):
            if name in wanted:
                wanted.update(self.components[name].requires)
        return [name for name in self.components if name in wanted]

    def allowed(self, names: Sequence[str]) -> bool:
        """Tell whether components may stand beside each other."""
        return not any(self.rivals(name).intersection(names) for name in names)

    @property
    def always(self) -> list[str]:
        """What is part of everything."""
        return [name for name, row in self.components.items() if row.always]


class Change(msgspec.Struct, frozen=True):
    """What is changed of one object."""

    target: str
    """Its identity: GROUP/KIND/NAMESPACE/NAME."""
    patch: tuple[Operation, ...]


class Delta(msgspec.Struct, frozen=True):
    """What a component makes of what it stands on."""

    adds: tuple[Object, ...] = ()
    changes: tuple[Change, ...] = ()


class Between(msgspec.Struct, frozen=True):
    """What two components do to each other, beyond what each of them does alone."""

    components: tuple[str, str]
    delta: Delta


class Profile(msgspec.Struct, frozen=True):
    """An overlay that ships."""

    components: tuple[str, ...]
    settings: dict[str, str]


class SwitchedOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alert, and why a cluster does without it."""

    alert: str
    reason: str


class AlertList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file like deploy/alerts.yaml."""

    disabled: tuple[SwitchedOff, ...] = ()
    presets: dict[str, tuple[SwitchedOff, ...]] = {}


class Shipped(msgspec.Struct, frozen=True):
    """All of it: build/stack.json in a checkout, auditor/_data/stack.json in a wheel."""

    source: str
    """The digest of the deploy/ that it was rendered of."""
    kustomize: str
    """The version that rendered it."""
    registry: Registry
    profiles: dict[str, Profile]
    base: tuple[Object, ...]
    components: dict[str, Delta]
    """Of each component that is somebody's choice."""
    between: tuple[Between, ...]
    presets: dict[str, tuple[SwitchedOff, ...]]

    def choices(self) -> Mapping[str, Row]:
        """Return the components that a user may choose."""
        return {name: row for name, row in self.registry.components.items() if not row.always}


def load(rendered: Path, deploy: Path) -> Shipped:
    """Read what ships; raise `BundleError` if it is broken or of another deploy/ than the one beside it."""
    hint = "in a checkout: make stack; else install auditor again"
    try:
        shipped = msgspec.json.decode(rendered.read_bytes(), type=Shipped)
    except OSError as error:
        raise BundleError(f"{rendered}: cannot be read: {error.strerror}", hint) from None
    except msgspec.MsgspecError as error:
        raise BundleError(f"{rendered}: is no rendered stack: {error}", hint) from None
    if shipped.source != digest(deploy):
        raise BundleError(f"{rendered}: was not rendered of {deploy} as it is now", hint)
    return shipped


def encode(shipped: Shipped) -> bytes:
    """Return the bytes of the file: the same for the same deploy/."""
    return msgspec.json.encode(shipped) + b"\n"  # in the order of the registry, which counts
