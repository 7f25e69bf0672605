"""What a cluster with the stack in it tells Prometheus, and what Prometheus is to make of it."""

from __future__ import annotations

from typing import Any

from tests.stack.render import Object


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


PODS = {
    "10.9.2.1": pod("shop", "web", annotations=annotated(scrape="true", port="9999", path="/own")),
    "10.9.2.2": pod("shop", "quiet"),
    "10.9.2.3": pod("shop", "done", annotations=annotated(scrape="true", port="9999")),
    "10.9.2.4": pod("monitoring", "inside", annotations=annotated(scrape="true", port="9999")),
    "10.9.2.5": pod("shop", "model", labels={"serving.kserve.io/inferenceservice": "iris"}),
}
PORTS = {
    "prometheus-headless": {"https": 9090, "https-reloader": 8080, "grpc": 10901, "https-sidecar": 10902},
    "prometheus": {"https": 9090},
    "alertmanager-headless": {"https": 9093, "https-reloader": 8080, "mesh-tcp": 9094},
    "alertmanager": {"https": 9093},
    "kube-state-metrics": {"https-main": 8443, "https-self": 8081},
    "thanos-query": {"https": 10902},
    "grafana": {"https": 3000},
}
"""The Services of the stack; two pods are behind each but the last two."""
ALONE = ("thanos-query", "grafana")
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
    "pods": {"http://10.9.2.1:9999/own"},
    "mlflow": {"http://tracking.mlops.svc:5000/metrics"},
    "postgres": {"https://postgres-exporter.monitoring.svc:9187/metrics"},
    "kserve-runtime": {"http://10.9.2.5:8080/metrics"},
    "kserve-queue-proxy": {"http://10.9.2.5:9091/metrics"},
}
UNSEEN = {"apiserver", "apiserver-slis"}
"""The API server does not publish a loopback address as its endpoint."""
