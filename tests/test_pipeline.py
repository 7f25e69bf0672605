"""The steps together, over a fake source and a fake engine: the whole record, always the same."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from auditor import __version__
from auditor.document.kinds import WORKLOADS
from auditor.judge.families import families
from auditor.judge.namespaces import Namespaces
from auditor.judge.selection import Selection
from auditor.model import (
    Answer,
    Body,
    Failure,
    Gap,
    Glimpse,
    Obstacle,
    Origin,
    PodCount,
    Question,
    Resource,
    SkippedFile,
    SourceFacts,
    Verdict,
    Violation,
)
from auditor.objects import Place
from auditor.pipeline import collect, judge, run
from auditor.record import (
    Audit,
    Counts,
    FrameworkText,
    GapEntry,
    InventoryEntry,
    NotEvaluated,
    PopulationEntry,
)
from auditor.rules import Control, Framework, Severity
from tests import factories as make
from tests.factories import FakeEngine, FakeSource, policy, resource, selection

START = datetime(2026, 11, 24, 10, 0, tzinfo=timezone(timedelta(hours=2)))


def no_host_pid(given: Mapping[str, Any]) -> Verdict:
    """Fails pods on the process namespace of the host."""
    path = f"{given['pod']['path']}/hostPID"
    return Verdict((Violation(path, "x"),)) if given["pod"]["spec"].get("hostPID") else Verdict()


def no_latest(given: Mapping[str, Any]) -> Verdict:
    """Fails images without a tag, and cannot tell of images without a name."""
    images = {one["path"]: one["body"].get("image") for one in given["containers"]}
    return Verdict(
        tuple(Violation(path, "x") for path, image in images.items() if image and ":" not in image),
        unknown=tuple(f"{path} has no image" for path, image in images.items() if not image),
    )


def labelled(given: Mapping[str, Any]) -> Verdict:
    """Skips Namespaces of the system, and fails those without an owner."""
    if given["meta"]["name"] == "kube-system":
        return Verdict(skip=("The system owns it.",))
    return Verdict() if "owner" in given["meta"]["labels"] else make.fail("/metadata/labels")


FRAMEWORK = Framework(
    "f",
    "Framework",
    "1",
    (
        Control("1", "No host PID", ("no_host_pid",)),
        Control("2", "Images", ("no_latest",), partial=True),
        Control("3", "Owners", ("labelled", "off")),
        Control("4", "By hand"),
        Control("5", "Namespaces", ("labelled",)),
    ),
)
CHOSEN = selection(
    policy("no_host_pid", severities=(Severity.CRITICAL,)),
    policy("no_latest", severities=(Severity.LOW,)),
    policy("labelled", kinds=("Namespace",), severities=(Severity.MEDIUM,)),
    frameworks=[FRAMEWORK],
    declined=[policy("off")],
)


def audited(
    *items: Resource | Gap | SkippedFile | Glimpse | Body, chosen: Selection = CHOSEN, **options: Any
) -> Audit:
    read = [resource(one) if isinstance(one, dict) else one for one in items]
    engine = options.pop("engine", None) or FakeEngine(
        no_host_pid=no_host_pid, no_latest=no_latest, labelled=labelled
    )
    times = iter([START, START + timedelta(seconds=5)])
    foresee = options.pop("foresee", None)
    source = FakeSource(*read, **options)
    return run(
        source,
        engine,
        chosen,
        bundle=make.bundle(chosen),
        run_id="id",
        clock=lambda: next(times),
        foresee=foresee,
    )


def statuses(record: Audit) -> dict[str, str]:
    return {one.control: one.status for one in record.controls}


BAD = make.pod_spec(hostPID=True)
OWNER = make.deployment(uid="uid-web")
CLUSTER: list[Body] = [
    OWNER,
    *(make.live(index=number, by=OWNER) for number in range(3)),
    make.live(BAD, index=7, by=OWNER),
    make.live(BAD, index=8, by=make.rollout("Workflow", "flow")),
    make.live(
        make.pod_spec(hostPID=True, containers=[make.container(image="web")]),
        index=9,
        by=make.rollout("Workflow", "flow"),
    ),
    make.deployment({"containers": [{"name": "a"}]}, name="unknown"),
    make.deployment({"containers": [{"name": "a", "image": "web"}, {"name": "b"}]}, name="both"),
    make.deployment(BAD, name="proxy", namespace="kube-system"),
    make.deployment({"containers": []}, name="refused"),
    make.namespace("shop"),
    make.namespace("kube-system"),
]


def test_the_whole_record() -> None:
    record = audited(*CLUSTER, facts=SourceFacts("cluster", name="test", user="me", version="v1.36.3"))
    assert record.audit.id == "id"
    assert (record.audit.started_at, record.audit.finished_at) == (
        "2026-11-24T08:00:00Z",
        "2026-11-24T08:00:05Z",
    )
    assert record.audit.auditor_version == __version__
    assert record.audit.source == {
        "kind": "cluster",
        "name": "test",
        "user": "me",
        "version": "v1.36.3",
        "read_at": record.audit.started_at,
    }
    assert record.audit.bundle.digest == "sha256:d"
    assert record.audit.bundle.policies == ("labelled", "no_host_pid", "no_latest")
    assert [(one.policy, str(one.resource), one.path) for one in record.findings] == [
        ("no_host_pid", "Deployment kube-system/proxy", "/spec/template/spec/hostPID"),
        ("no_host_pid", "Deployment shop/web", "/spec/hostPID"),
        ("no_host_pid", "Pod shop/flow-00008", "/spec/hostPID"),
        ("labelled", "Namespace shop", "/metadata/labels"),
        ("no_latest", "Deployment shop/both", "/spec/template/spec/containers/0"),
        ("no_latest", "Pod shop/flow-00009", "/spec/containers/0"),
    ]
    assert record.findings[1].message == "x Only in 1 of 4 live pods, not in the template."
    assert record.findings[0].controls == ("f/1",)
    assert record.findings[4].evidence == {"unknown": ["/spec/template/spec/containers/1 has no image"]}
    assert record.summary.findings == Counts(critical=2, medium=1, low=2)
    assert record.summary.resources == len(CLUSTER)
    assert record.summary.documents == 10
    assert record.summary.evaluations == 15
    assert [(one.policy, str(one.resource), one.reason) for one in record.not_evaluated] == [
        ("no_host_pid", "Deployment shop/refused", "spec.template.spec.containers is missing or empty"),
        ("no_latest", "Deployment shop/refused", "spec.template.spec.containers is missing or empty"),
        ("no_latest", "Deployment shop/unknown", "/spec/template/spec/containers/0 has no image"),
    ]
    assert statuses(record) == {"1": "fail", "2": "fail", "3": "fail", "4": "manual", "5": "fail"}
    assert [one.failing for one in record.controls] == [2, 2, 1, 0, 1]
    assert record.controls[1].partial
    assert record.summary.scores == {"f": 0.0}
    pods = len(WORKLOADS) - 1  # kinds that are empty, or whose every document got a verdict
    assert record.summary.coverage == pytest.approx(
        (pods + 5 / 6 + pods + 4 / 6 + 1) / (2 * len(WORKLOADS) + 1)
    )
    assert record.out_of_reach == (
        GapEntry(None, "policy off is switched off", "not judged: Title of off", policy="off"),
    )
    assert not record.gaps
    assert not record.skipped_files
    assert not record.waivers


def test_system_findings_do_not_count() -> None:
    (one,) = [one for one in audited(*CLUSTER).findings if one.resource.namespace == "kube-system"]
    assert one.system
    assert not [one for one in audited(*CLUSTER).findings if one.system and one.resource.namespace == "shop"]


def test_a_policy_that_was_not_selected_keeps_its_control_incomplete() -> None:
    owned = make.namespace("shop", owner="me")
    assert statuses(audited(owned)) == {
        "1": "not_applicable",
        "2": "not_applicable",
        "3": "incomplete",
        "4": "manual",
        "5": "pass",
    }


# --- always the same ------------------------------------------------------------------------------

GAPS: list[Gap | SkippedFile] = [
    Gap("Pod", "403: b", "x", namespace="b"),
    Gap("Pod", "403: a", "x", namespace="a"),
    Gap(None, "a.yaml:3: broken", "x", origin=Origin("a.yaml", 2, 3)),
    Gap(None, "a.yaml:1: broken", "x", origin=Origin("a.yaml", 1, 1)),
    Gap("Node", "cluster-wide", "x", out_of_reach=True),
    SkippedFile("b.yaml", "no kind", 4),
    SkippedFile("a.yaml", "no kind"),
]


def timeless(record: Audit) -> bytes:
    stamp = msgspec.structs.replace(record.audit, id="", started_at="", finished_at="")
    return msgspec.json.encode(msgspec.structs.replace(record, audit=stamp))


class Shuffling(FakeEngine):
    """Answers in any order."""

    def __init__(self, seed: int) -> None:
        super().__init__(no_host_pid=no_host_pid, no_latest=no_latest, labelled=labelled)
        self._random = random.Random(seed)

    def evaluate(self, questions: Iterable[Question]) -> Iterator[Answer]:
        answers = list(super().evaluate(questions))
        self._random.shuffle(answers)
        yield from answers


@pytest.mark.parametrize("seed", range(8))
def test_the_same_bytes_whatever_the_order(seed: int) -> None:
    items = [*CLUSTER, *GAPS]
    expected = timeless(audited(*items))
    shuffled = random.Random(seed).sample(items, len(items))
    assert timeless(audited(*shuffled, engine=Shuffling(seed))) == expected


def test_the_same_bytes_for_manifests_defined_twice() -> None:
    items = [
        resource(make.deployment(BAD), path=path, document=number, line=number)
        for path in ("a.yaml", "b.yaml")
        for number in (1, 2)
    ]
    expected = audited(*items)
    assert timeless(audited(*items[::-1], engine=Shuffling(1))) == timeless(expected)
    assert len({one.fingerprint for one in expected.findings}) == 4


# --- what is judged ahead -------------------------------------------------------------------------


def test_a_glimpse_is_judged_ahead_and_counts_for_nothing() -> None:
    known = [resource(one) for one in CLUSTER]
    gone = resource(make.deployment(BAD, name="gone"))
    owners = [one for one in known if one.ref.kind != "Pod"]
    asked: list[Question] = []
    expected = timeless(audited(*known))
    assert timeless(audited(Glimpse((*owners, gone)), *known)) == expected
    assert timeless(audited(Glimpse((*owners, gone)), *known, foresee=asked.extend)) == expected
    names = [one.document.ref.name for one in asked]
    assert {"gone", "web"} <= set(names) <= {one.ref.name for one in (*owners, gone)}
    assert next(one for one in asked if one.document.ref.name == "web").policies == (
        "no_host_pid",
        "no_latest",
    )


# --- what could not be read or judged -------------------------------------------------------------


def test_nothing_was_collected() -> None:
    record = audited()
    assert (record.summary.resources, record.summary.documents, record.summary.evaluations) == (0, 0, 0)
    assert record.summary.coverage == 1
    assert not record.findings
    assert not record.not_evaluated
    assert record.summary.scores == {"f": None}


def test_gaps() -> None:
    record = audited(make.namespace("shop", owner="me"), make.deployment(), *GAPS)
    assert [(one.kind, one.namespace, one.reason) for one in record.gaps] == [
        (None, None, "a.yaml:1: broken"),
        (None, None, "a.yaml:3: broken"),
        ("Pod", "a", "403: a"),
        ("Pod", "b", "403: b"),
    ]
    assert record.gaps[0].source == Place("a.yaml", 1, 1)
    assert record.out_of_reach[0] == GapEntry(kind="Node", reason="cluster-wide", effect="x")
    assert [(one.path, one.line) for one in record.skipped_files] == [("a.yaml", None), ("b.yaml", 4)]
    assert record.not_evaluated == tuple(
        NotEvaluated(policy=name, reason="403: a", kind="Pod", obstacle=Obstacle.UNREADABLE)
        for name in ("no_host_pid", "no_latest")
    )
    assert set(statuses(record).values()) == {"incomplete", "manual"}
    assert record.summary.coverage < 1


@pytest.mark.parametrize(
    "gap",
    [
        Gap("Namespace", "403", "x"),
        Gap("Namespace", "limited", "x", out_of_reach=True),
        Gap("Namespace", "broken", "x", origin=Origin("a.yaml", 1, 1)),
        Gap(None, "broken", "x", origin=Origin("a.yaml", 1, 1)),
    ],
)
def test_any_gap_keeps_a_control_from_passing(gap: Gap) -> None:
    assert statuses(audited(make.namespace("shop", owner="me")))["5"] == "pass"
    assert statuses(audited(make.namespace("shop", owner="me"), gap))["5"] == "incomplete"


def test_needs_that_cannot_be_read_are_not_asked() -> None:
    needy = policy("no_host_pid", needs=("namespace",))
    engine = FakeEngine(no_host_pid=no_host_pid)
    gap = Gap("Namespace", "403", "x")
    record = audited(make.deployment(), gap, chosen=selection(needy), engine=engine)
    assert engine.questions == []
    assert record.not_evaluated[0].reason == "needs namespace: Namespace could not be read: 403"
    assert record.summary.coverage == 0


class Forgetful(FakeEngine):
    """Leaves out one question and one policy of another, and repeats itself."""

    def evaluate(self, questions: Iterable[Question]) -> Iterator[Answer]:
        answers = list(super().evaluate(questions))[1:]
        first = answers[0]
        verdicts = {name: one for name, one in first.verdicts.items() if name != "no_latest"}
        yield Answer(first.document, verdicts)
        yield first
        yield from answers[1:]


def test_an_engine_that_forgets_does_not_make_the_audit_look_complete() -> None:
    bodies = [make.deployment(name=name) for name in "abc"]
    chosen = selection(policy("no_host_pid"), policy("no_latest"))
    record = audited(*bodies, chosen=chosen, engine=Forgetful(no_host_pid=no_host_pid, no_latest=no_latest))
    assert [
        (one.policy, one.resource.name if one.resource else "", one.reason) for one in record.not_evaluated
    ] == [
        ("no_host_pid", "a", "the engine gave no verdict"),
        ("no_latest", "a", "the engine gave no verdict"),
        ("no_latest", "b", "the engine gave no verdict"),
    ]
    assert record.summary.evaluations == 3


def test_a_failure_of_the_engine_is_not_evaluated() -> None:
    engine = FakeEngine(no_host_pid=lambda _: Failure("it ran for too long"))
    record = audited(make.deployment(), chosen=selection(policy("no_host_pid")), engine=engine)
    assert [one.reason for one in record.not_evaluated] == ["it ran for too long"]


def test_only_what_is_asked_for_is_read() -> None:
    source = FakeSource(make_config := resource(make.obj("ConfigMap")))
    assert collect(source, selection(policy(kinds=("ConfigMap",)))).resources == (make_config,)
    assert source.asked == {"ConfigMap"}
    collect(source, selection(policy(kinds=("Pod",), wants=("namespace",))))
    assert source.asked == {*WORKLOADS, "Namespace"}


def test_waived_findings_are_counted_apart() -> None:
    from auditor.judge.recording import _counts

    findings = audited(*CLUSTER).findings
    waived = [msgspec.structs.replace(one, status="waived") for one in findings[:2]]
    assert _counts([*waived, *findings[2:]]) == Counts(critical=1, medium=1, low=2, waived=2)


@pytest.mark.parametrize(
    ("reads", "what"),
    [
        (("pod", "status"), "live status"),
        (("pod", "now"), "how old something is"),
        (("status", "now"), "live status"),
    ],
)
def test_live_status_is_out_of_reach_for_manifests(reads: tuple[str, ...], what: str) -> None:
    looking = policy("no_host_pid", reads=reads)
    chosen = selection(looking, policy("no_latest"), frameworks=[FRAMEWORK])
    manifests = audited(OWNER, chosen=chosen, facts=SourceFacts("manifests"))
    assert manifests.audit.bundle.policies == ("no_latest",)
    assert [one.reason for one in manifests.out_of_reach] == [
        f"policy no_host_pid judges {what}, which manifests do not have"
    ]
    assert (statuses(manifests)["1"], manifests.summary.coverage) == ("incomplete", 1)
    live = audited(OWNER, chosen=chosen, facts=SourceFacts("cluster"))
    assert (statuses(live)["1"], live.out_of_reach) == ("pass", ())


def test_a_finding_of_live_pods_names_them() -> None:
    crowd = [make.live(BAD, index=number, by=OWNER) for number in range(25)]
    (finding,) = audited(OWNER, *crowd, chosen=selection(policy("no_host_pid"))).findings
    assert finding.pods == PodCount(25, 25)
    assert len(finding.evidence["pods"]) == 20
    assert finding.evidence["pods"] == sorted(finding.evidence["pods"])


def test_what_looks_at_no_pods_judges_no_live_variants() -> None:
    """The owner answers for all of them."""
    pods = [make.live(index=1, by=OWNER), make.live(BAD, index=2, by=OWNER)]
    chosen = selection(policy("of_owners", reads=("meta", "spec")), policy("of_pods"))
    always = {name: lambda given: make.fail("/spec") for name in chosen.policies}
    engine = FakeEngine(**always)
    found = collect(FakeSource(*map(make.resource, (OWNER, *pods))), chosen)
    _, results = judge(found, engine, chosen)
    asked = {
        name: [one.document.variant for one in results if name in one.statuses] for name in chosen.policies
    }
    assert asked == {"of_owners": [False], "of_pods": [False, True]}
    [told] = [
        one for family in families(results) if family.policy.id == "of_owners" for one in family.failed()
    ]
    assert told.pods == PodCount(2, 2)


def test_a_gap_in_a_system_namespace_keeps_no_control_from_its_verdict() -> None:
    broken = make.deployment({"containers": []}, namespace="kube-system")
    record = audited(OWNER, broken, chosen=selection(policy("no_host_pid"), frameworks=[FRAMEWORK]))
    assert [str(one.resource) for one in record.not_evaluated] == ["Deployment kube-system/web"]
    assert statuses(record)["1"] == "pass"


@pytest.mark.parametrize(("number", "remarked"), [(50, False), (51, True)])
@pytest.mark.parametrize("by", [OWNER, make.rollout()], ids=["template", "outside owner"])
def test_an_owner_with_very_many_variants_is_judged_whole_and_remarked_upon(
    by: Body, number: int, remarked: bool
) -> None:
    images = (make.pod_spec(containers=[make.container(image=f"i:{one}")]) for one in range(number))
    pods = [make.live(spec, index=index, by=by) for index, spec in enumerate(images)]
    record = audited(OWNER, *pods, chosen=selection(policy("no_host_pid")))
    assert record.summary.documents == number + 1
    expected = [f"its {number} live pods come in {number} variants; all of them were judged"]
    assert [one.text for one in record.remarks] == (expected if remarked else [])


def test_a_cluster_is_told_by_its_oldest_namespace() -> None:
    system = make.namespace("kube-system")
    system["metadata"]["uid"] = "uid-of-the-cluster"
    assert audited(system, make.deployment()).audit.source["cluster_id"] == "uid-of-the-cluster"
    assert "cluster_id" not in audited(make.deployment()).audit.source


def promotable(given: Mapping[str, Any]) -> Verdict:
    """Fails namespaces in which nothing fails no_host_pid, and cannot tell where it was not evaluated."""
    found = given["results"]["no_host_pid"]
    if found["not_evaluated"]:
        return Verdict(unknown=("Not everything was evaluated.",))
    return Verdict() if found["fail"] else make.fail("/metadata/labels")


def second_pass(*items: Resource | Gap) -> dict[str, Any]:
    """Audit with a policy about the results of another; return its results by namespace."""
    rules = selection(
        policy("no_host_pid", kinds=("Deployment",), reads=("pod",)),
        policy("promotable", kinds=("Namespace",), reads=("meta", "results"), needs=("results",)),
    )
    engine = FakeEngine(no_host_pid=no_host_pid, promotable=promotable)
    bundle = make.bundle(rules)
    audit = run(FakeSource(*items), engine, rules, bundle=bundle, run_id="1", clock=lambda: START)
    about = [one for one in audit.findings if one.policy == "promotable"]
    unjudged = [one for one in audit.not_evaluated if one.policy == "promotable"]
    return {
        "findings": [one.resource.name for one in about],
        "not_evaluated": [one.resource.name for one in unjudged if one.resource],
        "documents": audit.summary.documents,
    }


def test_verdicts_about_verdicts() -> None:
    bad = make.deployment(make.pod_spec(hostPID=True), namespace="bank")
    found = second_pass(
        *map(resource, (make.deployment(), bad, make.namespace("shop"), make.namespace("bank")))
    )
    assert found == {"findings": ["shop"], "not_evaluated": [], "documents": 4}


def test_what_was_hidden_from_the_first_pass_leaves_the_second_one_open() -> None:
    gap = Gap("Deployment", "403: forbidden", "nothing")
    found = second_pass(gap, resource(make.namespace("shop")))
    assert found == {"findings": [], "not_evaluated": ["shop"], "documents": 1}


def test_what_is_only_counted_is_judged_and_not_told() -> None:
    counted = policy("no_host_pid", kinds=("Deployment",), reads=("pod",))
    rule = policy("promotable", kinds=("Namespace",), reads=("meta", "results"), needs=("results",))
    chosen = msgspec.structs.replace(selection(rule), counted={counted.id: counted})
    engine = FakeEngine(no_host_pid=no_host_pid, promotable=promotable)
    bad = make.deployment(BAD, namespace="bank")
    world = (make.deployment(), bad, make.namespace("shop"), make.namespace("bank"))
    record = audited(*world, chosen=chosen, engine=engine)
    assert [(one.policy, one.resource.name) for one in record.findings] == [("promotable", "shop")]
    assert (record.not_evaluated, record.audit.bundle.policies) == ((), ("promotable",))
    assert (record.summary.documents, record.summary.evaluations, record.summary.coverage) == (2, 2, 1)
    alone = msgspec.structs.replace(selection(), counted={counted.id: counted})
    assert audited(*world, chosen=alone, engine=engine).findings == ()
    hidden = audited(
        Gap("Deployment", "403: forbidden", "nothing"), make.namespace("shop"), chosen=chosen, engine=engine
    )
    assert [one.policy for one in hidden.not_evaluated] == ["promotable"]


# --- the control plane ----------------------------------------------------------------------------

NONE_FOUND = "No pod of it was seen."
SERVER = make.pod(name="kube-apiserver-a", namespace="kube-system", phase="Running")
AUDIT_LOG = policy(
    "audit_log", kinds=("Pod",), category="control_plane", none_found=NONE_FOUND, reads=("meta",)
)
SERVED = selection(
    AUDIT_LOG,
    policy("no_host_pid"),
    frameworks=[Framework("f", "", "1", (Control("1", "Audit", ("audit_log",)),))],
)


def api_server(given: Mapping[str, Any], verdict: Verdict) -> Verdict:
    found = given["meta"]["name"].startswith("kube-apiserver")
    return verdict if found else Verdict(skip=("It is another pod.",))


def served(*items: Any, verdict: Verdict = Verdict(), chosen: Selection = SERVED, **options: Any) -> Audit:  # noqa: B008
    engine = FakeEngine(no_host_pid=no_host_pid, audit_log=lambda given: api_server(given, verdict))
    return audited(*items, engine=engine, chosen=chosen, **options)


@pytest.mark.parametrize("world", [(), (make.pod(name="web"),)])
def test_a_control_plane_that_is_not_seen_is_told(world: tuple[Body, ...]) -> None:
    record = served(make.deployment(), *world)
    assert record.not_evaluated == (
        NotEvaluated(policy="audit_log", reason=NONE_FOUND, obstacle=Obstacle.UNKNOWN),
    )
    assert statuses(record) == {"1": "incomplete"}
    # nobody expects to see it
    assert record.summary.coverage == 1
    assert served(chosen=selection(AUDIT_LOG)).summary.coverage == 0


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict(), "pass"),
        (make.fail("/spec"), "fail"),
        (Verdict(unknown=("why",)), "incomplete"),
    ],
)
def test_a_control_plane_that_is_seen_decides_its_controls(verdict: Verdict, status: str) -> None:
    """It is in a system namespace, whose workloads decide none."""
    record = served(SERVER, make.pod(name="web"), verdict=verdict)
    assert statuses(record) == {"1": status}
    assert NONE_FOUND not in {one.reason for one in record.not_evaluated}
    assert [one.system for one in record.findings] == [True] * len(verdict.fail)


def test_where_only_a_part_was_to_be_seen_the_rest_is_not_missed() -> None:
    facts = SourceFacts("cluster", namespaces=("shop",))
    for record in (served(make.pod(), facts=facts), served(make.pod(), facts=SourceFacts("manifests"))):
        assert record.not_evaluated == ()


def test_a_control_plane_that_could_not_be_read_is_told_once() -> None:
    record = served(Gap("Pod", "403: forbidden", "nothing"))
    assert [(one.reason, one.kind) for one in record.not_evaluated if one.policy == "audit_log"] == [
        ("403: forbidden", "Pod")
    ]


# --- what became of every object ------------------------------------------------------------------


def population(record: Audit) -> dict[str, PopulationEntry]:
    for one in record.population:
        parts = (one.judged, one.through_owner, one.not_judged, one.out_of_reach, one.context)
        assert one.listed == sum(parts)
    return {one.kind: one for one in record.population if one.listed or one.unread or one.beyond}


def test_every_object_is_in_one_column_of_the_population() -> None:
    ended = {**make.live(index=6, by=OWNER), "status": {"phase": "Succeeded"}}
    assert population(audited(*CLUSTER, ended)) == {
        "Deployment": PopulationEntry("Deployment", 5, judged=4, not_judged=1),
        "Namespace": PopulationEntry("Namespace", 2, judged=2),
        "Pod": PopulationEntry("Pod", 7, judged=2, through_owner=4, context=1),
    }


def test_pods_of_one_owner_outside_are_judged_with_the_first_of_them() -> None:
    flow = make.rollout("Workflow", "flow")
    pods = [make.live(BAD, index=number, by=flow) for number in range(3)]
    assert population(audited(*pods))["Pod"] == PopulationEntry("Pod", 3, judged=1, through_owner=2)


def test_pods_whose_owner_has_no_verdict_are_not_judged() -> None:
    spec = {"containers": [{"name": "a"}]}
    owner = make.deployment(spec, uid="uid-web")
    chosen = selection(policy("no_latest"))
    found = population(audited(owner, make.live(spec, index=1, by=owner), chosen=chosen))
    assert found["Pod"] == PopulationEntry("Pod", 1, not_judged=1)


def test_population_tells_what_nobody_can_count() -> None:
    found = population(
        audited(*CLUSTER, *GAPS, Gap("Job", "a.yaml:9: x", "y", origin=Origin("a.yaml", 3, 9)))
    )
    assert found["Pod"].unread == "403: a"
    assert found["Node"] == PopulationEntry("Node", 0, beyond="cluster-wide")
    assert found["Job"] == PopulationEntry("Job", 1, not_judged=1)


def test_namespaces_that_are_left_out_are_out_of_reach() -> None:
    chosen = msgspec.structs.replace(CHOSEN, namespaces=Namespaces(exclude=("kube-*",)))
    found = population(audited(*CLUSTER, chosen=chosen))
    assert found["Deployment"] == PopulationEntry("Deployment", 5, judged=3, not_judged=1, out_of_reach=1)


def test_inventory_counts_an_owner_and_its_variants_once() -> None:
    assert audited(*CLUSTER).inventory == (
        InventoryEntry("", {"Namespace": 2}),
        InventoryEntry("kube-system", {"Deployment": 1}, system=True),
        InventoryEntry("shop", {"Deployment": 4, "Pod": 2}),
    )


def test_the_record_has_the_words_of_its_rules() -> None:
    record = audited(*CLUSTER)
    assert [(one.policy, one.remediation) for one in record.policies] == [
        (name, "Change it.") for name in ("labelled", "no_host_pid", "no_latest")
    ]
    assert record.frameworks == (FrameworkText("f", "Framework", "1"),)
