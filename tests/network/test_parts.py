"""What the model is made of: live pods and templates, other engines, and what could not be read."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.document.kinds import KINDS, known_as
from auditor.document.network import NETWORK_KINDS
from auditor.model import Gap, ResourceRef
from auditor.network import objects
from auditor.network.cluster_objects import admin_network_policy, cluster_network_policy
from auditor.network.engines import ENGINES
from auditor.network.model import STRANGER
from auditor.network.objects import MalformedError, network_policy
from auditor.network.policy import Direction
from auditor.network.space import Reading
from tests import factories
from tests.network.naive import Object
from tests.network.oracle import stored
from tests.network.shop import DB, JOB, REFUSED, WEB, cluster_policy, namespaces, pods, policy, read, verdict
from tests.network.worlds import Maker

REF = ResourceRef("networking.k8s.io/v1", "NetworkPolicy", "p", "shop")


@pytest.mark.parametrize("seed", range(50))
def test_what_the_api_server_fills_in_changes_nothing(seed: int) -> None:
    for written in Maker(seed).world().network_policies:
        assert network_policy(REF, written) == network_policy(REF, stored(written))


@pytest.mark.parametrize(("spec", "field"), REFUSED)
def test_what_the_api_server_refuses_is_no_policy(spec: Object, field: str) -> None:
    with pytest.raises(MalformedError, match=field):
        network_policy(REF, {"spec": spec})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tier": "Middle"}, "tier"),
        ({"priority": None}, "priority"),
        ({"subject": {}}, "nobody"),
        ({"ingress": [{"action": "Log", "from": [{"namespaces": {}}]}]}, "action"),
        (
            {"ingress": [{"action": "Deny", "from": [{"namespaces": {}}], "protocols": [{"icmp": {}}]}]},
            "sort",
        ),
        ({"egress": [{"action": "Deny", "to": [{"networks": ["everywhere"]}]}]}, "no CIDR"),
    ],
)
def test_a_cluster_policy_that_is_none(change: Object, field: str) -> None:
    spec = {"tier": "Admin", "priority": 1, "subject": {"namespaces": {}}, **change}
    with pytest.raises(MalformedError, match=field):
        cluster_network_policy(REF, {"spec": spec})


def test_a_policy_of_the_version_before_that_is_none() -> None:
    rules = [{"action": "Deny", "from": [{"namespaces": {}}], "ports": [{"icmp": 1}]}]
    body = {"spec": {"priority": 1, "subject": {"namespaces": {}}, "ingress": rules}}
    with pytest.raises(MalformedError, match="sort"):
        admin_network_policy(REF, body)


def test_a_policy_that_cannot_be_read_leaves_its_namespace_unknown() -> None:
    broken = policy({"ingress": [{"from": [{}]}]}, name="broken")
    found = read(*namespaces(), *pods(), broken)
    assert [one.kind for one in found.unread] == ["NetworkPolicy"]
    assert verdict(found, WEB, DB) == verdict(found, JOB, DB) == "NetworkPolicy shop/broken could not be read"
    other = read(*namespaces(), *pods(), policy({"ingress": [{"from": [{}]}]}, namespace="elsewhere"))
    assert verdict(other, WEB, DB) == "open"


def test_another_version_is_not_guessed_at() -> None:
    newer = cluster_policy("Admin", 1)
    newer["apiVersion"] = "policy.networking.k8s.io/v9"
    found = read(*namespaces(), *pods(), newer)
    assert "v9 is a version that is not read" in found.unread[0].reason
    assert "could not be read" in verdict(found, WEB, JOB)


@pytest.mark.parametrize(
    ("gap", "places"),
    [
        (Gap("NetworkPolicy", "forbidden", "", namespace="shop"), (True, False)),
        (Gap("NetworkPolicy", "forbidden", ""), (True, True)),
        (Gap("CiliumNetworkPolicy", "forbidden", ""), (True, True)),
        (Gap(None, "broken", ""), (True, True)),
        (Gap("Deployment", "forbidden", ""), (False, False)),
        (Gap("Secret", "forbidden", ""), (False, False)),
    ],
)
def test_policies_that_were_not_read_leave_pods_unknown(gap: Gap, places: tuple[bool, bool]) -> None:
    found = read(*namespaces(), *pods(), gaps=[gap])
    outside = "192.0.2.1"
    unknown = tuple(verdict(found, one, outside) != "open" for one in (WEB, JOB))
    assert unknown == places
    assert bool(found.unread) is (gap.kind != "Secret")


@pytest.mark.parametrize("kind", sorted(ENGINES))
def test_policies_of_other_engines(kind: str) -> None:
    known = KINDS[kind]
    namespace = {"namespace": "shop"} if known.namespaced else {}
    foreign = {"apiVersion": known.api_version, "kind": kind, "metadata": {"name": "x", **namespace}}
    found = read(*namespaces(), *pods(), foreign, policy({"podSelector": {"matchLabels": {"app": "db"}}}))
    reason = f"other policy engine: {kind}"
    opens = ENGINES[kind].opens
    assert verdict(found, JOB, WEB) == reason
    assert verdict(found, JOB, DB) == (reason if opens else "closed")
    assert verdict(found, JOB, "192.0.2.1") == ("open" if known.namespaced else reason)
    assert kind in NETWORK_KINDS


def test_the_root_namespace_of_istio_counts_everywhere() -> None:
    body = factories.obj("AuthorizationPolicy", name="x", namespace="istio-system")
    found = read(*namespaces(), *pods(), body)
    assert verdict(found, JOB, DB) == "other policy engine: AuthorizationPolicy"


def test_kinds_that_share_a_name() -> None:
    assert known_as("projectcalico.org/v3", "NetworkPolicy") == "NetworkPolicy.projectcalico.org"
    assert known_as("networking.k8s.io/v1", "NetworkPolicy") == "NetworkPolicy"
    assert known_as("crd.antrea.io/v1alpha1", "ClusterNetworkPolicy") == "ClusterNetworkPolicy.crd.antrea.io"


def owners(*bodies: Object, kind: str) -> dict[str, dict[str, str]]:
    network = read(*bodies, policy({"podSelector": {"matchLabels": {"app": "a", "v": "1"}}}), kind=kind)
    return {str(one.owner): dict(one.labels) for one in network.pods if one.owner != STRANGER.owner}


def test_pods_that_no_policy_tells_apart_are_one() -> None:
    owner = factories.workload("ReplicaSet", name="web", uid="r")
    bodies = []
    for number in range(4):
        ports = [{"name": f"port{number}", "containerPort": 80 + number}]
        spec = factories.pod_spec(containers=[factories.container(ports=ports)])
        bodies.append(factories.live(spec, by=owner, index=number, labels={"app": "a", "n": str(number)}))
    found = read(owner, *bodies, kind="cluster").network(Reading()).space.classes
    assert [one.pods for one in found if one.owner != STRANGER.owner] == [4]
    named = policy({"ingress": [{"ports": [{"port": "port1"}]}]})
    apart = read(owner, *bodies, named, kind="cluster").network(Reading()).space.classes
    assert sorted(one.pods for one in apart if one.owner != STRANGER.owner) == [1, 3]


def test_live_pods_count_with_their_own_labels() -> None:
    deployment = factories.deployment(uid="d")
    replicas = factories.owned(factories.workload("ReplicaSet", name="web-1", uid="r"), deployment)
    pod = factories.live(by=replicas, labels={"app": "a", "other": "1"})
    assert owners(deployment, replicas, pod, kind="cluster") == {
        "Deployment shop/web": {"app": "a", "other": "1"}
    }


def test_without_pods_the_template_counts_and_outside_owners_are_named() -> None:
    idle = factories.cronjob(name="nightly")
    rollout = factories.rollout()
    replicas = factories.owned(factories.workload("ReplicaSet", name="web-1", uid="r"), rollout)
    ended = factories.pod(name="ended", phase="Succeeded")
    assert set(owners(idle, replicas, ended, kind="cluster")) == {"CronJob shop/nightly", "Rollout shop/web"}


def test_in_manifests_everything_is_for_itself() -> None:
    deployment = factories.deployment(uid="d")
    pod = factories.owned(factories.pod(name="x", phase="Succeeded"), deployment)
    assert set(owners(deployment, pod, kind="manifests")) == {"Deployment shop/web", "Pod shop/x"}


@pytest.mark.parametrize(
    "port", [{"containerPort": "80"}, {"containerPort": 0}, {"containerPort": 80, "protocol": "HTTP"}]
)
def test_a_workload_whose_ports_are_none_is_told(port: Any) -> None:
    spec = factories.pod_spec(containers=[factories.container(ports=[port])])
    found = read(*namespaces(), factories.pod(spec))
    assert not found.pods
    assert [one.kind for one in found.unread] == ["Pod"]


def test_addresses_are_those_of_the_status() -> None:
    pod = factories.pod(name="web")
    pod["status"] = {"podIPs": [{"ip": "10.0.0.1"}, {"ip": "2001:db8::1"}]}
    assert [str(one) for one in read(pod, kind="cluster").pods[0].addresses] == [
        "10.0.0.1/32",
        "2001:db8::1/128",
    ]
    assert not read(pod).pods[0].addresses  # in manifests a status is a claim


def test_pods_of_both_families_are_in_a_block_with_all_their_addresses() -> None:
    web, db, job = pods()
    web["status"] = {"podIPs": [{"ip": "192.0.2.1"}, {"ip": "2001:db8::1"}]}
    job["status"] = {"podIPs": [{"ip": "192.0.2.2"}]}
    db["status"] = {"podIPs": [{"ip": "10.0.0.1"}]}
    deny = cluster_policy("Admin", 1, egress=[{"action": "Deny", "to": [{"networks": ["192.0.2.0/24"]}]}])
    found = read(*namespaces(), web, db, job, deny, kind="cluster")
    assert [verdict(found, DB, one) for one in (JOB, WEB)] == ["closed", "the address of a pod is not known"]
    assert verdict(found, JOB, DB) == "open"


def test_directions_are_two() -> None:
    assert set(network_policy(REF, {"spec": {"egress": [{}]}}).rules) == set(Direction)
    assert objects.known("UDP") == "UDP"
