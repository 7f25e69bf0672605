"""Objects put together: the base, what components add, what they change, what a user has set."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from auditor.stack.patches import Object, apply
from auditor.stack.shipped import Delta, Shipped

MARK = "<stack:{}>"
"""What stands in a rendered object for the value of a setting."""

_MARK = re.compile(r"<stack:(\w+)>")

_FIRST = (
    "Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role "
    "ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass "
    "PersistentVolume PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget"
).split()
_LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_RANK = {kind: number - len(_FIRST) for number, kind in enumerate(_FIRST)}
_RANK |= {kind: number + 1 for number, kind in enumerate(_LAST)}


def identity(one: Object) -> str:
    """Return GROUP/KIND/NAMESPACE/NAME of an object; empty are the core's group and no namespace."""
    metadata = one["metadata"]
    group = one["apiVersion"].rpartition("/")[0]
    return "/".join((group, one["kind"], metadata.get("namespace", ""), metadata["name"]))


def rank(one: Object) -> tuple[int, str, str]:
    """Return what objects are sorted by: the order in which kustomize prints them.

    It is the one called legacy, which is the default:
    https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/sortoptions/
    """
    group, _, version = one["apiVersion"].rpartition("/")
    kind, metadata = one["kind"], one["metadata"]
    place = "|".join((metadata.get("namespace") or "~X", metadata["name"]))
    return _RANK.get(kind, 0), "_".join((group or "~G", version, kind)), place


def compose(shipped: Shipped, components: Iterable[str]) -> list[Object]:
    """Return the objects of the base and these components, sorted, settings still as marks.

    The components must be complete and stand in the order of the registry. Raises `PatchError` or
    `KeyError` where they do not fit together, which the build has ruled out for what is allowed.
    """
    objects = {identity(one): one for one in copy.deepcopy(shipped.base)}
    chosen = [name for name in components if name in shipped.components]
    for name in chosen:
        change(objects, shipped.components[name])
    for one in shipped.between:
        if set(one.components) <= set(chosen):
            change(objects, one.delta)
    return sorted(objects.values(), key=rank)


def change(objects: dict[str, Object], delta: Delta) -> None:
    """Add and change objects in place."""
    objects.update({identity(one): one for one in copy.deepcopy(delta.adds)})
    for one in delta.changes:
        apply(objects[one.target], one.patch)


def marks(value: Any) -> set[str]:
    """Return the settings whose values belong somewhere in a value."""
    if isinstance(value, Mapping):
        return set().union(*map(marks, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return set().union(*map(marks, value))
    return set(_MARK.findall(value)) if isinstance(value, str) else set()


def filled(value: Any, settings: Mapping[str, str], several: Mapping[str, Sequence[str]]) -> Any:
    """Return a value with every mark replaced by its setting.

    An entry of a list that holds a setting with `several` values becomes as many entries.
    """
    if isinstance(value, dict):
        return {key: filled(part, settings, several) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, said, several) for part in value for said in _each(part, settings, several)]
    if isinstance(value, str) and "<stack:" in value:
        return _MARK.sub(lambda found: settings[found[1]], value)
    return value


def _each(
    part: Any, settings: Mapping[str, str], several: Mapping[str, Sequence[str]]
) -> list[Mapping[str, str]]:
    """Return the settings for each entry that an entry of a list becomes."""
    names = sorted(_own_marks(part).intersection(several))
    return [{**settings, names[0]: one} for one in several[names[0]]] if names else [settings]


def _own_marks(part: Any) -> set[str]:
    """The settings that are whole values of an entry, and not those of lists within it."""
    if isinstance(part, dict):
        return set().union(*map(_own_marks, part.values()))
    mark = _MARK.fullmatch(part) if isinstance(part, str) else None
    return {mark[1]} if mark else set()
