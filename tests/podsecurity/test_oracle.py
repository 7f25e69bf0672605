"""The oracle itself is right: it agrees with Kubernetes' own fixtures, and refuses what it would alter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.podsecurity.checks import CHECKS, POLICIES, policies_that_must_fail
from tests.podsecurity.fixtures import COUNT, fixtures
from tests.podsecurity.oracle import OracleError, Question, judge


def test_agrees_with_every_fixture() -> None:
    found = fixtures()
    verdicts = judge(Question(fixture.level, fixture.version, fixture.pod) for fixture in found)
    assert len(found) == COUNT
    wrong = [f.path for f, verdict in zip(found, verdicts, strict=True) if verdict.allowed != f.allowed]
    assert not wrong


def test_fixtures_reach_every_check_and_policy() -> None:
    failing = [fixture for fixture in fixtures() if not fixture.allowed]
    verdicts = judge(Question(fixture.level, fixture.version, fixture.pod) for fixture in failing)
    assert {check for verdict in verdicts for check in verdict.failed} == CHECKS
    for level, policies in POLICIES.items():
        told = [v.failed for f, v in zip(failing, verdicts, strict=True) if f.level == level]
        assert frozenset().union(*(policies_that_must_fail(level, failed) for failed in told)) == policies


@pytest.mark.parametrize(
    ("pod", "complaint"),
    [
        ({"spec": {"hostPid": True}}, 'unknown field "pod.spec.hostPid"'),
        ({"spec": {"hostPID": "yes"}}, "cannot unmarshal string"),
        ({"spec": {"template": {}}}, 'unknown field "pod.spec.template"'),
        ({"spec": {"volumes": [{"name": "v", "floppy": {}}]}}, 'unknown field "pod.spec.volumes[0].floppy"'),
    ],
)
def test_refuses_what_is_no_pod(pod: dict[str, Any], complaint: str) -> None:
    with pytest.raises(OracleError) as caught:
        judge([Question("baseline", "latest", pod)])
    assert complaint in str(caught.value)


@pytest.mark.parametrize("version", ["1.37", "v2.0", "", "newest"])
def test_refuses_an_unknown_version(version: str) -> None:
    with pytest.raises(OracleError, match="version"):
        judge([Question("baseline", version, {"spec": {}})])


@pytest.mark.parametrize(
    ("key", "template", "failed"),
    [
        ("containers", False, {"hostNamespaces", "hostPorts"}),
        ("initContainers", False, {"hostNamespaces", "hostPorts"}),
        ("ephemeralContainers", False, {"hostNamespaces"}),
        ("containers", True, {"hostNamespaces"}),
    ],
)
def test_ports_on_the_host_network_are_host_ports_of_pods(key: str, template: bool, failed: set[str]) -> None:
    pod = {"spec": {"hostNetwork": True, key: [{"name": "a", "ports": [{"containerPort": 80}]}]}}
    (verdict,) = judge([Question("baseline", "latest", pod, template)])
    assert verdict.failed.keys() == failed


def test_latest_and_versions_to_come_mean_the_newest() -> None:
    pod = {"spec": {"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_notsent_lowat", "value": "1"}]}}}
    versions = ("v1.36", "v1.37", "v1.99", "latest")
    verdicts = judge(Question("baseline", version, pod) for version in versions)
    assert [verdict.allowed for verdict in verdicts] == [False, True, True, True]
