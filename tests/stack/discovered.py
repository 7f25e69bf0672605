"""What a cluster with the stack in it tells Prometheus, and what Prometheus is to make of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tests.stack.render import COMPONENT_SETTINGS, Object


def slice_of(namespace: str, service: str, pods: list[str], ports: dict[str, int], node: str = "") -> Object:
    """The endpoints of a Service, as its controller would write them; pods have the addresses 10.9.1.x."""
    endpoints: list[Object] = [
        {
            "addresses": [f"10.9.1.{number}"],
            "conditions": {"ready": True},
            "targetRef": {"kind": "Pod", "namespace": namespace, "name": pod},
            **({"nodeName": node} if node else {}),
        }
        for number, pod in enumerate(pods, 1)
    ]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "addressType": "IPv4",
        "metadata": {
            "name": f"{service}-1",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": service},
        },
        "endpoints": endpoints,
        "ports": [{"name": name, "port": port, "protocol": "TCP"} for name, port in ports.items()],
    }


NODE: Object = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {
        "name": "node-a",
        "labels": {"topology.kubernetes.io/zone": "z1", "secret.example/label": "not-for-metrics"},
    },
    "status": {
        "addresses": [{"type": "InternalIP", "address": "10.9.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
    },
}


def pod(namespace: str, name: str, **metadata: Any) -> Object:
    """A pod with an init container and a port, neither of which is to be scraped."""
    ports = [{"name": "web", "containerPort": 80}, {"name": "http-usermetric", "containerPort": 9091}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, **metadata},
        "spec": {
            "automountServiceAccountToken": False,
            "initContainers": [{"name": "first", "image": "first:1", "ports": [{"containerPort": 81}]}],
            "containers": [{"name": "kserve-container", "image": "web:1", "ports": ports}],
        },
    }


def annotated(**annotations: str) -> Object:
    return {f"prometheus.io/{key}": value for key, value in annotations.items()}


def control_plane(component: str) -> dict[str, str]:
    """The labels of a static pod of kubeadm."""
    return {"component": component, "tier": "control-plane"}


PODS = {
    "10.9.2.1": pod("shop", "web", annotations=annotated(scrape="true", port="9999", path="/own")),
    "10.9.2.2": pod("shop", "quiet"),
    "10.9.2.3": pod("shop", "done", annotations=annotated(scrape="true", port="9999")),
    "10.9.2.4": pod("monitoring", "inside", annotations=annotated(scrape="true", port="9999")),
    "10.9.2.5": pod("shop", "model", labels={"serving.kserve.io/inferenceservice": "iris"}),
    "10.9.0.2": pod("kube-system", "kube-scheduler-a", labels=control_plane("kube-scheduler")),
    "10.9.0.3": pod("kube-system", "kube-controller-a", labels=control_plane("kube-controller-manager")),
    "10.9.0.4": pod("kube-system", "etcd-a", labels=control_plane("etcd")),
    "10.9.0.5": pod("kube-system", "kube-apiserver-a", labels=control_plane("kube-apiserver")),
}
PORTS = {
    "prometheus-headless": {"https": 9090, "https-reloader": 8080, "grpc": 10901, "https-sidecar": 10902},
    "prometheus": {"https": 9090},
    "alertmanager-headless": {"https": 9093, "https-reloader": 8080, "mesh-tcp": 9094},
    "alertmanager": {"https": 9093},
    "kube-state-metrics": {"https-main": 8443, "https-self": 8081},
    "thanos-query": {"https": 10902},
    "auth-proxy": {"https": 8443, "https-metrics": 8444},
    "blackbox-exporter": {"https": 9115},
    "grafana": {"https": 3000},
    "thanos-compact-headless": {"https": 10902},
    "thanos-store-headless": {"https": 10902, "grpc": 10901},
}
"""The Services of the stack; two pods are behind each but those of `ALONE`."""
ALONE = ("thanos-query", "auth-proxy", "blackbox-exporter", "grafana", "thanos-compact-headless")
SLICES = [
    slice_of("monitoring", service, ["first"] if service in ALONE else ["first", "second"], ports)
    for service, ports in PORTS.items()
]
SLICES.append(slice_of("monitoring-node", "node-exporter", ["exporter"], {"https": 9100}, node="node-a"))
MLFLOW: Object = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "tracking", "namespace": "mlops", "labels": {"app.kubernetes.io/name": "mlflow"}},
    "spec": {"ports": [{"name": "http", "port": 5000}, {"name": "admin", "port": 5001}]},
}


def service(name: str, **annotations: str) -> Object:
    """A Service of two ports, of which one is named by its annotations or none."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "annotations": {
                f"prometheus.io/{key.replace('_', '-')}": value for key, value in annotations.items()
            },
        },
        "spec": {"ports": [{"name": "web", "port": 80}, {"name": "other", "port": 8443}]},
    }


SERVICES = [
    MLFLOW,
    service("quiet"),
    service("plain", probe="true"),
    service("chosen", probe="true", probe_port="8443", probe_scheme="https", probe_path="/health?deep=1"),
]


def probe(module: str, target: str) -> str:
    """What Prometheus asks blackbox-exporter for."""
    query = urlencode({"module": module, "target": target})
    return f"https://blackbox-exporter.monitoring.svc:9115/probe?{query}"


EXPECTED = {
    "kubelet": {"https://10.9.0.1:10250/metrics"},
    "cadvisor": {"https://10.9.0.1:10250/metrics/cadvisor"},
    "kubelet-probes": {"https://10.9.0.1:10250/metrics/probes"},
    "kubelet-resource": {"https://10.9.0.1:10250/metrics/resource"},
    "node-exporter": {"https://10.9.1.1:9100/metrics"},
    "kube-state-metrics": {"https://kube-state-metrics.monitoring.svc:8443/metrics"},
    "kube-state-metrics-self": {"https://10.9.1.1:8081/metrics", "https://10.9.1.2:8081/metrics"},
    "prometheus": {"https://10.9.1.1:9090/metrics", "https://10.9.1.2:9090/metrics"},
    "reloader": {"https://10.9.1.1:8080/metrics", "https://10.9.1.2:8080/metrics"},
    "alertmanager": {"https://10.9.1.1:9093/metrics", "https://10.9.1.2:9093/metrics"},
    "alertmanager-reloader": {"https://10.9.1.1:8080/metrics", "https://10.9.1.2:8080/metrics"},
    "thanos-query": {"https://10.9.1.1:10902/metrics"},
    "thanos-sidecar": {"https://10.9.1.1:10902/metrics", "https://10.9.1.2:10902/metrics"},
    "grafana": {"https://10.9.1.1:3000/metrics"},
    "thanos-compact": {"https://10.9.1.1:10902/metrics"},
    "thanos-store": {"https://10.9.1.1:10902/metrics", "https://10.9.1.2:10902/metrics"},
    "auth-proxy": {"https://10.9.1.1:8444/metrics"},
    "blackbox-exporter": {"https://10.9.1.1:9115/metrics"},
    "probe-monitoring": {
        probe("query", "https://prometheus.monitoring.svc:9090/api/v1/query?query=1"),
        probe("query", "https://thanos-query.monitoring.svc:10902/api/v1/query?query=1"),
    },
    "probe-edge": {probe("http", f"https://{COMPONENT_SETTINGS['host']}/-/healthy")},
    "probe-services": {
        probe("http", "http://plain.shop.svc:80/"),
        probe("http", "http://plain.shop.svc:8443/"),
        probe("http", "https://chosen.shop.svc:8443/health?deep=1"),
    },
    "kube-scheduler": {"https://10.9.0.2:10259/metrics"},
    "kube-controller-manager": {"https://10.9.0.3:10257/metrics"},
    "etcd": {"http://10.9.0.4:2381/metrics"},
    "pods": {"http://10.9.2.1:9999/own"},
    "mlflow": {"http://tracking.mlops.svc:5000/metrics"},
    "postgres": {"https://postgres-exporter.monitoring.svc:9187/metrics"},
    "kserve-runtime": {"http://10.9.2.5:8080/metrics"},
    "kserve-queue-proxy": {"http://10.9.2.5:9091/metrics"},
}
UNSEEN = {"apiserver", "apiserver-slis"}
"""The API server does not publish a loopback address as its endpoint."""
