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


class _Shipped(msgspec.Struct):
    resources: list[tuple[str, str, bool]]


@cache
def shipped() -> Mapping[str, Resource]:
    """Return the resources of Kubernetes by their plural; of those in two groups that of the core group."""
    data = files("auditor.access").joinpath("kubernetes", f"{VERSION}.json").read_bytes()
    found = msgspec.json.decode(data, type=_Shipped).resources
    return {name: Resource(name, group, "", namespaced) for group, name, namespaced in reversed(found)}


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
