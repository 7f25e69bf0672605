"""Definitions of custom kinds: their schema takes every field, so they prove nothing of what is in them."""

from __future__ import annotations

from typing import Any

APPROVAL = "api-approved.kubernetes.io"
"""The annotation that the API server asks for in groups of `k8s.io`."""


def definition(
    api_version: str, kind: str, plural: str, *, namespaced: bool = True, scaled: bool = False
) -> dict[str, Any]:
    """Return the CustomResourceDefinition of a kind; with `scaled` it has a scale subresource."""
    group, _, name = api_version.partition("/")
    scale = {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    }
    version = {
        "name": name,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
        "subresources": {"status": {}, **({"scale": scale} if scaled else {})},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}", "annotations": {APPROVAL: "unapproved, for a test"}},
        "spec": {
            "group": group,
            "scope": "Namespaced" if namespaced else "Cluster",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [version],
        },
    }
