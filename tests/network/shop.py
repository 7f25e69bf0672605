"""A small cluster by hand: three pods in two namespaces, and whatever policies a test puts before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.document.network import Parts, parts
from auditor.model import Gap, SourceFacts
from auditor.network.reach import Connection, asked_ports, end, reach
from auditor.network.space import Reading
from tests import factories
from tests.network.naive import Object

WEB, DB, JOB = "shop/Pod/web", "shop/Pod/db", "tools/Pod/job"

REFUSED: tuple[tuple[Object, str], ...] = (
    ({"podSelector": {"matchExpressions": [{"key": "a", "operator": "Near"}]}}, "operator"),
    ({"podSelector": []}, "mapping"),
    ({"policyTypes": ["Both"]}, "policyTypes"),
    ({"ingress": [{"from": [{}]}]}, "nobody"),
    ({"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}}]}]}, "both"),
    ({"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0"}}]}]}, "no CIDR"),
    ({"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["x/8"]}}]}]}, "no CIDR"),
    ({"ingress": [{"ports": [{"port": 0}]}]}, "no ports"),
    ({"ingress": [{"ports": [{"port": 9, "endPort": 8}]}]}, "no ports"),
    ({"ingress": [{"ports": [{"port": "http", "endPort": 8}]}]}, "endPort"),
    ({"ingress": [{"ports": [{"endPort": 8}]}]}, "endPort"),
    ({"ingress": [{"ports": [{"port": 8, "protocol": "ICMP"}]}]}, "protocol"),
    ({"ingress": {"from": []}}, "ingress"),
)
"""Contents of NetworkPolicies that no API server takes, and a word of what we say about each."""


def pods(**spec: Any) -> list[Object]:
    """The pods; `spec` is added to that of `db`, which has a port named `sql`."""
    port = {"name": "sql", "containerPort": 5432}
    db = factories.pod_spec(containers=[factories.container(ports=[port])], **spec)
    return [
        factories.pod(name="web", labels={"app": "web"}),
        factories.pod(db, name="db", labels={"app": "db"}),
        factories.pod(name="job", namespace="tools", labels={"app": "job"}),
    ]


def namespaces() -> list[Object]:
    return [factories.namespace("shop", team="shop"), factories.namespace("tools", team="tools")]


def policy(spec: Object, name: str = "p", namespace: str = "shop") -> Object:
    return factories.obj("NetworkPolicy", spec, name=name, namespace=namespace)


def cluster_policy(
    tier: str, priority: int, name: str = "c", subject: Object | None = None, **rules: Any
) -> Object:
    chosen = {"namespaces": {}} if subject is None else subject
    spec = {"tier": tier, "priority": priority, "subject": chosen, **rules}
    return factories.obj("ClusterNetworkPolicy", spec, name=name)


def read(*bodies: Object, gaps: Sequence[Gap] = (), kind: str = "manifests") -> Parts:
    return parts(SourceFacts(kind), [factories.resource(one) for one in bodies], gaps)


def connection(
    found: Parts, source: str, destination: str, port: str = "", reading: Reading | None = None
) -> Connection:
    """The only connection between two ends."""
    ends = end(source), end(destination)
    network = found.network(reading or Reading(), [one for each in ends for one in each.addresses])
    [only] = reach(network, *ends, asked_ports(port) if port else ()).reach
    return only


def verdict(found: Parts, source: str, destination: str, port: str = "80", **options: Any) -> str:
    """What becomes of TCP to one port: `open`, `closed`, or why that is not known."""
    one = connection(found, source, destination, f"{port}/TCP", **options)
    if one.allow:
        return "open"
    return "; ".join(one.unknown[0].reasons) if one.unknown else "closed"
