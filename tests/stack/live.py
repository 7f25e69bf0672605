"""The whole stack, live: what is rendered is applied, and real programs stand in the place of its pods.

Controllers and scheduler make the pods, kwok gives them addresses, the programs run on loopback; what is
changed for that is said in pods.py.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stack.containers import Program
from tests.stack.exporters import node_exporter, state_metrics
from tests.stack.loopback import certificates, kubeconfig, until
from tests.stack.network import network
from tests.stack.pods import Notifier, Pod, Replica, patch
from tests.stack.receiver import receiver
from tests.stack.render import COMPONENT_SETTINGS, SETTINGS, Object, complete, own_overlay, workloads
from tools.cluster import ControlPlane

COMPONENTS = complete("high-availability", "query-tier", "alertmanager-mesh", "mlops")
NODES = 3
KINDS = (
    "Namespace PriorityClass ServiceAccount ClusterRole ClusterRoleBinding ConfigMap Service "
    "PodDisruptionBudget StatefulSet Deployment DaemonSet HorizontalPodAutoscaler"
).split()
PARTS = ("monitoring/alertmanager", "monitoring/kube-state-metrics", "monitoring/prometheus")
API_SERVER = ("10.9.0.9", 6443)
"""Where the Service `kubernetes` says that the API server is, which does not publish a loopback address."""


@dataclass(frozen=True)
class Stack:
    """All of it, running."""

    plane: ControlPlane
    listed: Sequence[Object]
    replicas: Sequence[Replica]
    notifiers: Sequence[Notifier]
    told: Sequence[Any]
    """What the webhook was told, by any receiver."""

    def notified(self, status: str, **labels: str) -> list[str]:
        """Return which receiver was told of an alert with these labels, once for each time that it was."""
        return [
            one["receiver"]
            for one in tuple(self.told)
            for alert in one["alerts"]
            if alert["status"] == status and labels.items() <= alert["labels"].items()
        ]

    def mend_mesh(self) -> None:
        """Start the members that do not run, and wait until all see all."""
        [peer] = [one.mesh()[1] for one in self.notifiers if one.server][:1]
        for one in self.notifiers:
            if not one.server:
                one.start(peer)
        until(lambda: all(one.mesh()[2] == len(self.notifiers) for one in self.notifiers))


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """Run everything; yield when all programs are ready and the pods that they stand for have addresses."""
    listed = own_overlay(COMPONENTS, SETTINGS | COMPONENT_SETTINGS)
    tls = certificates(folder / "tls", *PARTS, "monitoring-node/node-exporter")
    with ExitStack() as end:
        plane = end.enter_context(ControlPlane(folder / "plane", nodes=NODES))
        apply(plane, listed)
        hook, told = end.enter_context(receiver())
        proxy, routes = end.enter_context(network())
        main, own = end.enter_context(
            state_metrics(folder / "state", listed, plane, tls["kube-state-metrics"])
        )
        node = end.enter_context(node_exporter(folder / "node", listed, tls))

        notifiers: list[Notifier] = []
        for number in range(3):
            name = f"alertmanager-{number}"
            one = Notifier(name, folder / name, listed, tls["alertmanager"], hook)
            end.callback(one.end)
            one.start(notifiers[0].mesh()[1] if notifiers else "")
            notifiers.append(one)

        access = kubeconfig(folder / "kubeconfig", plane, "prometheus")
        replicas: list[Replica] = []
        for number in range(2):
            name = f"prometheus-{number}"
            replica = Replica(name, folder / name, listed, tls["prometheus"], patch(proxy, access))
            account = replica.folder / "account"
            (account / "token").write_text(plane.kubectl("create", "token", "prometheus", "-n", "monitoring"))
            (account / "ca.crt").write_bytes(plane.ca.read_bytes())
            end.callback(replica.end)
            replica.start()
            replicas.append(replica)

        fixed = {API_SERVER: plane.url, ("kube-state-metrics.monitoring.svc", 8443): main}
        fixed |= dict.fromkeys(addresses(plane, "kube-state-metrics", 2, 8081), own)
        fixed |= dict.fromkeys(addresses(plane, "node-exporter", NODES, 9100), node)
        routes.update({address: functools.partial(port, url) for address, url in fixed.items()})
        pods: list[tuple[str, Sequence[Pod], int]] = [
            ("prometheus", replicas, 9090),
            ("alertmanager", notifiers, 9093),
        ]
        for part, members, number in pods:
            for member, address in zip(members, addresses(plane, part, len(members), number), strict=True):
                routes[address] = functools.partial(port_of, member, "server")
                routes[address[0], 8080] = functools.partial(port_of, member, "reloader")
        for replica in replicas:
            replica.wait()
        running = Stack(plane, listed, replicas, notifiers, told)
        running.mend_mesh()
        yield running


def port(url: str) -> int:
    """The port of a URL."""
    return int(url.rpartition(":")[2])


def port_of(one: Pod, which: str) -> int:
    """Where a program of a pod listens now; `LookupError` if it does not run."""
    program: Program | None = getattr(one, which)
    if not program:
        raise LookupError(f"{one.name} does not run")
    return program.port


def apply(plane: ControlPlane, listed: Sequence[Object]) -> None:
    """Apply what controllers work with; add volumes, and what the API server would publish of itself."""
    first = sorted((one for one in listed if one["kind"] in KINDS), key=lambda one: KINDS.index(one["kind"]))
    own: Object = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "addressType": "IPv4",
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": "kubernetes"},
        },
        "endpoints": [{"addresses": [API_SERVER[0]], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": API_SERVER[1], "protocol": "TCP"}],
    }
    items = [*volumes(listed), *first, own]
    plane.kubectl(
        "apply",
        "--server-side",
        "-f",
        "-",
        input=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}),
    )


def volumes(listed: Sequence[Object]) -> list[Object]:
    """A volume for each claim and one more, as nobody makes them here."""
    sizes = [
        (f"{one['metadata']['name']}-{number}", claim["spec"]["resources"]["requests"]["storage"])
        for one, _ in workloads(listed)
        for claim in one["spec"].get("volumeClaimTemplates", ())
        for number in range(one["spec"]["replicas"] + 1)
    ]
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name},
            "spec": {
                "capacity": {"storage": size},
                "accessModes": ["ReadWriteOnce"],
                "hostPath": {"path": f"/{name}"},
            },
        }
        for name, size in sizes
    ]


def addresses(plane: ControlPlane, part: str, count: int, number: int) -> list[tuple[str, int]]:
    """Wait until a part has so many pods with an address; return these with a port, in the order of names."""

    def found() -> list[Object]:
        label = f"--selector=app.kubernetes.io/name={part}"
        listed = json.loads(plane.kubectl("get", "pods", "--all-namespaces", label, "--output=json"))["items"]
        return sorted(
            (one for one in listed if "podIP" in one["status"]), key=lambda one: str(one["metadata"]["name"])
        )

    until(lambda: len(found()) == count)
    return [(one["status"]["podIP"], number) for one in found()]
