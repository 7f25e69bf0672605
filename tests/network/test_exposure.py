"""What a workload is exposed to: each fact, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.network.exposure import CUTS, Answer, Exposure, exposure
from auditor.network.space import Reading
from tests import factories
from tests.network.naive import Object
from tests.network.shop import cluster_policy, namespaces, pods, policy, read

DB = {"podSelector": {"matchLabels": {"app": "db"}}}
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def of_db(*bodies: Object) -> Exposure:
    network = read(*namespaces(), *pods(), *bodies).network(Reading(block_holds_pods=False), CUTS)
    places = [place for place, one in enumerate(network.space.classes) if one.owner.name == "db"]
    return exposure(network, places)


def rules(field: str, *peers: Any) -> list[Object]:
    return [{field: list(peers)}]


@pytest.mark.parametrize(
    ("spec", "isolated", "namespaces_", "public", "internet"),
    [
        (None, False, YES, YES, YES),
        ({}, True, NO, NO, NO),
        ({"ingress": [{}]}, True, YES, YES, YES),
        ({"ingress": rules("from", {"namespaceSelector": {}})}, True, YES, NO, NO),
        ({"ingress": rules("from", {"podSelector": {}})}, True, NO, NO, NO),
        # everybody whom we know is not everybody
        (
            {
                "ingress": rules(
                    "from",
                    {"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}},
                )
            },
            True,
            NO,
            NO,
            NO,
        ),
        ({"ingress": rules("from", {"ipBlock": {"cidr": "8.8.8.8/32"}})}, True, NO, YES, NO),
        ({"ingress": rules("from", {"ipBlock": {"cidr": "10.0.0.0/8"}})}, True, NO, NO, NO),
        ({"ingress": rules("from", {"ipBlock": {"cidr": "::/0"}})}, True, NO, YES, YES),
        (
            {"ingress": rules("from", {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}})},
            True,
            NO,
            YES,
            YES,
        ),
    ],
)
def test_into_it(
    spec: Object | None, isolated: bool, namespaces_: Answer, public: Answer, internet: Answer
) -> None:
    found = of_db(*([] if spec is None else [policy({**DB, **spec})]))
    assert found.ingress_isolated is isolated
    answers = (found.from_any_namespace, found.from_public, found.from_internet)
    assert tuple(one.answer for one in answers) == (namespaces_, public, internet)


@pytest.mark.parametrize(
    ("egress", "everywhere", "metadata", "dns"),
    [
        (None, YES, YES, YES),
        ([], NO, NO, NO),
        ([{}], YES, YES, YES),
        (rules("to", {"ipBlock": {"cidr": "169.254.0.0/16"}}), NO, YES, NO),
        (
            rules("to", {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}),
            NO,
            NO,
            NO,
        ),
        ([{"to": [{"namespaceSelector": {}}], "ports": [{"port": 53, "protocol": "UDP"}]}], NO, NO, YES),
        ([{"to": [{"namespaceSelector": {}}], "ports": [{"port": 54, "protocol": "UDP"}]}], NO, NO, NO),
    ],
)
def test_out_of_it(egress: list[Object] | None, everywhere: Answer, metadata: Answer, dns: Answer) -> None:
    server = factories.pod(name="dns", namespace="kube-system", labels={"k8s-app": "kube-dns"})
    given = [] if egress is None else [policy({**DB, "policyTypes": ["Egress"], "egress": egress})]
    found = of_db(server, factories.namespace("kube-system"), *given)
    assert found.egress_isolated is (egress is not None)
    answers = (found.to_everywhere, found.to_metadata["169.254.169.254"], found.to_dns)
    assert tuple(one.answer for one in answers) == (everywhere, metadata, dns)


def test_a_witness_says_with_whom_and_by_what() -> None:
    port = {"ports": [{"port": 5432}]}
    spec = {**DB, "ingress": [{"from": [{"ipBlock": {"cidr": "8.8.8.0/24"}}], **port}]}
    witness = of_db(policy(spec, name="dns")).from_public
    assert (witness.peer, [str(one) for one in witness.ports]) == ("8.8.8.0/24", ["TCP 5432"])
    assert [(str(one.policy), one.effect) for one in witness.notes] == [("NetworkPolicy shop/dns", "allows")]
    assert of_db().from_any_namespace.peer == "any pod"


def test_what_is_not_known_is_no_yes() -> None:
    engine = factories.obj("CiliumNetworkPolicy", {}, name="x")
    found = of_db(engine)
    assert found.from_any_namespace.answer is found.from_everybody.answer is UNKNOWN
    assert found.from_any_namespace.reasons == ("other policy engine: CiliumNetworkPolicy",)
    assert of_db().to_dns.answer is UNKNOWN  # there is no DNS among the pods


def test_a_policy_of_the_cluster_closes_too() -> None:
    deny = cluster_policy("Baseline", 1, ingress=[{"action": "Deny", "from": [{"namespaces": {}}]}])
    found = of_db(deny)
    assert not found.ingress_isolated
    assert (found.from_any_namespace.answer, found.from_internet.answer) == (NO, YES)
