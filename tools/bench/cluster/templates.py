"""Pod templates as people write them: hardened, average and careless ones."""

from __future__ import annotations

import random
from typing import Any, Literal

from tools.bench.cluster.draw import draw, hexadecimal

Object = dict[str, Any]
Style = Literal["hardened", "average", "careless"]

_TEAMS = ("shop", "pay", "search", "media", "ledger", "mail", "edge", "data")
_ROLES = ("web", "api", "worker", "cache", "gateway", "indexer", "sync", "report")
_HELPERS = ("log-shipper", "metrics", "config-reload", "db-proxy")
_VARIABLES = (
    *("LOG_LEVEL", "LOG_FORMAT", "REGION", "ZONE", "HTTP_PORT", "HTTP_TIMEOUT", "HTTP_MAX_CONNECTIONS"),
    *("DB_HOST", "DB_PORT", "DB_NAME", "DB_POOL_SIZE", "CACHE_URL", "QUEUE_URL", "TRACING_ENDPOINT"),
    *("TRACING_SAMPLE_RATE", "FEATURE_FLAGS", "TZ", "JAVA_OPTS", "GOMAXPROCS", "WORKERS", "BATCH_SIZE"),
)
_CPU = ("50m", "100m", "250m", "500m", "1")
_MEMORY = ("64Mi", "128Mi", "256Mi", "512Mi", "1Gi")


def role(index: int) -> str:
    """Return what the workload of this number is for, as `pay-worker`."""
    return f"{_TEAMS[index % len(_TEAMS)]}-{_ROLES[(index // len(_TEAMS)) % len(_ROLES)]}"


def labels(name: str, index: int) -> dict[str, str]:
    """Return the labels of a workload, as Helm charts or as people set them."""
    if index % 3:
        key = "app.kubernetes.io"
        return {
            f"{key}/name": name,
            f"{key}/instance": f"{name}-prod",
            f"{key}/version": version(index, 0),
            f"{key}/part-of": _TEAMS[index % len(_TEAMS)],
            f"{key}/managed-by": "Helm",
            "helm.sh/chart": f"{role(index)}-{index % 9}.{index % 5}.0",
        }
    return {"app": name, "tier": _ROLES[index % len(_ROLES)], "team": _TEAMS[index % len(_TEAMS)]}


def selector_of(name: str, index: int) -> dict[str, str]:
    """Return the labels by which a workload finds its pods: the first of its own."""
    return dict(list(labels(name, index).items())[:1])


def version(index: int, age: int) -> str:
    """Return the version of a workload; `age` counts the roll-outs since."""
    return f"{1 + index % 4}.{index % 23}.{10 - age}"


def template(name: str, index: int, style: Style, *, age: int = 0, account: str = "") -> Object:
    """Return the pod template of one workload as it was `age` roll-outs ago.

    `account` is the service account that it names, "" for none.
    """
    chance = draw("template", name)
    containers = [_container(chance, name, index, number, style, age) for number in range(_count(chance))]
    spec: Object = {
        "containers": containers,
        "volumes": [
            {"name": "config", "configMap": {"name": f"{name}-config", "optional": True}},
            {"name": "tmp", "emptyDir": {}},
        ],
        "terminationGracePeriodSeconds": chance.choice((30, 30, 60, 120)),
    }
    if account:
        spec["serviceAccountName"] = account
    if chance.random() < 0.3:
        spec["automountServiceAccountToken"] = False
    if chance.random() < 0.2:
        spec["initContainers"] = [_migration(chance, name, index, style, age)]
    if chance.random() < 0.4:
        spec["affinity"] = _spread(name)
    if chance.random() < 0.2:
        spec["imagePullSecrets"] = [{"name": "registry"}]
    _secure_pod(chance, spec, style, index)
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"}
    if chance.random() < 0.5:
        annotations["checksum/config"] = hexadecimal(64, name, age)
    return {"metadata": {"labels": labels(name, index), "annotations": annotations}, "spec": spec}


def _count(chance: random.Random) -> int:
    return chance.choices((1, 2, 3), (75, 20, 5))[0]


def _container(chance: random.Random, name: str, index: int, number: int, style: Style, age: int) -> Object:
    called = name if number == 0 else _HELPERS[(index + number) % len(_HELPERS)]
    port = 8080 + number
    container: Object = {
        "name": called,
        "image": _image(chance, called if number else role(index), index, age, style),
        "env": _env(chance, index, number, style),
        "ports": [{"name": f"http-{number}", "containerPort": port, "protocol": "TCP"}],
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/app", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }
    if style != "careless" or chance.random() < 0.5:
        container["resources"] = _resources(chance)
    if chance.random() < 0.8:
        container["livenessProbe"] = _probe("/healthz", port, 10)
        container["readinessProbe"] = _probe("/ready", port, 5)
    if chance.random() < 0.2:
        container["startupProbe"] = {**_probe("/healthz", port, 5), "failureThreshold": 30}
    if chance.random() < 0.3:
        container["command"] = [f"/app/{called}"]
        container["args"] = [f"--listen=:{port}", "--config=/etc/app/config.yaml", f"--shard={index % 7}"]
    if security := _security(chance, style, number):
        container["securityContext"] = security
    return container


def _migration(chance: random.Random, name: str, index: int, style: Style, age: int) -> Object:
    container: Object = {
        "name": "migrate",
        "image": _image(chance, role(index), index, age, style),
        "command": ["/app/migrate", "--wait"],
        "env": [{"name": "DB_HOST", "value": f"{name}-db"}],
        "resources": _resources(chance),
    }
    if security := _security(chance, style, 1):
        container["securityContext"] = security
    return container


def _image(chance: random.Random, called: str, index: int, age: int, style: Style) -> str:
    image = f"registry.example/{_TEAMS[index % len(_TEAMS)]}/{called}"
    if style == "careless" and chance.random() < 0.3:
        return f"{image}:latest" if age == 0 else f"{image}:before-{age}"
    tagged = f"{image}:{version(index, age)}"
    return f"{tagged}@sha256:{hexadecimal(64, tagged)}" if style == "hardened" else tagged


def _env(chance: random.Random, index: int, number: int, style: Style) -> list[Object]:
    names = sorted(chance.sample(_VARIABLES, chance.randint(2, 8)))
    env: list[Object] = [{"name": one, "value": f"{one.lower()}-{index}-{number}"} for one in names]
    env.append({"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}})
    if chance.random() < 0.5:
        secret = {"name": f"app-{index}", "key": "password"}
        env.append({"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": secret}})
    elif style == "careless":
        env.append({"name": "DB_PASSWORD", "value": hexadecimal(20, "password", index)})
    return env


def _resources(chance: random.Random) -> Object:
    cpu, memory = chance.choice(_CPU), chance.choice(_MEMORY)
    if chance.random() < 0.6:
        return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}
    return {"requests": {"cpu": cpu, "memory": memory}}


def _probe(path: str, port: int, period: int) -> Object:
    return {"httpGet": {"path": path, "port": port}, "periodSeconds": period, "timeoutSeconds": 2}


def _security(chance: random.Random, style: Style, number: int) -> Object:
    if style == "hardened":
        return {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
    if style == "average":
        choices: list[Object] = [
            {},
            {"allowPrivilegeEscalation": False},
            {"runAsNonRoot": True, "runAsUser": 1000},
        ]
        return chance.choice(choices)
    careless: list[Object] = [
        {},
        {},
        {"privileged": True},
        {"runAsUser": 0},
        {"capabilities": {"add": ["NET_ADMIN", "SYS_PTRACE"]}},
        {"seccompProfile": {"type": "Unconfined"}},
    ]
    return chance.choice(careless) if number == 0 else {}


def _secure_pod(chance: random.Random, spec: Object, style: Style, index: int) -> None:
    if style == "hardened":
        spec["securityContext"] = {
            "runAsNonRoot": True,
            "runAsUser": 10000 + index % 5000,
            "fsGroup": 10000 + index % 5000,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
    elif style == "careless":
        if chance.random() < 0.15:
            spec["volumes"].append({"name": "logs", "hostPath": {"path": "/var/log", "type": "Directory"}})
            spec["containers"][0]["volumeMounts"].append({"name": "logs", "mountPath": "/host/log"})
        if chance.random() < 0.05:
            spec["hostPID"] = True
    elif chance.random() < 0.4:
        spec["securityContext"] = {"fsGroup": 2000}


def _spread(name: str) -> Object:
    """Ask for one pod per node where there is room."""
    selector = {"matchExpressions": [{"key": "app", "operator": "In", "values": [name]}]}
    term = {"labelSelector": selector, "topologyKey": "kubernetes.io/hostname"}
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}
