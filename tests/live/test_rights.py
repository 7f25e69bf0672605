"""What an audit asks for, and what becomes of it where it may not have it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
import yaml

from auditor import __version__
from auditor.document.kinds import KINDS
from auditor.document.relations.table import CONFIRMED
from auditor.errors import SourceError, UsageError
from auditor.model import Gap, Resource
from tests.live.catalogue import BUILT_IN, NAMESPACED, PLURALS, blinded
from tests.live.faults import FAULTS, SLOW, Turn
from tests.live.faulty import Answer, faulty
from tests.live.live import (
    Ended,
    account,
    apply,
    audit,
    events,
    may_read,
    pod_spec,
    source,
    until,
    write_kubeconfig,
)
from tools.build import tool_bin
from tools.cluster import ControlPlane

CONNECTIONS = """
import json, sys
calls = open(sys.argv[1], "w")

def watch(event, arguments):
    if event == "socket.connect":
        print(json.dumps([event, arguments[1]]), file=calls, flush=True)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        print(json.dumps([event, arguments[0]]), file=calls, flush=True)

sys.addaudithook(watch)
from auditor.cli.app import run
sys.exit(run(sys.argv[2:]))
"""
"""Runs the program and writes down every connection and every look-up of a name."""
PRIVILEGED = {"name": "main", "image": "main:1", "securityContext": {"privileged": True}}
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "bad"},
    "spec": pod_spec(containers=[PRIVILEGED]),
}


def test_nobody(control_plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended = audit(tmp_path / "a.json", "--kubeconfig", control_plane.kubeconfig, "--context", "nobody")
    out, err = capsys.readouterr()
    assert (ended.code, ended.record, out) == (3, {}, "")
    [error, hint] = err.splitlines()
    assert error.startswith(f"error: {control_plane.url}: nothing could be read: 403: pods is forbidden: ")
    assert 'User "nobody" cannot list resource "pods"' in error
    assert hint.startswith("  hint: the audit needs get and list on the kinds it judges")


def test_one_kind_is_forbidden(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    apply(control_plane, namespace, POD)
    allowed = may_read(*(plural for kind, plural in PLURALS.items() if kind != "DaemonSet"))
    full = audit(tmp_path / "full.json", "--kubeconfig", control_plane.kubeconfig)
    with account(control_plane, namespace, tmp_path, [allowed], everywhere=True) as limited:
        ended = audit(tmp_path / "audit.json", "--kubeconfig", limited.kubeconfig)
        tolerant = audit(
            *(tmp_path / "tolerant.json", "--kubeconfig", limited.kubeconfig, "--fail-on", "never")
        )
    assert (ended.code, tolerant.code) == (1, 3)  # findings win over what is missing
    [gap] = ended.record["gaps"]
    assert gap["kind"] == "DaemonSet"
    assert gap["reason"].startswith(f'403: daemonsets.apps is forbidden: User "{limited.user}" cannot list')
    assert gap["effect"].startswith("no DaemonSet is judged")
    assert 0.7 < ended.record["summary"]["coverage"] < full.record["summary"]["coverage"]
    assert unjudged(ended) == unjudged(full) | blinded("DaemonSet")
    assert "privileged_container" in {one["policy"] for one in ended.findings(namespace)}
    lost = {policy for policy, _ in blinded("DaemonSet")}
    touched = [one for one in ended.record["controls"] if lost & set(one["policies"])]
    assert {one["status"] for one in touched} <= {"fail", "incomplete"}
    assert "incomplete" in {one["status"] for one in touched}


def unjudged(ended: Ended) -> set[tuple[str, str]]:
    """The (policy, kind) pairs without any verdict."""
    return {(one["policy"], one["kind"]) for one in ended.record["not_evaluated"] if "kind" in one}


def test_whole_run_only_reads(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    rules = [may_read(*PLURALS.values())]
    with account(control_plane, namespace, tmp_path, rules, everywhere=True) as reader:
        ended = audit(tmp_path / "audit.json", "--kubeconfig", reader.kubeconfig)
        assert ended.record["gaps"] == []
        assert ended.record["audit"]["source"]["user"] == reader.user
    own = {"/version", "/api", "/apis", "/apis/authentication.k8s.io/v1/selfsubjectreviews"}
    # whether the server is new enough for a kind, its version of the API tells
    own |= {f"/apis/{KINDS[kind].api_version}" for kind in BUILT_IN if KINDS[kind].recent}

    def requests() -> list[tuple[str, str, str]]:
        ours = [one for one in events(control_plane) if one["user"].get("username") == reader.user]
        return [
            (one["verb"], one.get("objectRef", {}).get("resource", ""), one["requestURI"]) for one in ours
        ]

    expected = len(own) + len(BUILT_IN)
    until(lambda: len(requests()) >= expected)
    found = requests()
    listed = [resource for verb, resource, _ in found if verb == "list"]
    assert sorted(listed) == sorted(PLURALS.values())
    # pods before those who may own them, so that an owner is there if its pod is
    assert listed[:3] == ["pods", "replicasets", "jobs"]
    others = [(verb, resource, uri) for verb, resource, uri in found if verb != "list"]
    assert own <= {uri for _, _, uri in others}
    # what other tests name and is not there is asked for once more, by its name
    confirmed = {(verb, resource) for verb, resource, uri in others if uri not in own}
    assert confirmed <= {("get", KINDS[kind].plural) for kind in CONFIRMED}
    # and so did every other audit of this run of the tests
    for event in events(control_plane):
        resource = event.get("objectRef", {}).get("resource")
        reviews = ("selfsubjectreviews", "selfsubjectaccessreviews")
        assert event["verb"] in ("get", "list") or (event["verb"] == "create" and resource in reviews)
        assert resource != "secrets"
        assert event["userAgent"] == f"auditor/{__version__}"


def test_disturbed_run_only_reads(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    """Every second list is spoilt, one kind may not be read, and a snapshot is saved."""
    apply(control_plane, namespace, POD)
    random, left, asked = Random(7), [name for name in FAULTS if name not in SLOW], [0]
    random.shuffle(left)

    def spoil(path: str, true: Answer) -> Answer:
        asked[0] += "limit=" in path
        if "limit=" not in path or asked[0] % 2 or not left:
            return true
        return FAULTS[left.pop()](Turn(random, path, true, None)) or true

    allowed = may_read(*(plural for kind, plural in PLURALS.items() if kind != "DaemonSet"))
    snapshot = tmp_path / "cluster.snapshot"
    with account(control_plane, namespace, tmp_path, [allowed], everywhere=True) as reader:
        token = yaml.safe_load(reader.kubeconfig.read_text())["users"][0]["user"]["token"]
        with faulty(control_plane, spoil, page=50) as url:
            file = write_kubeconfig(tmp_path / "disturbed.yaml", {"server": url}, {"token": token})
            ended = audit(tmp_path / "audit.json", "--kubeconfig", file, "--save-snapshot", snapshot)
    assert ended.code in (1, 3)
    assert "DaemonSet" in {gap["kind"] for gap in ended.record["gaps"]}
    assert ended.record["summary"]["coverage"] < 1
    assert token not in json.dumps(ended.record)
    assert token.encode() not in gzip.decompress(snapshot.read_bytes())

    def requests() -> list[tuple[str, str, int]]:
        return [
            (one["verb"], one["objectRef"]["resource"], one["responseStatus"]["code"])
            for one in events(control_plane)
            if one["user"].get("username") == reader.user and "objectRef" in one
        ]

    until(lambda: ("list", "daemonsets", 403) in requests())
    reviews = {"selfsubjectreviews", "selfsubjectaccessreviews"}
    assert all(verb in ("get", "list") or resource in reviews for verb, resource, _ in requests())
    assert {resource for _, resource, _ in requests()} - reviews == set(PLURALS.values())


def test_no_other_connection(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    """The whole program talks to the API server, and to OPA over a socket file."""
    calls = tmp_path / "calls.jsonl"
    limits = ["--kubeconfig", str(control_plane.kubeconfig), "-n", namespace, "-o", "json"]
    arguments = ["audit", f"--opa={tool_bin('opa') / 'opa'}", *limits]
    command = [sys.executable, "-c", CONNECTIONS, str(calls), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stderr  # the Namespace lacks a label
    made = [tuple(json.loads(line)) for line in calls.read_text().splitlines()]
    files = {address for event, address in made if isinstance(address, str) and event == "socket.connect"}
    server = tuple(control_plane.url.removeprefix("https://").split(":"))
    assert all("/" in address for address in files)
    assert len(files) == 1
    others = {(event, *address) for event, address in made if not isinstance(address, str)}
    assert others == {("socket.connect", server[0], int(server[1]))}
    assert {address for event, address in made if event == "socket.getaddrinfo"} == {server[0]}


def test_rights_in_one_namespace(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    control_plane.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce-version=v1.0")
    apply(control_plane, namespace, POD)
    rules = [may_read(*PLURALS.values())]
    with account(control_plane, namespace, tmp_path, rules) as tenant:
        ended = audit(tmp_path / "audit.json", "--kubeconfig", tenant.kubeconfig, "-n", namespace)
        live = source(tenant.kubeconfig, namespace)
        assert live.facts().namespaces == (namespace,)
        read = list(live.read(frozenset({"Pod", "Namespace", "Node"})))
        with pytest.raises(SourceError, match="nothing could be read: 403") as everywhere:
            list(source(tenant.kubeconfig).read(frozenset({"Pod"})))
    assert "with --namespace the rights in one namespace are enough" in everywhere.value.hint
    assert ended.code == 1
    assert ended.record["gaps"] == []
    assert ended.record["summary"]["coverage"] == 1
    [gap] = [item for item in read if isinstance(item, Gap)]
    assert (gap.kind, gap.out_of_reach) == ("Node", True)
    # the Namespace itself may be read by a right within it, so that its version label counts
    names = [str(item.ref) for item in read if isinstance(item, Resource)]
    assert sorted(names) == [f"Namespace {namespace}", f"Pod {namespace}/bad"]


def test_rights_without_the_namespace_itself(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    apply(control_plane, namespace, POD)
    rules = [may_read(*(PLURALS[kind] for kind in NAMESPACED))]
    with account(control_plane, namespace, tmp_path, rules) as tenant:
        ended = audit(tmp_path / "audit.json", "--kubeconfig", tenant.kubeconfig, "-n", namespace)
    assert ended.code == 1
    [gap] = ended.record["gaps"]
    assert (gap["kind"], gap["namespace"]) == ("Namespace", namespace)
    assert gap["effect"].endswith("what refers to one is judged without it, or not at all")
    assert "privileged_container" in {one["policy"] for one in ended.findings(namespace)}


def test_one_of_two_namespaces_is_forbidden(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    apply(control_plane, namespace, POD)
    with account(control_plane, namespace, tmp_path, [may_read(*PLURALS.values())]) as tenant:
        limits = ("-n", namespace, "-n", "default", "-n", namespace)
        ended = audit(tmp_path / "a.json", "--kubeconfig", tenant.kubeconfig, *limits)
        kinds = ",".join(PLURALS[kind] for kind in NAMESPACED)
        there = control_plane.kubectl("get", kinds, "-n", namespace, "-o", "name").split()
    assert ended.code == 1
    assert {one["namespace"] for one in ended.record["gaps"]} == {"default"}
    assert {one["kind"] for one in ended.record["gaps"]} == {*NAMESPACED, "Namespace"}
    assert ended.record["summary"]["coverage"] < 1
    assert ended.record["summary"]["resources"] == len(there) + 1  # the Namespace
    assert len({one["fingerprint"] for one in ended.findings(namespace)}) == len(ended.findings(namespace))


def test_namespace_that_is_not_there(control_plane: ControlPlane) -> None:
    with pytest.raises(UsageError, match="--namespace no-such: context 'admin' has no such namespace"):
        source(control_plane.kubeconfig, "no-such").facts()


@pytest.mark.parametrize("name", ["", "Shop", "a/b", "../secrets", "a?b", "-a", "a" * 64])
def test_what_can_be_no_namespace(control_plane: ControlPlane, name: str) -> None:
    with pytest.raises(UsageError, match="no namespace can be called so"):
        source(control_plane.kubeconfig, name)
