"""`auditor reach --diff`: what a change opens, closes, or makes unknown."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.cli.app import run
from auditor.collect.snapshot import dump_snapshot
from auditor.document.network import NETWORK_KINDS, Parts
from auditor.document.overlay import laid_over
from auditor.model import Gap, Snapshot, SourceFacts
from auditor.network.addresses import Range, cidr
from auditor.network.change import Change, Changed, changes, edges
from auditor.network.reach import End, end
from auditor.network.space import Reading
from auditor.report.reach_change import ChangeTable
from tests import factories
from tests.network import ours
from tests.network.naive import Object, Packet, verdict
from tests.network.shop import DB, JOB, WEB, namespaces, pods, policy, read
from tests.network.worlds import Maker

CLOSED = policy({"podSelector": {"matchLabels": {"app": "db"}}}, name="db")
SQL = {"podSelector": {"matchLabels": {"app": "web"}}}
OPENED = policy(
    {
        "podSelector": {"matchLabels": {"app": "db"}},
        "ingress": [
            {"from": [SQL], "ports": [{"port": 5432}]},
            {"from": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"port": 9, "protocol": "UDP"}]},
        ],
    },
    name="db",
)

NO_PODS = Reading(block_holds_pods=False)


def saved(path: Path, *bodies: Object) -> str:
    path.write_text(yaml.safe_dump_all(bodies))
    return str(path)


@pytest.fixture
def before(tmp_path: Path) -> list[str]:
    """The arguments that name what is there: nobody may connect to the database."""
    return ["-f", saved(tmp_path / "before.yaml", *namespaces(), *pods(), CLOSED)]


def asked(capsys: pytest.CaptureFixture[str], *words: str, code: int = 1) -> Any:
    assert run(["reach", *words, "-o", "json"]) == code
    return json.loads(capsys.readouterr().out)


def compare(
    before: Parts,
    after: Parts,
    source: End | None = None,
    destination: End | None = None,
    *,
    reading: Reading | None = None,
) -> Change:
    cuts = [*edges(before.policies), *edges(after.policies)]
    networks = before.network(reading or Reading(), cuts), after.network(reading or Reading(), cuts)
    return changes(networks, source, destination)


def told(found: Change) -> list[tuple[str, str, str]]:
    """Which ends, and which of the three lists have something."""
    lists = ("opened", "closed", "unknown")
    return [
        (one.source, one.destination, " ".join(name for name in lists if getattr(one, name)))
        for one in found.changes
    ]


def test_manifests_are_laid_over_what_is_there(
    before: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change = ["--diff", saved(tmp_path / "change.yaml", OPENED)]
    [one] = asked(capsys, WEB, DB, *before, *change, "--no-ipblocks-match-pods")["changes"]
    sql = {"protocol": "TCP", "from": 5432, "to": 5432, "before": "closed", "after": "open", "reasons": []}
    assert (one["opened"], one["closed"], one["unknown"]) == ([sql], [], [])
    effects = [[part["effect"] for part in one["policies"][side]] for side in ("before", "after")]
    assert effects == [["isolates"], ["allows"]]
    # without ends all that changes, neighbouring addresses as one; the pods are not taken for addresses
    found = asked(capsys, *before, *change, "--no-ipblocks-match-pods")
    assert [(each["source"], each["destination"]) for each in found["changes"]] == [
        (WEB, DB),
        ("192.0.2.0/24", DB),
    ]
    unclear = asked(capsys, JOB, DB, *before, *change)["changes"][0]["unknown"]
    assert [(each["protocol"], each["before"], each["after"]) for each in unclear] == [
        ("UDP", "closed", "unknown")
    ]
    assert unclear[0]["reasons"] == ["whether an ipBlock matches the address of a pod is undefined"]


def test_no_change_ends_with_0(before: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, *before, "--diff", saved(tmp_path / "same.yaml", CLOSED), code=0)
    assert (found["changes"], found["added"], found["removed"]) == ([], [], [])
    assert run(["reach", *before, "--diff", saved(tmp_path / "none.yaml", factories.obj("ConfigMap"))]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "holds no workload, Namespace or network policy" in captured.err


def test_whole_manifests_lack_what_is_gone(
    before: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # the policy and the job are gone
    other = ["--diff", saved(tmp_path / "after.yaml", *namespaces(), *pods()[:2])]
    assert asked(capsys, *before, *other, code=0)["changes"] == []
    found = asked(capsys, *before, *other, "--whole")
    assert found["removed"] == [JOB]
    ends = {(one["source"], one["destination"]): one for one in found["changes"]}
    assert [one["before"] for one in ends[WEB, DB]["opened"]] == ["closed"] * 3
    assert [one["after"] for one in ends[WEB, JOB]["closed"]] == ["absent"] * 3
    # it could not connect before either: that it is gone changes nothing
    assert (JOB, DB) not in ends


def test_a_snapshot_is_all_there_is(
    before: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = [*namespaces(), *pods(), OPENED]
    resources = tuple(sorted(map(factories.resource, bodies), key=lambda one: one.ref))
    path = tmp_path / "later.snapshot"
    lacking: tuple[tuple[set[str], int], ...] = ((set(), 0), ({"CronJob"}, 3), ({"AuthorizationPolicy"}, 1))
    for kinds, code in lacking:
        with path.open("wb") as out:
            dump_snapshot(Snapshot(SourceFacts("cluster"), resources, (), kinds=NETWORK_KINDS - kinds), out)
        record = asked(capsys, WEB, JOB, *before, "--diff", str(path), code=code)
        assert [one["kind"] for one in record["unread"]] == sorted(kinds)
        assert bool(record["changes"]) == (code == 1)
    # what may have been denied is unknown, and a change, although something was not read
    record = asked(capsys, WEB, DB, *before, "--diff", str(path))
    assert {one["after"] for one in record["changes"][0]["unknown"]} == {"unknown"}
    assert [one["kind"] for one in record["unread"]] == ["AuthorizationPolicy"]
    refused = run(["reach", *before, "--diff", str(path), "--diff", str(tmp_path)])
    assert (refused, "takes no other --diff" in capsys.readouterr().err) == (2, True)


def test_of_a_workload_that_is_changed_its_template_counts() -> None:
    owner = factories.workload("ReplicaSet", name="web", uid="r")
    live = [factories.live(by=owner, index=number, labels={"app": "old"}) for number in range(2)]
    there = read(*namespaces(), owner, *live, pods()[1], OPENED, kind="cluster")
    new = factories.workload("ReplicaSet", name="web", labels={"app": "web"})
    new["spec"]["template"]["metadata"]["labels"] = {"app": "web"}
    after = laid_over(there, read(new))
    assert len(after.pods) == 2
    found = compare(there, after, end("shop/ReplicaSet/web"), end(DB), reading=NO_PODS)
    [shift] = found.changes[0].opened
    assert (shift.protocol, shift.first, shift.before, shift.after) == ("TCP", 5432, "closed", "open")
    assert (found.added, found.removed) == ((), ())


def test_labels_of_a_namespace_that_change_and_what_is_unread() -> None:
    by_team = policy({"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"team": "x"}}}]}]})
    there = read(*namespaces(), *pods(), by_team)
    after = laid_over(there, read(factories.namespace("tools", team="x")))
    assert (JOB, WEB, "opened") in told(compare(there, after))
    blind = laid_over(there, read(gaps=[Gap("NetworkPolicy", "403", "")]))
    assert [one.kind for one in blind.unread] == ["NetworkPolicy"]
    assert {words for *_, words in told(compare(there, blind))} == {"unknown"}
    # what was unknown and is known now is opened or closed
    assert {words for *_, words in told(compare(blind, there))} == {"opened", "closed"}


def test_a_pod_and_itself_is_no_connection_but_pods_of_a_workload_are() -> None:
    owner = factories.workload("StatefulSet", name="db")
    there = read(*namespaces(), owner, *pods()[:1])
    isolated = laid_over(there, read(policy({})))
    ends = {(source, destination) for source, destination, _ in told(compare(there, isolated))}
    assert ("shop/StatefulSet/db", "shop/StatefulSet/db") in ends
    assert (WEB, WEB) not in ends


def test_only_some_pods_may_still() -> None:
    owner = factories.workload("ReplicaSet", name="web", uid="r")
    live = [factories.live(by=owner, index=number, labels={"app": "web"}) for number in range(2)]
    live[1]["metadata"]["labels"] = {"app": "other"}
    there = read(*namespaces(), owner, *live, pods()[1], kind="cluster")
    found = compare(there, laid_over(there, read(OPENED)), end("shop/ReplicaSet/web"), end(DB))
    states = {(one.protocol, one.first, one.before, one.after) for one in found.changes[0].closed}
    assert ("TCP", 5432, "open", "partly") in states
    assert ("TCP", 5433, "open", "closed") in states


@pytest.mark.parametrize("seed", range(60))
def test_random_changes_are_what_the_plain_reading_says(seed: int) -> None:
    maker = Maker(900_000 + seed)
    world, other = maker.world(), Maker(950_000 + seed).world()
    later = world._replace(network_policies=other.network_policies, cluster_policies=other.cluster_policies)
    sides = [ours.read(one) for one in (world, later)]
    found = _Found(compare(sides[0], sides[1], reading=Reading(world.ipblocks)))
    for packet in maker.every_packet(world):
        expected = tuple(_WORDS[verdict(one, packet)] for one in (world, later))
        assert found.states(packet) == (expected if expected[0] != expected[1] else None), (packet, world)


_WORDS = {"allow": "open", "deny": "closed", "unknown": "unknown"}


class _Found:
    def __init__(self, change: Change) -> None:
        self._ends: dict[tuple[str, str], Changed] = {
            (one.source, one.destination): one for one in change.changes
        }

    def states(self, packet: Packet) -> tuple[str, str] | None:
        for ends, one in self._ends.items():
            if _is(ends[0], packet.source) and _is(ends[1], packet.destination):
                for shift in (*one.opened, *one.closed, *one.unknown):
                    if shift.protocol == packet.protocol and shift.first <= packet.port <= shift.last:
                        return shift.before, shift.after
        return None


def _is(name: str, one: Object | str) -> bool:
    if not isinstance(one, str):
        return name == f"{one['metadata']['namespace']}/Pod/{one['metadata']['name']}"
    if name.count("/") == 2:
        return False
    first, _, last = name.partition("-")
    inside = Range(cidr(first).family, cidr(first).first, cidr(last or first).last)
    return inside.holds(cidr(one))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--whole", WEB], "there is no --diff"),
        ([], "SOURCE is missing"),
        (["--diff", "missing.yaml"], "missing.yaml: no such file"),
        (["--diff", "-", "-f", "-"], "both standard input"),
        (["--diff", "{}", "shop/Pod/webb"], "did you mean 'shop/Pod/web'"),
        (["--diff", "{}", "external", "10.0.0.0/8"], "one of both ends must be a workload"),
    ],
)
def test_questions_that_are_none(
    words: list[str], message: str, before: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["reach", *(word.format(before[1]) for word in words), *before]) == 2
    assert message in capsys.readouterr().err


def test_a_screen_and_a_pipe(before: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there, after = read(*namespaces(), *pods(), CLOSED), read(*namespaces(), *pods(), OPENED)
    record = compare(there, after, end(WEB), end(DB), reading=NO_PODS)
    out = io.StringIO()
    ChangeTable(tty=True, width=70).render(record, out)
    assert out.getvalue().splitlines()[:6] == [
        "shop/Pod/web to shop/Pod/db",
        "  opens: TCP 5432 (was closed)",
        "    out of the source: no policy is about it",
        "    into the destination: NetworkPolicy shop/db allows; before:",
        "      NetworkPolicy shop/db isolates",
        "",
    ]
    assert "1 connection: 1 opened." in out.getvalue()
    change = saved(tmp_path / "change.yaml", OPENED, *pods()[:1])
    assert run(["reach", WEB, DB, *before, "--diff", change, "--port", "5432/TCP"]) == 1
    assert capsys.readouterr().out == (
        f"{WEB}\t{DB}\tTCP 5432 (was closed)\t\t\tNetworkPolicy shop/db isolates ingress\t"
        "NetworkPolicy shop/db allows ingress\n"
    )


def test_pictures_are_outputs_like_others(
    before: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "p.svg"
    assert run(["reach", WEB, *before, "-o", f"svg={picture}", "-o", "dot"]) == 0
    assert capsys.readouterr().out.startswith("digraph auditor {")
    assert "Who may connect to whom" in picture.read_text()
    change = ["--diff", saved(tmp_path / "change.yaml", OPENED)]
    assert run(["reach", *before, *change, "-o", f"svg={picture}", "-o", "dot"]) == 1
    assert "opens TCP 5432" in capsys.readouterr().out
    assert "What the change does to connections" in picture.read_text()


def test_what_is_new_and_gone_is_named_and_names_are_hostile() -> None:
    hostile = "\x1b[31m\u202e[bold]x"
    there = read(*namespaces(), *pods())
    after = read(*namespaces(), factories.pod(name=hostile), *pods()[:2])
    for tty in (True, False):
        out = io.StringIO()
        ChangeTable(tty).render(compare(there, after), out)
        assert "\x1b" not in out.getvalue()
        assert "\u202e" not in out.getvalue()
        assert "\\x1b" in out.getvalue()
        assert "(there was none)" in out.getvalue()
        assert "(was open, is gone)" in out.getvalue()
        assert not tty or "Gone: tools/Pod/job." in out.getvalue()
