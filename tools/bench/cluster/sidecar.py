"""A service mesh's sidecar, as its webhook injects it into pods: their templates know nothing of it."""

from __future__ import annotations

import json
from typing import Any

Object = dict[str, Any]

NAME = "istio-proxy"
IMAGE = "registry.example/mesh/proxy:1.24.1"
_PORTS = ("15090", "15021", "15020")


def inject(pod: Object, workload: str, *, strict: bool) -> None:
    """Add the proxy to a pod that is about to be created, in place.

    `strict` keeps to the restricted level, as a mesh with a network plugin does: its first container
    only checks what the other kind sets up itself.
    """
    spec, metadata = pod["spec"], pod["metadata"]
    apps = ",".join(container["name"] for container in spec["containers"])
    spec["containers"].append(_proxy(workload, apps))
    first = _validation() if strict else _setup()
    spec["initContainers"] = [first, *spec.get("initContainers", [])]
    spec["volumes"] = [*_volumes(), *spec.get("volumes", [])]
    metadata["labels"] |= {
        "security.istio.io/tlsMode": "istio",
        "service.istio.io/canonical-name": workload,
        "service.istio.io/canonical-revision": "latest",
    }
    status = {
        "initContainers": [first["name"]],
        "containers": [NAME],
        "volumes": [volume["name"] for volume in _volumes()],
        "imagePullSecrets": None,
        "revision": "default",
    }
    metadata["annotations"] |= {
        "istio.io/rev": "default",
        "kubectl.kubernetes.io/default-container": apps.split(",")[0],
        "prometheus.io/path": "/stats/prometheus",
        "prometheus.io/port": "15020",
        "sidecar.istio.io/status": json.dumps(status),
    }


def _proxy(workload: str, apps: str) -> Object:
    fields = {
        "POD_NAME": "metadata.name",
        "POD_NAMESPACE": "metadata.namespace",
        "INSTANCE_IP": "status.podIP",
        "SERVICE_ACCOUNT": "spec.serviceAccountName",
        "HOST_IP": "status.hostIP",
        "ISTIO_META_NODE_NAME": "spec.nodeName",
    }
    values = {
        "PILOT_CERT_PROVIDER": "istiod",
        "CA_ADDR": "istiod.istio-system.svc:15012",
        "PROXY_CONFIG": "{}\n",
        "ISTIO_META_POD_PORTS": '[\n    {"containerPort":8080,"protocol":"TCP"}\n]',
        "ISTIO_META_APP_CONTAINERS": apps,
        "ISTIO_META_CLUSTER_ID": "Kubernetes",
        "ISTIO_META_INTERCEPTION_MODE": "REDIRECT",
        "ISTIO_META_WORKLOAD_NAME": workload,
        "ISTIO_META_MESH_ID": "cluster.local",
        "TRUST_DOMAIN": "cluster.local",
        "ISTIO_PROMETHEUS_ANNOTATIONS": '{"scrape":"true","path":"","port":"8080"}',
    }
    return {
        "name": NAME,
        "image": IMAGE,
        "args": [
            *("proxy", "sidecar", "--domain", "$(POD_NAMESPACE).svc.cluster.local"),
            *(
                "--proxyLogLevel=warning",
                "--proxyComponentLogLevel=misc:error",
                "--log_output_level=default:info",
            ),
        ],
        "env": [
            *(
                {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
                for name, path in fields.items()
            ),
            *({"name": name, "value": value} for name, value in values.items()),
        ],
        "ports": [{"name": "http-envoy-prom", "containerPort": 15090, "protocol": "TCP"}],
        "readinessProbe": _probe(4, 15),
        "startupProbe": _probe(600, 1),
        "resources": {
            "limits": {"cpu": "2", "memory": "1Gi"},
            "requests": {"cpu": "10m", "memory": "40Mi"},
        },
        "securityContext": {**_quiet(), "readOnlyRootFilesystem": True},
        "volumeMounts": [
            {"name": "workload-socket", "mountPath": "/var/run/secrets/workload-spiffe-uds"},
            {"name": "istiod-ca-cert", "mountPath": "/var/run/secrets/istio"},
            {"name": "istio-data", "mountPath": "/var/lib/istio/data"},
            {"name": "istio-envoy", "mountPath": "/etc/istio/proxy"},
            {"name": "istio-token", "mountPath": "/var/run/secrets/tokens"},
            {"name": "istio-podinfo", "mountPath": "/etc/istio/pod"},
        ],
    }


def _probe(failures: int, period: int) -> Object:
    return {
        "httpGet": {"path": "/healthz/ready", "port": 15021},
        "failureThreshold": failures,
        "periodSeconds": period,
        "timeoutSeconds": 3,
    }


def _quiet() -> Object:
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "privileged": False,
        "runAsGroup": 1337,
        "runAsNonRoot": True,
        "runAsUser": 1337,
    }


def _first(name: str, more: list[str], security: Object) -> Object:
    redirect = ["istio-iptables", "-p", "15001", "-z", "15006", "-u", "1337", "-m", "REDIRECT", "-i", "*"]
    return {
        "name": name,
        "image": IMAGE,
        "args": [*redirect, "-x", "", "-b", "*", "-d", ",".join(_PORTS), *more],
        "resources": {
            "limits": {"cpu": "2", "memory": "1Gi"},
            "requests": {"cpu": "10m", "memory": "40Mi"},
        },
        "securityContext": security,
    }


def _setup() -> Object:
    security = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"add": ["NET_ADMIN", "NET_RAW"], "drop": ["ALL"]},
        "privileged": False,
        "readOnlyRootFilesystem": False,
        "runAsGroup": 0,
        "runAsNonRoot": False,
        "runAsUser": 0,
    }
    return _first("istio-init", ["--log_output_level=default:info"], security)


def _validation() -> Object:
    return _first("istio-validation", ["--run-validation", "--skip-rule-apply"], _quiet())


def _volumes() -> list[Object]:
    token = {
        "serviceAccountToken": {"audience": "istio-ca", "expirationSeconds": 43200, "path": "istio-token"}
    }
    info = [
        {"path": name, "fieldRef": {"fieldPath": f"metadata.{name}"}} for name in ("labels", "annotations")
    ]
    return [
        {"name": "workload-socket", "emptyDir": {}},
        {"name": "istio-envoy", "emptyDir": {"medium": "Memory"}},
        {"name": "istio-data", "emptyDir": {}},
        {"name": "istio-podinfo", "downwardAPI": {"items": info}},
        {"name": "istio-token", "projected": {"sources": [token]}},
        {"name": "istiod-ca-cert", "configMap": {"name": "istio-ca-root-cert"}},
    ]
