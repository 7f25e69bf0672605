"""A dry run says what an audit would be blind to: compared with real audits, and it reads nothing itself."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from auditor.cli.app import run
from auditor.document.kinds import KINDS
from auditor.document.relations.table import CONFIRMED
from tests.evaluate.custom import write_policy
from tests.live.catalogue import BUILT_IN, NAMESPACED, PLURALS, POLICIES, READ, Policy, blinded
from tests.live.faulty import Answer, Spoil, faulty
from tests.live.live import (
    Ended,
    Object,
    account,
    apply,
    audit,
    cluster_of,
    events,
    may_read,
    pod_spec,
    until,
    write_kubeconfig,
)
from tools.build import tool_bin
from tools.cluster import ControlPlane

REVIEWS = "selfsubjectaccessreviews"
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "good"}, "spec": pod_spec()}

PROGRAMS = """
import json, sys
calls = open(sys.argv[1], "w")

def watch(event, arguments):
    if event == "subprocess.Popen":
        print(json.dumps([str(one) for one in arguments[1]]), file=calls, flush=True)

sys.addaudithook(watch)
from auditor.cli.app import run
sys.exit(run(sys.argv[2:]))
"""
"""Runs the program and writes down the arguments of every process that it starts."""


def rehearsed(path: Path, *arguments: str | Path) -> Ended:
    """Run `auditor audit --dry-run` in this process; `path` is where its JSON goes."""
    path.unlink(missing_ok=True)
    return audit(path, "--dry-run", *arguments)


@pytest.fixture
def custom(tmp_path: Path) -> Path:
    """Policies that do what no shipped one does: one cannot judge without a relation, one judges nodes."""
    folder = tmp_path / "custom"
    needs = {"kinds": ["Deployment"], "needs": ["namespace"]}
    write_policy(folder, "needs_namespace", NEEDS, custom=needs)
    write_policy(folder, "judges_nodes", custom={"kinds": ["Node"]})
    return folder


CUSTOM = {
    "needs_namespace": Policy(frozenset({"Deployment"}), frozenset({"Namespace"})),
    "judges_nodes": Policy(frozenset({"Node"}), frozenset()),
}
NEEDS = """
fail contains {"path": "/metadata/name", "message": "is x"} if input.related.namespace.name == "x"
"""


def unjudged(record: Object) -> set[tuple[str, str]]:
    """The (policy, kind) pairs without a verdict: of a dry run, or of an audit."""
    if "blind" in record:
        return {
            (policy, kind)
            for entry in record["blind"]
            for policy, kinds in entry["not_evaluated"].items()
            for kind in kinds
        }
    return {(one["policy"], one["kind"]) for one in record["not_evaluated"] if "kind" in one}


def gaps(record: Object) -> set[tuple[str, str | None]]:
    """The kinds that are not seen, with the namespace: of a dry run, or of an audit."""
    entries = record["blind"] if "blind" in record else record["gaps"]
    return {(one["kind"], one.get("namespace")) for one in entries}


def read(record: Object) -> list[Object]:
    """The rights of a dry run that kinds are read by."""
    return [one for one in record["kinds"] if not one.get("confirms")]


def test_admin_sees_everything(control_plane: ControlPlane, tmp_path: Path) -> None:
    ended = rehearsed(tmp_path / "dry.json", "--kubeconfig", control_plane.kubeconfig)
    record = ended.record
    assert (ended.code, record["schema"]) == (0, "auditor/dry-run/v1")
    assert record["source"]["user"] == "admin"
    asked = {(kind, "list") for kind in READ} | {(kind, "get") for kind in CONFIRMED}
    assert {(one["kind"], one["verb"]) for one in record["kinds"]} == asked
    # no operator is installed here
    assert {(one["state"], one["allowed"], KINDS[one["kind"]].custom) for one in record["kinds"]} == {
        ("allowed", True, False),
        ("not_offered", None, True),
    }
    assert (record["blind"], record["missing_rules"], record["requests"]) == ([], [], len(BUILT_IN))
    assert {one["kind"]: one["group"] for one in read(record)} == {one: KINDS[one].group for one in READ}
    [deployments] = [one for one in read(record) if one["kind"] == "Deployment"]
    assert deployments["policies"] == sorted({policy for policy, _ in blinded("Deployment")})
    judging = [name for name, policy in POLICIES.items() if not policy.observes]
    assert record["bundle"]["policies"] == sorted(judging)


def test_nobody_sees_nothing(
    control_plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--kubeconfig", control_plane.kubeconfig, "--context", "nobody")
    ended = rehearsed(tmp_path / "dry.json", *arguments)
    assert ended.code == 3
    assert {one["kind"] for one in ended.record["kinds"] if one["allowed"] is False} == set(BUILT_IN)
    assert gaps(ended.record) == {(kind, None) for kind in BUILT_IN}
    assert capsys.readouterr().err == f"note: exit 3: blind to {len(BUILT_IN)} of {len(READ)} kinds\n"
    # which is what the audit says too, though it stops there
    assert audit(tmp_path / "a.json", *arguments).code == 3
    assert "nothing could be read: 403" in capsys.readouterr().err


@pytest.fixture(scope="module")
def everything(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """The pairs that nothing is said of even where all may be read: no program tells us of itself."""
    folder = tmp_path_factory.mktemp("everything")
    return unjudged(audit(folder / "a.json", "--kubeconfig", control_plane.kubeconfig).record)


@pytest.mark.parametrize("kind", BUILT_IN)
def test_blind_to_exactly_what_an_audit_does_not_see(
    control_plane: ControlPlane,
    namespace: str,
    custom: Path,
    everything: set[tuple[str, str]],
    tmp_path: Path,
    kind: str,
) -> None:
    """With one kind missing: that gap, and those policies."""
    apply(control_plane, namespace, POD)
    with account(control_plane, namespace, tmp_path, all_but(kind), everywhere=True) as limited:
        arguments = ("--kubeconfig", limited.kubeconfig, "--policies", custom)
        dry = rehearsed(tmp_path / "dry.json", *arguments)
        real = audit(tmp_path / "audit.json", *arguments)
    assert dry.code == 3
    assert dry.record["source"]["user"] == limited.user
    assert gaps(dry.record) == gaps(real.record) == {(kind, None)}
    assert unjudged(dry.record) == blinded(kind, {**POLICIES, **CUSTOM})
    assert unjudged(real.record) == unjudged(dry.record) | everything
    assert {one["kind"] for one in dry.record["kinds"] if one["allowed"] is False} == {kind}
    bundle = real.record["audit"]["bundle"]
    assert dry.record["bundle"] == {name: bundle[name] for name in ("digest", "policies")}


def all_but(kind: str) -> list[Object]:
    return [may_read(*(plural for one, plural in {**PLURALS, "Node": "nodes"}.items() if one != kind))]


@pytest.mark.parametrize("kind", ["DaemonSet", "Namespace"])
def test_what_is_advised_mends_it(
    control_plane: ControlPlane, namespace: str, custom: Path, tmp_path: Path, kind: str
) -> None:
    with account(control_plane, namespace, tmp_path, all_but(kind), everywhere=True) as limited:
        dry = rehearsed(tmp_path / "dry.json", "--kubeconfig", limited.kubeconfig, "--policies", custom)
    [rule] = dry.record["missing_rules"]
    assert rule == {
        "apiGroups": [KINDS[kind].group],
        "resources": [PLURALS[kind]],
        "verbs": ["get", "list"] if kind in CONFIRMED else ["list"],
    }
    other = tmp_path / "mended"
    other.mkdir()
    control_plane.kubectl("delete", "serviceaccount", "auditor", "-n", namespace)
    rules = [*all_but(kind), rule]
    with account(control_plane, namespace, other, rules, everywhere=True) as mended:
        arguments = ("--kubeconfig", mended.kubeconfig, "--policies", custom)
        assert rehearsed(tmp_path / "mended.json", *arguments).code == 0


def test_namespace_mode(control_plane: ControlPlane, namespace: str, custom: Path, tmp_path: Path) -> None:
    apply(control_plane, namespace, POD)
    with account(control_plane, namespace, tmp_path, [may_read(*PLURALS.values())]) as tenant:
        arguments = ("--kubeconfig", tenant.kubeconfig, "--policies", custom, "-n", namespace)
        own = rehearsed(tmp_path / "own.json", *arguments)
        both = rehearsed(tmp_path / "both.json", *arguments, "-n", "default")
        real = audit(tmp_path / "real.json", *arguments, "-n", "default")
    assert (own.code, both.code) == (0, 3)
    # a Namespace is got, a Node is beyond an audit of namespaces and no reason to fail
    shown = {(one["kind"], one["verb"], one["state"], one.get("namespace")) for one in read(own.record)}
    assert shown == {
        *((kind, "list", "allowed", namespace) for kind in NAMESPACED),
        ("Namespace", "get", "allowed", namespace),
        *((kind, "list", "out_of_reach", None) for kind in BEYOND),
        *((kind, "list", "not_offered", None) for kind in READ if kind not in BUILT_IN),
    }
    assert {one["kind"] for one in real.record["out_of_reach"] if "kind" in one} >= BEYOND
    within = {*NAMESPACED, "Namespace"}
    assert gaps(both.record) == gaps(real.record) == {(kind, "default") for kind in within}
    lost = {pair for kind in within for pair in blinded(kind, {**POLICIES, **CUSTOM})}
    assert unjudged(both.record) == lost
    assert both.record["requests"] == 2 * len(within)
    assert {rule["namespace"] for rule in both.record["missing_rules"]} == {"default"}
    granted = {
        (resource, verb)
        for rule in both.record["missing_rules"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert granted == {
        *((PLURALS[kind], "list") for kind in NAMESPACED),
        *((PLURALS[kind], "get") for kind in CONFIRMED_WITHIN),
    }


BEYOND = {kind for kind in (*BUILT_IN, "Node") if not KINDS[kind].namespaced} - {"Namespace"}
"""The kinds that an audit of namespaces does not read."""
CONFIRMED_WITHIN = CONFIRMED & {*NAMESPACED, "Namespace"}
"""What is asked for by name in an audit of namespaces."""


def test_right_to_one_named_namespace(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    """A rule with resourceNames allows to get the Namespace, and no list: the question must name it."""
    others = may_read(*(plural for plural in PLURALS.values() if plural != "namespaces"))
    rules = [others, {**may_read("namespaces"), "resourceNames": [namespace]}]
    with account(control_plane, namespace, tmp_path, rules, everywhere=True) as limited:
        inside = rehearsed(tmp_path / "a.json", "--kubeconfig", limited.kubeconfig, "-n", namespace)
        outside = rehearsed(tmp_path / "b.json", "--kubeconfig", limited.kubeconfig)
    assert (inside.code, outside.code) == (0, 3)
    assert gaps(outside.record) == {("Namespace", None)}


def test_right_to_list_is_enough(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without get nothing is hidden, but that something is absent cannot be confirmed."""
    rules = [{**may_read(*PLURALS.values()), "verbs": ["list"]}]
    with account(control_plane, namespace, tmp_path, rules, everywhere=True) as limited:
        ended = rehearsed(tmp_path / "dry.json", "--kubeconfig", limited.kubeconfig)
    assert (ended.code, ended.record["blind"]) == (0, [])
    assert {one["kind"] for one in ended.record["kinds"] if one["allowed"] is False} == CONFIRMED
    assert {verb for rule in ended.record["missing_rules"] for verb in rule["verbs"]} == {"get"}
    said = f"{len(BUILT_IN)} of {len(READ)} kinds can be read, no other is within reach"
    assert capsys.readouterr().err == f"note: exit 0: {said}\n"


def test_only_self_reviews_are_sent(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    rules = [may_read(*PLURALS.values())]
    discovery = {("get", "/version"), ("get", "/api"), ("get", "/apis")}
    reviews = ("create", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
    identity = ("create", "/apis/authentication.k8s.io/v1/selfsubjectreviews")
    exists = ("get", f"/api/v1/namespaces/{namespace}")
    with account(control_plane, namespace, tmp_path, rules, everywhere=True) as reader:

        def sent() -> list[tuple[str, str]]:
            ours = (one for one in events(control_plane) if one["user"].get("username") == reader.user)
            return [(one["verb"], one["requestURI"]) for one in ours]

        ended = rehearsed(tmp_path / "a.json", "--kubeconfig", reader.kubeconfig)
        expected = len(BUILT_IN) + len(CONFIRMED)
        until(lambda: sent().count(reviews) >= expected)
        assert ended.code == 0
        assert set(sent()) == {*discovery, identity, reviews}
        assert sent().count(reviews) == expected

        ended = rehearsed(tmp_path / "b.json", "--kubeconfig", reader.kubeconfig, "-n", namespace)
        # a Namespace is got in any case
        expected += len(NAMESPACED) + len(CONFIRMED_WITHIN)
        until(lambda: sent().count(reviews) >= expected)
        assert ended.code == 0
        assert set(sent()) == {*discovery, identity, reviews, exists}
        assert sent().count(reviews) == expected

        # as many requests as an audit is said to send at least, it sends where nothing is large
        audit(tmp_path / "c.json", "--kubeconfig", reader.kubeconfig, "-n", namespace)

        def objects() -> list[str]:
            paths = (urlsplit(uri) for verb, uri in sent())
            return [one.path for one in paths if one.path.startswith("/api") and one.query]

        until(lambda: len(objects()) >= len(NAMESPACED))
        # and the Namespace, whose path is that of the check
        assert len(objects()) + 1 == ended.record["requests"]


def test_no_server_of_opa_is_started(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    calls = tmp_path / "calls.jsonl"
    opa = str(tool_bin("opa") / "opa")

    def started(*flags: str) -> list[list[str]]:
        limits = ["--kubeconfig", str(control_plane.kubeconfig), "-n", namespace, "-o", "json"]
        command = [sys.executable, "-c", PROGRAMS, str(calls), "audit", f"--opa={opa}", *flags, *limits]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert json.loads(ended.stdout)["schema"].startswith("auditor/"), ended.stderr
        return [json.loads(line) for line in calls.read_text().splitlines()]

    assert any(opa in call and "run" in call for call in started())
    assert not any("run" in call for call in started("--dry-run"))


@pytest.fixture
def port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        found: int = held.getsockname()[1]
        return found


@pytest.mark.parametrize("what", ["down", "credentials", "context", "namespace"])
def test_no_connection_is_told_as_an_audit_tells_it(
    control_plane: ControlPlane,
    port: int,
    what: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = control_plane.kubeconfig
    flags: tuple[str, ...] = ()
    if what == "down":
        file = write_kubeconfig(tmp_path / "kubeconfig", {"server": f"https://127.0.0.1:{port}"}, {})
    if what == "credentials":
        file = write_kubeconfig(tmp_path / "kubeconfig", cluster_of(control_plane), {"token": "wrong"})
    if what == "context":
        flags = ("--context", "admni")
    if what == "namespace":
        flags = ("-n", "no-such")

    def told() -> tuple[str, str]:
        out, err = capsys.readouterr()
        return out, re.sub(r"\d+ attempts", "some attempts", err)  # they depend on chance

    real = audit(tmp_path / "a.json", "--kubeconfig", file, *flags)
    expected = told()
    dry = rehearsed(tmp_path / "b.json", "--kubeconfig", file, *flags)
    assert told() == expected
    assert expected[1].startswith("error: ")
    assert (dry.code, dry.record) == (real.code, {})
    assert dry.code == (2 if what in ("context", "namespace") else 3)


def through(plane: ControlPlane, tmp_path: Path, spoil: Spoil, command: Callable[..., Ended]) -> Ended:
    """Run a command as admin through a server that spoils answers."""
    with faulty(plane, spoil) as url:
        file = write_kubeconfig(tmp_path / "kubeconfig", {"server": url}, {"token": plane.token("admin")})
        return command(tmp_path / "out.json", "--kubeconfig", file)


FAILURES = {
    "not offered": (Answer(b'{"message": "could not find it"}', 404), "404: could not find it"),
    "forbidden": (Answer(b'{"message": "no reviews"}', 403), "403: no reviews"),
    "no answer": (Answer(b'{"status": {}}', 201), "the answer is not the JSON that was asked for"),
    "no JSON": (Answer(b"<html>", 201), "the answer is not the JSON that was asked for"),
}


@pytest.mark.parametrize(("answer", "reason"), FAILURES.values(), ids=FAILURES)
def test_server_that_cannot_be_asked(
    control_plane: ControlPlane, tmp_path: Path, answer: Answer, reason: str
) -> None:
    ended = through(
        control_plane,
        tmp_path,
        lambda path, true: answer if path.endswith(REVIEWS) else true,
        rehearsed,
    )
    assert ended.code == 3
    assert gaps(ended.record) == {(kind, None) for kind in BUILT_IN}
    for one in (one for one in ended.record["kinds"] if one["kind"] in BUILT_IN):
        assert (one["state"], one["allowed"]) == ("unknown", None)
        assert one["reason"].startswith(reason)
    # whoever has these rights need not ask
    assert {plural for rule in ended.record["missing_rules"] for plural in rule["resources"]} == set(
        PLURALS.values()
    )


def test_connection_that_is_lost_is_not_waited_for_again(control_plane: ControlPlane, tmp_path: Path) -> None:
    asked: list[str] = []
    first, rest = sorted(BUILT_IN)[:2], sorted(BUILT_IN)[2:]
    whole = len(first) + len(CONFIRMED.intersection(first))

    def spoil(path: str, true: Answer) -> Answer:
        if not path.endswith(REVIEWS):
            return true
        asked.append(path)
        return Answer(true.body[:20], 201, length=len(true.body)) if len(asked) > whole else true

    ended = through(control_plane, tmp_path, spoil, rehearsed)
    assert ended.code == 3
    assert gaps(ended.record) == {(kind, None) for kind in rest}
    reasons = {one["reason"] for one in ended.record["kinds"] if one["state"] == "unknown"}
    assert len(reasons) == 1
    assert "broke off" in reasons.pop()
    assert len(asked) < len(BUILT_IN)


@pytest.mark.parametrize("missing", ["group", "version"])
def test_what_the_server_does_not_offer(
    control_plane: ControlPlane, everything: set[tuple[str, str]], tmp_path: Path, missing: str
) -> None:
    """Without the group there is nothing to judge; in another version there is, and it cannot be read."""

    def spoil(path: str, true: Answer) -> Answer:
        if path == "/apis":
            found = json.loads(true.body)
            if missing == "group":
                found["groups"] = [one for one in found["groups"] if one["name"] != "batch"]
                return Answer(json.dumps(found).encode())
            return Answer(true.body.replace(b'"batch/v1"', b'"batch/v9"'))
        return Answer(b'{"message": "not found"}', 404) if path.startswith("/apis/batch/v1/") else true

    dry = through(control_plane, tmp_path, spoil, rehearsed)
    real = through(control_plane, tmp_path, spoil, audit)
    states = {one["kind"]: one["state"] for one in dry.record["kinds"] if one["group"] == "batch"}
    state = "not_offered" if missing == "group" else "other_version"
    assert states == {"CronJob": state, "Job": state}
    assert dry.code == (0 if missing == "group" else 3)
    assert gaps(dry.record) == gaps(real.record)
    assert unjudged(real.record) == unjudged(dry.record) | everything
    assert dry.record["missing_rules"] == []  # no right would help
    assert dry.record["requests"] == len(BUILT_IN) - (2 if missing == "group" else 0)


def test_rules_on_the_terminal_can_be_pasted(
    control_plane: ControlPlane,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opa = tool_bin("opa") / "opa"
    flags = [
        "--dry-run",
        f"--opa={opa}",
        "--kubeconfig",
        str(control_plane.kubeconfig),
        "--context",
        "nobody",
        "--color",
        "never",
    ]
    with monkeypatch.context() as terminal:
        terminal.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        terminal.setenv("COLUMNS", "40")
        assert run(["audit", *flags, "-o", f"json={tmp_path}/dry.json", "-o", "table"]) == 3
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 40
    _, start, after = out.partition("\n  - apiGroups")
    pasted = yaml.safe_load(start + after.partition("\n\n")[0])
    assert pasted == json.loads((tmp_path / "dry.json").read_text())["missing_rules"]


def test_output_that_cannot_be_written(
    control_plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--dry-run", f"--opa={tool_bin('opa') / 'opa'}", "--kubeconfig", str(control_plane.kubeconfig)]
    assert run(["audit", *flags, "-o", f"json={tmp_path}/none/dry.json", "-o", "table"]) == 4
    out, err = capsys.readouterr()
    assert err.startswith(f"error: cannot write {tmp_path}/none/dry.json: the folder")
    assert out.splitlines()[-1].startswith("summary\texit 4: not every output was written; ")
