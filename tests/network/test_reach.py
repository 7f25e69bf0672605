"""`auditor reach`: what it prints, of manifests as people write them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.cli.app import run
from auditor.errors import UsageError
from auditor.network.policy import PortRange
from auditor.network.reach import asked_ports, end, reach
from auditor.network.space import Reading
from auditor.report.reach import ReachTable
from tests import factories
from tests.network.naive import Object
from tests.network.shop import DB, JOB, WEB, cluster_policy, connection, namespaces, pods, policy, read

NAMED = policy(
    {
        "podSelector": {"matchLabels": {"app": "db"}},
        "ingress": [
            {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": "sql"}]},
            {"from": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"port": 9, "protocol": "UDP"}]},
        ],
    },
    name="db",
)


@pytest.fixture
def shop(tmp_path: Path) -> list[str]:
    """The arguments that name the manifests."""
    path = tmp_path / "shop.yaml"
    path.write_text(yaml.safe_dump_all([*namespaces(), *pods(), NAMED]))
    return ["-f", str(path)]


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> list[Any]:
    assert run(["reach", *words, "-o", "json"]) == 0
    found: list[Any] = json.loads(capsys.readouterr().out)["reach"]
    return found


def test_one_connection(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    decided = {"direction": "ingress", "policy": "NetworkPolicy shop/db", "effect": "allows", "sure": True}
    reason = "whether an ipBlock matches the address of a pod is undefined"
    assert answer(capsys, WEB, DB, *shop) == [
        {
            "source": WEB,
            "destination": DB,
            "allow": [{"protocol": "TCP", "from": 5432, "to": 5432}],
            "unknown": [{"protocol": "UDP", "from": 9, "to": 9, "reasons": [reason]}],
            "policies": [decided],
            "partly": [],
        }
    ]
    [closed] = answer(capsys, JOB, DB, "--port", "5432", *shop)
    assert (closed["allow"], closed["unknown"]) == ([], [])
    assert [one["effect"] for one in closed["policies"]] == ["isolates"]


def test_addresses_are_joined_where_the_same_holds(
    shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(capsys, "external", DB, "--port", "9/udp", *shop)
    assert [(one["source"], bool(one["allow"])) for one in found] == [
        ("0.0.0.0-192.0.1.255", False),
        ("192.0.2.0/24", True),
        ("192.0.3.0-255.255.255.255", False),
        ("::/0", False),
    ]
    [inside] = answer(capsys, "192.0.2.64/26", DB, *shop)
    assert (inside["source"], inside["allow"]) == ("192.0.2.64/26", [{"protocol": "UDP", "from": 9, "to": 9}])


def test_without_a_destination_all_that_is_open(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "tools/pod/job", *shop, "--no-ipblocks-match-pods")
    assert [one["destination"] for one in found] == [WEB, "0.0.0.0/0", "::/0"]
    everything = [{"protocol": one, "from": 1, "to": 65535} for one in ("TCP", "UDP", "SCTP")]
    assert all(one["allow"] == everything for one in found)
    maybe = answer(capsys, JOB, *shop)
    assert [one["destination"] for one in maybe] == [DB, WEB, "0.0.0.0/0", "::/0"]
    assert [(one["effect"], one["sure"]) for one in maybe[0]["policies"]] == [("allows", False)]
    outside = answer(capsys, JOB, *shop, "--pod-cidr", "10.0.0.0/8", "--pod-cidr", "fd00::/8")
    assert [one["destination"] for one in outside] == [WEB, "0.0.0.0/0", "::/0"]


def test_a_pipe_gets_one_line_each(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reach", "external", *shop]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"192.0.2.0/24\t{DB}\tUDP 9\t\tNetworkPolicy shop/db allows ingress",
        f"0.0.0.0/0\t{WEB}\teverything\t\t",
        f"::/0\t{WEB}\teverything\t\t",
        f"0.0.0.0/0\t{JOB}\teverything\t\t",
        f"::/0\t{JOB}\teverything\t\t",
    ]


def test_a_screen_says_who_decides(capsys: pytest.CaptureFixture[str]) -> None:
    found = read(*namespaces(), *pods(), NAMED)
    out = io.StringIO()
    ReachTable(tty=True, width=60).render(reach(found.network(Reading()), end(WEB), end(DB)), out)
    assert out.getvalue().splitlines() == [
        "shop/Pod/web to shop/Pod/db",
        "  open: TCP 5432",
        "  unknown: UDP 9: whether an ipBlock matches the address of",
        "    a pod is undefined",
        "    out of the source: no policy is about it",
        "    into the destination: NetworkPolicy shop/db allows",
        "",
        "1 connection",
        "Not looked at: whether anything enforces policies, services,",
        "  routes, encryption and protocols without ports.",
    ]


def test_what_was_not_read_ends_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(yaml.safe_dump_all([*pods(), policy({"ingress": [{"from": [{}]}]})]))
    assert run(["reach", WEB, DB, "-f", str(path)]) == 3
    captured = capsys.readouterr()
    assert "everything: NetworkPolicy shop/p could not be read" in captured.out
    assert "NetworkPolicy not read: NetworkPolicy shop/p: a peer says nobody" in captured.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["shop/Pod/webb", DB], "did you mean 'shop/Pod/web'"),
        (["external", "10.0.0.0/8"], "one of both ends must be a workload"),
        (["shop/web"], "no end of connections"),
        ([WEB, DB, "--port", "0"], "no port"),
        ([WEB, DB, "--port", "90-80"], "no port"),
        ([WEB, DB, "--port", "80/ICMP"], "no port"),
        ([WEB, DB, "--pod-cidr", "x"], "no CIDR"),
    ],
)
def test_questions_that_are_none(
    words: list[str], message: str, shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["reach", *words, *shop]) == 2
    assert message in capsys.readouterr().err


def test_ports_are_understood() -> None:
    assert asked_ports("53/udp") == (PortRange("UDP", 53, 53),)
    assert [one.protocol for one in asked_ports("8000-8080")] == ["TCP", "UDP", "SCTP"]
    with pytest.raises(UsageError):
        asked_ports("http")


def test_only_some_pods_of_a_workload() -> None:
    owner = factories.workload("ReplicaSet", name="web", uid="r")
    bodies = [factories.live(by=owner, index=number, labels={"app": "web"}) for number in range(2)]
    bodies[1]["metadata"]["labels"] = {"app": "other"}
    _, db, _ = pods()
    found = read(*namespaces(), owner, *bodies, db, NAMED, kind="cluster")
    one = connection(found, "shop/ReplicaSet/web", DB, "5432/TCP")
    assert [str(part) for part in one.allow] == [str(part) for part in one.partly] == ["TCP 5432"]


def test_all_who_may_decide_are_named() -> None:
    rules = [{"action": "Deny", "from": [{"namespaces": {}}]}]
    last = cluster_policy("Admin", 1, "first", ingress=[*rules])
    baseline = cluster_policy("Baseline", 1, "last", ingress=rules)
    found = read(*namespaces(), *pods(), last, NAMED, baseline)
    assert [one.policy for one in connection(found, JOB, DB).policies] == ["ClusterNetworkPolicy first"]
    later = read(*namespaces(), *pods(), NAMED, baseline)
    assert [one.policy for one in connection(later, JOB, DB).policies] == ["NetworkPolicy shop/db"]
    web = [one.policy for one in connection(later, JOB, WEB).policies]
    assert web == ["ClusterNetworkPolicy last"]


def test_names_are_hostile() -> None:
    hostile = "\x1b[31m\u202e[bold]x"
    bad: Object = policy({"podSelector": {}}, name=hostile)
    found = read(factories.pod(name=hostile), *pods(), bad)
    record = reach(found.network(Reading()), end(f"shop/Pod/{hostile}"), end(DB))
    for tty in (True, False):
        out = io.StringIO()
        ReachTable(tty).render(record, out)
        assert "\x1b" not in out.getvalue()
        assert "\u202e" not in out.getvalue()
        assert "\\x1b" in out.getvalue()
