"""metrics.k8s.io, served by us: pods use what a label of theirs says.

The API server forwards to it as to any aggregated API. There is no network between the two but
loopback, so the Service in between is an ExternalName.
https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.availability.api import Api, Object, until
from tools.cluster import certificates

GROUP = "metrics.k8s.io"
VERSION = f"{GROUP}/v1beta1"
USAGE = "usage"
"""The label that says how much cpu and memory each container uses."""


@contextmanager
def metrics(api: Api, namespace: str, folder: Path) -> Iterator[None]:
    """Serve the metrics of all pods."""
    made = certificates.create(folder / "certificates", ["DNS:localhost", "IP:127.0.0.1"])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(api))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.server, made.server_key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    name = f"v1beta1.{GROUP}"
    try:
        _register(api, namespace, name, server.server_port)
        yield
    finally:
        api.delete(f"/apis/apiregistration.k8s.io/v1/apiservices/{name}")
        server.shutdown()
        server.server_close()


def _register(api: Api, namespace: str, name: str, port: int) -> None:
    spec: Object = {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "metrics"}, "spec": spec}
    api.create(namespace, [service])
    base = "/apis/apiregistration.k8s.io/v1/apiservices"
    spec = {
        "group": GROUP,
        "version": "v1beta1",
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        "insecureSkipTLSVerify": True,
        "service": {"namespace": namespace, "name": "metrics", "port": port},
    }
    kind = {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService"}
    api.ask("POST", base, {**kind, "metadata": {"name": name}, "spec": spec})

    def available() -> bool:
        conditions = api.ask("GET", f"{base}/{name}").get("status", {}).get("conditions", ())
        return any(one["type"] == "Available" and one["status"] == "True" for one in conditions)

    until(available)


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers discovery, and lists of the pods in one namespace."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer."""
            url = urlsplit(self.path)
            base = f"/apis/{VERSION}"
            if url.path == base:
                pods = {"name": "pods", "namespaced": True, "kind": "PodMetrics", "verbs": ["get", "list"]}
                self._say(
                    200,
                    {
                        "kind": "APIResourceList",
                        "apiVersion": "v1",
                        "groupVersion": VERSION,
                        "resources": [pods],
                    },
                )
            elif url.path.startswith(f"{base}/namespaces/") and url.path.endswith("/pods"):
                listed = url.path.removeprefix(base)
                pods = api.ask("GET", f"/api/v1{listed}?{url.query}")
                self._say(
                    200,
                    {"kind": "PodMetricsList", "apiVersion": VERSION, "metadata": {}, "items": _usages(pods)},
                )
            else:
                self._say(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404})

        def _say(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    return Handler


def _usages(pods: Object) -> list[Object]:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return [
        {
            "metadata": {name: pod["metadata"].get(name) for name in ("name", "namespace", "labels")},
            "timestamp": now,
            "window": "1s",
            "containers": [
                {"name": one["name"], "usage": dict.fromkeys(("cpu", "memory"), usage)}
                for one in (*pod["spec"]["containers"], *_sidecars(pod["spec"]))
            ],
        }
        for pod in pods["items"]
        if pod["status"].get("phase") == "Running"
        for usage in [pod["metadata"].get("labels", {}).get(USAGE, "80m")]
    ]


def _sidecars(spec: Object) -> list[Object]:
    return [one for one in spec.get("initContainers", ()) if one.get("restartPolicy") == "Always"]
