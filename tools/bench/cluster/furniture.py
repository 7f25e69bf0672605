"""What stands around the workloads: nodes, namespaces, ConfigMaps, roles, bindings, NetworkPolicies."""

from __future__ import annotations

from collections.abc import Iterator

from tools.bench.cluster import block as plan
from tools.bench.cluster.block import Block
from tools.bench.cluster.draw import draw, hexadecimal
from tools.bench.cluster.templates import Object, role

SYSTEM = ("default", "kube-system", "kube-public", "kube-node-lease")
"""The namespaces that the API server makes."""

_LEVEL = "pod-security.kubernetes.io/"
_RESOURCES = (
    *("pods", "pods/log", "services", "configmaps", "secrets", "endpoints", "events"),
    *("deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs", "ingresses"),
)
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")
_GROUPS = ("", "apps", "batch", "networking.k8s.io")


def definition() -> Object:
    """Return the CustomResourceDefinition of Rollout, which keeps whatever it is given."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": "Rollout", "plural": "rollouts", "singular": "rollout"}
    return {
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "rollouts.example.dev"},
        "spec": {"group": "example.dev", "scope": "Namespaced", "names": names, "versions": [served]},
    }


def default_account(namespace: str) -> Object:
    """Return the account that a controller makes in each namespace; without it no pod is admitted."""
    return {"kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}


def authority(namespace: str) -> Object:
    """Return the ConfigMap that a controller makes in each namespace, for the tokens' volumes."""
    lines = [hexadecimal(64, "authority", line) for line in range(20)]
    text = "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
    metadata = {"name": "kube-root-ca.crt", "namespace": namespace}
    return {"kind": "ConfigMap", "metadata": metadata, "data": {"ca.crt": text}}


def namespaces(block: Block) -> Iterator[Object]:
    """Yield the block's namespaces: one in five enforces restricted, one baseline, one only warns."""
    for index, name in enumerate(block.namespaces):
        labels = {"team": name, "environment": "production"}
        if level := plan.ENFORCED.get(index):
            labels |= {f"{_LEVEL}enforce": level, f"{_LEVEL}warn": "restricted"}
        elif index == len(plan.ENFORCED):
            labels |= {f"{_LEVEL}audit": "baseline", f"{_LEVEL}warn": "baseline"}
        yield {"kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def node(name: str, pool: str, version: str) -> Object:
    """Return a node as its kubelet registers it, with the images that it has."""
    index = int(name.rpartition("-")[2])
    size = {"cpu": "16", "memory": "65536000Ki", "ephemeral-storage": "203056560Ki", "pods": "250"}
    address = f"10.{index // 256}.{index % 256}.1"
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": "large",
        "topology.kubernetes.io/region": "region-1",
        "topology.kubernetes.io/zone": f"zone-{index % 3}",
        "pool": pool,
    }
    information = {
        "architecture": "amd64",
        "bootID": hexadecimal(32, "boot", name),
        "containerRuntimeVersion": "containerd://2.2.9",
        "kernelVersion": "6.8.0",
        "kubeProxyVersion": "",
        "kubeletVersion": version,
        "machineID": hexadecimal(32, "machine", name),
        "operatingSystem": "linux",
        "osImage": "Debian GNU/Linux 12 (bookworm)",
        "systemUUID": hexadecimal(32, "system", name),
    }
    return {
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"podCIDR": f"10.{128 + index // 256}.{index % 256}.0/24", "providerID": f"example://{name}"},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "allocatable": size,
            "capacity": size,
            "conditions": [
                _condition("Ready", "True"),
                *(_condition(f"{one}Pressure", "False") for one in _PRESSURE),
            ],
            "images": [_image(name, number) for number in range(40)],
            "nodeInfo": information,
        },
    }


_PRESSURE = ("Memory", "Disk", "PID")


def _condition(kind: str, status: str) -> Object:
    moment = "2026-01-01T00:00:00Z"
    times = {"lastHeartbeatTime": moment, "lastTransitionTime": moment}
    return {
        "type": kind,
        "status": status,
        "reason": f"Kubelet{kind}",
        "message": f"kubelet: {kind}",
        **times,
    }


def _image(node_name: str, number: int) -> Object:
    image = f"registry.example/{role(number)}"
    names = [f"{image}@sha256:{hexadecimal(64, image, node_name)}", f"{image}:1.{number}"]
    return {"names": names, "sizeBytes": 20_000_000 + number * 1_234_567}


def objects(block: Block) -> Iterator[Object]:
    """Yield ConfigMaps, roles, bindings, the accounts that are bound, and NetworkPolicies of a block."""
    yield from (_robot(block, number) for number in block.numbers(plan.ROBOTS))
    yield from (_config_map(block, number) for number in block.numbers(plan.CONFIG_MAPS))
    yield from (_role(block, number, "Role") for number in block.numbers(plan.ROLES))
    yield from (_role(block, number, "ClusterRole") for number in block.numbers(plan.CLUSTER_ROLES))
    yield from (_binding(block, number) for number in block.numbers(plan.ROLE_BINDINGS))
    yield from (_cluster_binding(block, number) for number in block.numbers(plan.CLUSTER_ROLE_BINDINGS))
    yield from (_network_policy(block, number) for number in block.numbers(plan.NETWORK_POLICIES))


def _robot(block: Block, number: int) -> Object:
    """The accounts of a namespace are called robot-0 to robot-9."""
    name = f"robot-{number % plan.ROBOTS // plan.NAMESPACES}"
    return {"kind": "ServiceAccount", "metadata": _metadata(block, name, number)}


def _config_map(block: Block, number: int) -> Object:
    name = f"settings-{number}"
    chance = draw("config map", number)
    lines = chance.choices((5, 40, 150, 800), (40, 40, 18, 2))[0]
    text = "\n".join(f"setting.{line}.of.{role(number)} = {line * number}" for line in range(lines))
    data = {"application.properties": text, "mode": chance.choice(("blue", "green"))}
    return {"kind": "ConfigMap", "metadata": _metadata(block, name, number), "data": data}


def _role(block: Block, number: int, kind: str) -> Object:
    chance = draw(kind, number)
    name = f"{role(number)}-{number}"
    rules = [_rule(chance.randrange(1 << 30)) for _ in range(chance.randint(1, 5))]
    metadata: Object = {"name": name} if kind == "ClusterRole" else _metadata(block, name, number)
    return {"kind": kind, "metadata": metadata, "rules": rules}


def _rule(seed: int) -> Object:
    chance = draw("rule", seed)
    if chance.random() < 0.03:
        return {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    rule: Object = {
        "apiGroups": sorted(chance.sample(_GROUPS, chance.randint(1, 2))),
        "resources": sorted(chance.sample(_RESOURCES, chance.randint(1, 4))),
        "verbs": sorted(chance.sample(_VERBS, chance.randint(1, 5))),
    }
    if chance.random() < 0.1:
        rule["resourceNames"] = [f"only-{seed % 97}"]
    return rule


def _binding(block: Block, number: int) -> Object:
    chance = draw("binding", number)
    roles = list(block.numbers(plan.ROLES))
    place = roles[number % plan.ROLES]
    metadata = _metadata(block, f"{role(number)}-{number}", place)
    bound = {"kind": "Role", "name": f"{role(place)}-{place}"}
    if chance.random() < 0.2:
        other = chance.choice(list(block.numbers(plan.CLUSTER_ROLES)))
        bound = {"kind": "ClusterRole", "name": f"{role(other)}-{other}"}
    return _bound("RoleBinding", metadata, bound, _subjects(number, metadata["namespace"]))


def _cluster_binding(block: Block, number: int) -> Object:
    roles = list(block.numbers(plan.CLUSTER_ROLES))
    place = roles[number % plan.CLUSTER_ROLES]
    namespace = block.namespaces[number % plan.NAMESPACES]
    bound = {"kind": "ClusterRole", "name": f"{role(place)}-{place}"}
    subjects = _subjects(-1 - number, namespace)
    return _bound("ClusterRoleBinding", {"name": f"{role(number)}-{number}"}, bound, subjects)


def _bound(kind: str, metadata: Object, bound: Object, subjects: list[Object]) -> Object:
    reference = {"apiGroup": "rbac.authorization.k8s.io", **bound}
    return {"kind": kind, "metadata": metadata, "roleRef": reference, "subjects": subjects}


def _subjects(number: int, namespace: str) -> list[Object]:
    chance = draw("subjects", number)
    api = "rbac.authorization.k8s.io"
    offered: list[Object] = [
        {"kind": "ServiceAccount", "name": f"robot-{number % 12}", "namespace": namespace},  # two are gone
        {"kind": "ServiceAccount", "name": "default", "namespace": namespace},
        {"kind": "Group", "name": f"team:{role(abs(number))}", "apiGroup": api},
        {"kind": "User", "name": f"person-{abs(number) % 200}@example.com", "apiGroup": api},
    ]
    return chance.sample(offered, chance.choices((1, 2, 3), (70, 20, 10))[0])


def _network_policy(block: Block, number: int) -> Object:
    metadata = _metadata(block, f"allow-{number}", number)
    if number % plan.NETWORK_POLICIES < plan.NAMESPACES - 1:  # all but one namespace deny by default
        spec: Object = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
        return {"kind": "NetworkPolicy", "metadata": {**metadata, "name": "default-deny"}, "spec": spec}
    peers = [{"namespaceSelector": {"matchLabels": {"team": f"team-{number % 50}"}}}, {"podSelector": {}}]
    spec = {
        "podSelector": {"matchLabels": {"tier": role(number).partition("-")[2]}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": peers, "ports": [{"port": 8080, "protocol": "TCP"}]}],
        "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.96.0.0/16"]}}]}],
    }
    return {"kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def _metadata(block: Block, name: str, number: int) -> Object:
    namespace = block.namespaces[number % plan.NAMESPACES]
    return {"name": name, "namespace": namespace, "labels": {"team": namespace}}
