"""The resources that Kubernetes serves itself, so that people need not write the group of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec

from auditor.access.rule import ALL
from auditor.errors import UsageError, did_you_mean

VERSION = "v1.36"
"""Whose resources: `make shipped` wrote auditor/access/kubernetes/v1.36.json."""


class Resource(msgspec.Struct, frozen=True):
    """What a rule names: a resource of one group, or a sub-resource."""

    name: str
    group: str
    subresource: str = ""
    namespaced: bool | None = None
    """None if it is not known: a custom resource, or `*`."""


class _File(msgspec.Struct):
    apis: list[str]
    resources: list[tuple[str, str, bool, list[str]]]


class Served(msgspec.Struct, frozen=True, eq=False):
    """What an API server of one minor version serves."""

    apis: frozenset[str]
    """Group-versions, as `apps/v1`."""
    verbs: Mapping[tuple[str, str], frozenset[str]]
    """By group and resource, or `resource/subresource`, in order."""
    namespaced: Mapping[tuple[str, str], bool]
    groups: frozenset[str]
    """API groups, "" for the core group."""


@cache
def served(version: str = VERSION) -> Served:
    """Return what is served by a version that is pinned, as `v1.36`."""
    data = files("auditor.access").joinpath("kubernetes", f"{version}.json").read_bytes()
    found = msgspec.json.decode(data, type=_File)
    return Served(
        frozenset(found.apis),
        {(group, name): frozenset(verbs) for group, name, _, verbs in found.resources},
        {(group, name): namespaced for group, name, namespaced, _ in found.resources},
        frozenset(group for group, *_ in found.resources),
    )


@cache
def shipped() -> Mapping[str, Resource]:
    """Return the resources of Kubernetes by their plural; of those in two groups that of the core group."""
    whole = [one for one in served().namespaced.items() if "/" not in one[0][1]]
    return {name: Resource(name, group, "", namespaced) for (group, name), namespaced in reversed(whole)}


def resource(text: str) -> Resource:
    """Read `RESOURCE[.GROUP][/SUB]`, as `pods/exec`, `deployments.apps` or `*`.

    Raises `UsageError` for a resource without a group that Kubernetes does not serve.
    """
    whole, _, subresource = text.partition("/")
    name, dot, group = whole.partition(".")
    if name == ALL and not dot:
        return Resource(ALL, ALL, subresource)
    known = shipped().get(name)
    if dot:
        same = known is not None and known.group == group
        return Resource(name, group, subresource, known.namespaced if known and same else None)
    if known is None:
        raise UsageError(
            f"unknown resource {name!r}{did_you_mean(name, shipped())}",
            "one that Kubernetes does not bring is written with its group: certificates.cert-manager.io",
        )
    return msgspec.structs.replace(known, subresource=subresource)
