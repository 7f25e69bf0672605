"""`network_plugins`: what a DaemonSet that is a known network plugin does with policies; {} for all others.

{plugin, enforces, why, others, served, policies}: `enforces` is yes, no or unknown, `others` the DaemonSets
that do enforce, {total, items}, `served` API groups of engines that enforce, `policies` how many there are.
A plugin is known by its image: its DaemonSet may have any name.
https://kubernetes.io/docs/concepts/cluster-administration/networking/
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from functools import cached_property
from typing import Any

import msgspec

from auditor.document.normalise import pod_holder
from auditor.document.relations.bounded import bounded
from auditor.document.relations.relation import Relation, World
from auditor.model import Resource

POLICIES = ("NetworkPolicy", "ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy")

ENGINE_GROUPS = ("cilium.io", "crd.antrea.io", "crd.projectcalico.org", "k8s.ovn.org", "kubeovn.io")
"""API groups of engines that enforce Kubernetes' policies too: where they are served, one was installed."""

_AGENT = re.compile(r"(^|/)aws-network-policy-agent$")


class _Plugin(msgspec.Struct, frozen=True):
    name: str
    image: str
    """What the path of its image matches, without registry, tag and digest."""
    enforces: str
    why: str


_SAYS = "its own documentation says so"

_PLUGINS = (
    _Plugin("Calico", r"(^|[/-])calico[/-]node$", "yes", _SAYS),
    _Plugin("Cilium", r"(^|[/-])cilium[/-]cilium$|(^|/)cilium$", "yes", _SAYS),
    _Plugin("Antrea", r"(^|/)antrea-(agent-)?(ubuntu|ubi)$", "yes", _SAYS),
    _Plugin("Weave Net", r"(^|[/-])weave-npc$", "yes", _SAYS),
    _Plugin("Azure Network Policy Manager", r"(^|/)azure-npm$", "yes", _SAYS),
    _Plugin("kube-network-policies", r"(^|/)kube-network-policies$", "yes", _SAYS),
    _Plugin("OVN-Kubernetes", r"(^|/)ovn-kube(rnetes)?(-[a-z]+)?$", "yes", _SAYS),
    _Plugin("Kube-OVN", r"(^|/)kube-ovn$", "yes", _SAYS),
    _Plugin("kube-router", r"(^|/)kube-router$", "yes", "--run-firewall is on by default"),
    _Plugin("Amazon VPC CNI", r"(^|/)amazon-k8s-cni$", "no", "it has no network policy agent"),
    _Plugin("kindnet", r"(^|/)kindnetd$", "unknown", "it depends on its version"),
    _Plugin("Flannel", r"(^|[/-])flannel$", "no", _SAYS),
)
"""The first that enforces counts: Canal has the containers of Calico and Flannel."""


class _Join:
    """The `Join` of `relation.py`."""

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def _plugins(self) -> Mapping[int, dict[str, Any]]:
        """The DaemonSets that are plugins, by their `id`."""
        found = {id(one): _plugin(one) for one in self._world.of("DaemonSet")}
        return {key: plugin for key, plugin in found.items() if plugin}

    @cached_property
    def _enforcing(self) -> list[str]:
        listed = self._world.of("DaemonSet")
        return [str(one.ref) for one in listed if self._plugins.get(id(one), {}).get("enforces") == "yes"]

    def keys(self, resource: Resource) -> Hashable:
        return id(resource) if id(resource) in self._plugins else None

    def value(self, resource: Resource) -> Any:
        plugin = self._plugins.get(id(resource))
        if plugin is None:
            return {}
        served = {one.rpartition("/")[0] for one in self._world.apis}
        return {
            **plugin,
            "others": bounded(one for one in self._enforcing if one != str(resource.ref)),
            "served": [one for one in ENGINE_GROUPS if one in served],
            "policies": sum(1 for _ in self._world.of(*POLICIES)),
        }

    def refused(self, resource: Resource) -> str:  # noqa: ARG002 - a broken policy is to be enforced as well
        return ""


def _plugin(one: Resource) -> dict[str, Any]:
    """Return which plugin a DaemonSet is, and what it does; {} if it is none that we know."""
    containers = (pod_holder(one.body) or {}).get("spec", {}).get("containers", ())
    images = {_path(str(container.get("image", ""))): _words(container) for container in containers}
    known = [plugin for plugin in _PLUGINS if any(re.search(plugin.image, path) for path in images)]
    if not known:
        return {}
    plugin = known[0]
    enforces, why = plugin.enforces, plugin.why
    arguments = [word for words in images.values() for word in words]
    if plugin.name == "kube-router" and "--run-firewall=false" in arguments:
        enforces, why = "no", "--run-firewall=false"
    if plugin.name == "Amazon VPC CNI" and (agent := [path for path in images if _AGENT.search(path)]):
        enforces, why = _agent(images[agent[0]])
    return {"plugin": plugin.name, "enforces": enforces, "why": why}


def _agent(arguments: list[str]) -> tuple[str, str]:
    """What the network policy agent of Amazon does: it is off unless it is told otherwise."""
    for one in arguments:
        flag, _, value = one.partition("=")
        if flag == "--enable-network-policy":
            return ("yes" if value == "true" else "no"), one
    return "unknown", "its network policy agent has no --enable-network-policy"


def _words(container: Mapping[str, Any]) -> list[str]:
    return [str(one) for field in ("command", "args") for one in container.get(field, ())]


def _path(image: str) -> str:
    """Return the path of an image, with the registry, and without tag and digest."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


NETWORK_PLUGINS = Relation(
    "network_plugins",
    ("DaemonSet", *POLICIES),
    _Join,
    words="what a DaemonSet that is a known network plugin does with network policies",
)
