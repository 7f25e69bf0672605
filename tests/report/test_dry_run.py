"""The dry run on screens of several widths, in a pipe, as JSON, and with hostile text in it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from itertools import product
from typing import Any

import msgspec
import pytest
import yaml

from auditor.document.kinds import WORKLOADS
from auditor.judge.dry_run import DryRun, dry_run
from auditor.judge.outcome import Outcome
from auditor.judge.rights import Right, State
from auditor.model import SourceFacts
from auditor.report.dry_run import DryRunTable
from auditor.report.json import JsonRenderer
from auditor.report.page import width as cells_of
from auditor.report.text import visible
from tests.factories import policy
from tests.report.hostile import CORPUS, HARMLESS
from tests.report.screens import OURS, screen, shown_lines

FACTS = SourceFacts(
    "cluster",
    name="kwok-demo",
    server="https://127.0.0.1:6443",
    user="system:serviceaccount:audit:reader",
    groups=("system:authenticated",),
    version="v1.36.3",
)
POLICIES = (
    *(policy(f"policy_{number}", wants=("namespace",)) for number in range(7)),
    policy("scaler_gone", kinds=("HorizontalPodAutoscaler", "NetworkPolicy")),
)
BLIND = Outcome(3, "blind to 5 of 12 kinds")
SEEING = Outcome(0, "12 kinds can be read")


def rights(*places: str, reason: str = "") -> list[Right]:
    """Of all sorts, in each of the places."""
    states = {
        "HorizontalPodAutoscaler": State.OTHER_VERSION,
        "NetworkPolicy": State.DENIED,
        "Namespace": State.DENIED,
        "DaemonSet": State.DENIED,
        "ReplicaSet": State.UNKNOWN,
        "CronJob": State.NOT_OFFERED,
        "Node": State.OUT_OF_REACH,
    }
    kinds = (*WORKLOADS, "HorizontalPodAutoscaler", "NetworkPolicy", "Namespace", "Node")
    return [
        Right(kind, verb, state, "" if state is State.ALLOWED else reason, place, confirms=verb == "get")
        for kind in kinds
        for verb in ("list", "get")
        for place in places or ("",)
        if (state := State.DENIED if verb == "get" else states.get(kind, State.ALLOWED))
    ]


def record(*places: str, facts: SourceFacts = FACTS, reason: str = "") -> DryRun:
    """A dry run with everything in it."""
    facts = msgspec.structs.replace(facts, namespaces=places)
    return dry_run(facts, rights(*places, reason=reason), POLICIES, "sha256:9f2c41ab03de5f60718293a4")


def table(
    shown: DryRun,
    *,
    outcome: Outcome = BLIND,
    width: int = 80,
    color: bool = False,
    ascii_only: bool = False,
) -> str:
    """The text of a dry run; no width is a pipe."""
    out = io.StringIO()
    DryRunTable(outcome, width > 0, color, ascii_only, width).render(shown, out)
    return out.getvalue()


def lines(shown: DryRun, width: int = 80, **options: Any) -> list[str]:
    """What a terminal shows."""
    return shown_lines(screen(table(shown, width=width, **options), width))


def section(shown: Sequence[str], title: str) -> list[str]:
    """The lines below a heading."""
    start = shown.index(title) + 1
    return list(shown[start : [*shown, ""].index("", start)])


def test_screen_says_who_asks_and_that_nothing_is_read() -> None:
    assert lines(record())[:4] == [
        "Cluster kwok-demo at https://127.0.0.1:6443",
        "as system:serviceaccount:audit:reader (system:authenticated), all namespaces",
        "Kubernetes v1.36.3, auditor 0.1.0, bundle sha256:9f2c41ab03de",
        "dry run for 8 policies: rights were asked for, nothing was read",
    ]


def test_screen_has_one_line_for_each_kind() -> None:
    shown = section(lines(record(), 120), "May it be read?")
    assert shown == [
        "  no             DaemonSet                apps/v1               cluster-wide  7 policies",
        "  no             Namespace                v1                    cluster-wide  7 policies",
        "  no             NetworkPolicy            networking.k8s.io/v1  cluster-wide  1 policy",
        "  unknown        ReplicaSet               apps/v1               cluster-wide  7 policies",
        "  other version  HorizontalPodAutoscaler  autoscaling/v2        cluster-wide  1 policy",
        "  yes            Deployment               apps/v1               cluster-wide  7 policies",
        "  yes            Job                      batch/v1              cluster-wide  7 policies",
        "  yes            Pod                      v1                    cluster-wide  7 policies",
        "  yes            ReplicationController    v1                    cluster-wide  7 policies",
        "  yes            StatefulSet              apps/v1               cluster-wide  7 policies",
        "  not offered    CronJob                  batch/v1              cluster-wide  7 policies",
        "  out of reach   Node                     v1                    cluster-wide  0 policies",
    ]


def test_widest_kinds_fit_80_columns_where_nothing_is_odd() -> None:
    kinds = ("HorizontalPodAutoscaler", "NetworkPolicy", "Pod")
    found = [Right(kind, "list", State.ALLOWED if kind == "Pod" else State.DENIED) for kind in kinds]
    shown = lines(dry_run(FACTS, found, POLICIES, ""))
    assert section(shown, "May it be read?") == [
        "  no   HorizontalPodAutoscaler  autoscaling/v2        cluster-wide  1 policy",
        "  no   NetworkPolicy            networking.k8s.io/v1  cluster-wide  1 policy",
        "  yes  Pod                      v1                    cluster-wide  7 policies",
    ]


def test_screen_shows_the_server_s_reason_below() -> None:
    shown = section(lines(record(reason="webhook says no"), 120), "May it be read?")
    assert shown[1] == f"{' ' * 17}webhook says no"
    assert sum("webhook says no" in line for line in shown) == 7


def test_namespaces_with_the_same_answer_share_a_line() -> None:
    places = [f"team-{number}" for number in range(7)]
    shown = lines(record(*places), 160)
    few = "team-0, team-1, team-2, team-3, team-4 and 2 more"
    assert f"  yes            Pod                      v1                    {few}  7 policies" in shown
    assert f"  DaemonSet in {few}: no DaemonSet is judged" in shown
    # what has to be done is written out
    [title] = [line for line in shown if line.startswith("What is missing")]
    assert title == f"What is missing, as rules for a Role in each of the namespaces {', '.join(places)}"


def test_screen_says_what_an_audit_does_not_see() -> None:
    shown = section(lines(record()), "An audit would be blind to")
    assert shown[:6] == [
        "  DaemonSet: no DaemonSet is judged",
        "    not evaluated: policy_0, policy_1, policy_2, policy_3, policy_4 and 2 more",
        "  Namespace: 7 policies find faults without it, but pass nothing",
        "    judged without it: policy_0, policy_1, policy_2, policy_3, policy_4 and 2",
        "      more",
        "  NetworkPolicy: no NetworkPolicy is judged",
    ]
    only = dry_run(FACTS, rights(), POLICIES[:2], "")
    assert "  DaemonSet: no DaemonSet is judged (all 2 policies)" in lines(only)


def test_screen_says_where_absence_cannot_be_confirmed() -> None:
    shown = " ".join(line.strip() for line in section(lines(record()), "Absence cannot be confirmed"))
    assert shown.startswith("no get: CronJob, Deployment, Job, Node, Pod, ")
    assert "DaemonSet" not in shown


@pytest.mark.parametrize("width", [40, 80, 120])
def test_rules_are_yaml_that_can_be_copied(width: int) -> None:
    written = table(record(), width=width)
    _, start, after = written.partition("\n  - apiGroups")
    rules = yaml.safe_load(start + after.partition("\n\n")[0])
    assert rules == json.loads(msgspec.json.encode(record().missing_rules))
    policies = {
        "apiGroups": ["networking.k8s.io"],
        "resources": ["networkpolicies"],
        "verbs": ["get", "list"],
    }
    assert policies in rules


def test_screen_ends_with_requests_and_outcome() -> None:
    assert lines(record())[-2:] == [
        "An audit would be incomplete.",
        "It sends at least 10 requests for objects; exit 3: blind to 5 of 12 kinds",
    ]
    all_seen = dry_run(FACTS, [Right("Pod", "list", State.ALLOWED)], POLICIES, "")
    assert lines(all_seen, outcome=SEEING)[-2:] == [
        "An audit would see all that is within reach.",
        "It sends at least 1 request for objects; exit 0: 12 kinds can be read",
    ]
    nothing = dry_run(FACTS, [Right("Pod", "list", State.DENIED)], POLICIES, "")
    assert lines(nothing)[-3:-1] == [
        "An audit could read nothing.",
        "With --namespace the rights in one namespace are enough.",
    ]


def test_green_is_for_seeing_everything_and_red_for_nothing() -> None:
    assert "\x1b[1;32m" not in table(record(), color=True)
    assert "\x1b[1;32m" in table(record(), outcome=SEEING, color=True)
    for width in (0, 80):
        coloured = table(record(), width=width, color=True)
        assert "31m" not in coloured
        assert OURS.sub("", coloured) == table(record(), width=width)


def test_pipe_has_one_fact_per_line() -> None:
    rows = [line.split("\t") for line in table(record("shop"), width=0).splitlines()]
    user = "as system:serviceaccount:audit:reader (system:authenticated)"
    assert rows[0] == ["source", "cluster", "kwok-demo", "https://127.0.0.1:6443", user, "namespaces shop"]
    every = ", ".join(f"policy_{number}" for number in range(7))
    assert ["denied", "list", "DaemonSet", "apps/v1", "shop", "-", every] in rows
    assert ["denied", "get to confirm", "Pod", "v1", "shop", "-", every] in rows
    assert [
        "blind",
        "DaemonSet",
        "shop",
        "no DaemonSet is judged",
        "nothing grants list on it",
        every,
    ] in rows
    assert [
        "rule",
        "Role in shop",
        '{"apiGroups":["networking.k8s.io"],"resources":["networkpolicies"],"verbs":["get","list"]}',
    ] in rows
    assert rows[-2:] == [["requests", "10"], ["summary", "exit 3: blind to 5 of 12 kinds"]]


def test_json_starts_with_the_schema() -> None:
    out = io.StringIO()
    JsonRenderer().render(record("shop"), out)
    assert out.getvalue().startswith('{\n  "schema": "auditor/dry-run/v1",\n')
    found = json.loads(out.getvalue())
    assert found["kinds"][0] == {
        "kind": "DaemonSet",
        "group": "apps",
        "version": "v1",
        "resource": "daemonsets",
        "verb": "list",
        "allowed": False,
        "state": "denied",
        "reason": "",
        "policies": [f"policy_{number}" for number in range(7)],
        "namespace": "shop",
    }
    assert {"kinds", "blind", "missing_rules", "source", "bundle", "requests"} < set(found)
    # nothing is lost on the way
    assert msgspec.json.encode(msgspec.convert(found, DryRun), order="sorted") == msgspec.json.encode(
        record("shop"), order="sorted"
    )


def hostile(text: str) -> DryRun:
    """A dry run with the text in all that a server or a kubeconfig says."""
    facts = SourceFacts("cluster", name=text, server=text, user=text, groups=(text, text), version=text)
    return record(facts=facts, reason=text)


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS.keys())
def test_hostile_text(text: str) -> None:
    for width, color, ascii_only in product((0, 30, 80, 120), (False, True), (False, True)):
        written = table(hostile(text), width=width, color=color, ascii_only=ascii_only)
        plain = OURS.sub("", written)
        assert written.encode("ascii" if ascii_only else "utf-8")
        for line in plain.removesuffix("\n").split("\n"):
            cells = [line] if width else line.split("\t")
            assert all(visible(cell, ascii_only) == cell for cell in cells)
            assert not width or cells_of(line) <= width
        if not width:
            harmless = table(hostile(HARMLESS), width=0)
            assert [row.count("\t") for row in plain.split("\n")] == [
                row.count("\t") for row in harmless.split("\n")
            ]
            assert visible(text, ascii_only) in plain
    out = io.StringIO()
    JsonRenderer().render(hostile(text), out)
    assert out.getvalue().encode("utf-8")
    assert json.loads(out.getvalue())["source"]["name"].encode("utf-8")
