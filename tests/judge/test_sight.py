"""What an audit looked at: every line of a record that may have hidden a finding, and near misses."""

from __future__ import annotations

import msgspec
import pytest

from auditor.document.kinds import WORKLOADS
from auditor.judge.delta import between, delta
from auditor.judge.sight import Sight
from auditor.judge.waiver_findings import BUILT_IN
from auditor.objects import Place, ResourceEntry
from auditor.past import RuleChanges
from auditor.record import Audit, BundleEntry, GapEntry, NotEvaluated, SkippedEntry
from tests.judge import audits as make
from tests.judge.audits import AGAINST, audit, bundle, entry, finding, gap, manifests, rule

FILE = "k8s/web.yaml"
IN_FILE = entry(file=FILE)

# --- what was not looked at -----------------------------------------------------------------------

POD = entry("flow-1", "Pod", by="flow")
OTHER_POD = entry("flow-2", "Pod", by="flow")
SPACE = entry("shop", "Namespace", "")
NODE = entry("one", "Node", "")
TWO_SPACES = {"kind": "cluster", "namespaces": ["shop", "other"]}

UNSEEN: dict[str, tuple[Audit, ResourceEntry, str]] = {
    "policy was not selected": (
        audit(by=bundle("p", "q", selected=["q"])),
        entry(),
        "its policy was not selected",
    ),
    "policy was not selected, older record": (
        audit(by=BundleEntry("sha256:d", ("q",))),
        entry(),
        "its policy was not selected",
    ),
    "policy is gone": (audit(by=bundle("q")), entry(), "its policy is not in the bundle"),
    "policy is switched off": (
        audit(
            by=bundle("p", selected=[]),
            out_of_reach=[GapEntry(None, "policy p is switched off", "not judged: Title", policy="p")],
        ),
        entry(),
        "its policy is switched off",
    ),
    "policy judges other kinds by now": (
        audit(by=bundle(rule(kinds=("Job", "Pod")))),
        entry(),
        "its policy does not judge the kind Deployment",
    ),
    "no verdict about the object": (
        audit(not_evaluated=[NotEvaluated("p", "it has 300 KiB", entry())]),
        entry(),
        "it has 300 KiB",
    ),
    "no verdict, and no reason": (
        audit(not_evaluated=[NotEvaluated("p", "", entry())]),
        entry(),
        "no reason was given",
    ),
    "no verdict about another pod of the same outside owner": (
        audit(not_evaluated=[NotEvaluated("p", "timed out", OTHER_POD)]),
        POD,
        "timed out",
    ),
    "no verdict about an older version of the object": (
        audit(
            not_evaluated=[
                NotEvaluated("p", "timed out", ResourceEntry("apps/v1beta1", "Deployment", "shop", "web"))
            ]
        ),
        entry(),
        "timed out",
    ),
    "no verdict about the kind": (
        audit(not_evaluated=[NotEvaluated("p", "needs namespace", kind="Deployment")]),
        entry(),
        "needs namespace",
    ),
    "no verdict about anything": (
        audit(not_evaluated=[NotEvaluated("p", "quarantine")]),
        entry(),
        "quarantine",
    ),
    "half a verdict about the object": (
        audit(finding(key="other", evidence={"unknown": ["the image", "the port"]})),
        entry(),
        "the image; the port",
    ),
    "half a verdict without a reason": (
        audit(finding(key="other", evidence={"unknown": [""]})),
        entry(),
        "no reason was given",
    ),
    "perhaps half a verdict": (
        audit(finding(key="other", evidence={"truncated": {"bytes": 9000, "fields": 3}})),
        entry(),
        "its evidence was too long to be kept whole",
    ),
    "half a verdict about another pod of the same outside owner": (
        audit(finding(resource=OTHER_POD, key="other", evidence={"unknown": ["the image"]})),
        POD,
        "the image",
    ),
    "kind could not be read": (
        audit(gaps=[gap("NetworkPolicy")]),
        entry(kind="NetworkPolicy"),
        "NetworkPolicy could not be read: 403: forbidden",
    ),
    "kind could not be read in the namespace": (
        audit(gaps=[gap("NetworkPolicy", "shop")]),
        entry(kind="NetworkPolicy"),
        "NetworkPolicy could not be read: 403: forbidden",
    ),
    "Namespace could not be read": (
        audit(gaps=[gap("Namespace", "shop")], source=TWO_SPACES),
        SPACE,
        "Namespace could not be read: 403: forbidden",
    ),
    "nobody knows what could not be read": (audit(gaps=[gap(None)]), entry(), "403: forbidden"),
    "kind out of reach": (
        audit(out_of_reach=[GapEntry("Node", "cluster-wide kind", "nothing")]),
        NODE,
        "Node is out of reach: cluster-wide kind",
    ),
    "namespace left out": (
        audit(out_of_reach=[GapEntry(None, "left out by auditor.yaml", "nothing", "shop")]),
        entry(),
        "left out by auditor.yaml",
    ),
    "another namespace": (
        audit(source={"kind": "cluster", "namespaces": ["other", "third"]}),
        entry(),
        "the audit was limited to namespaces: other, third",
    ),
    "Namespace itself among others": (
        audit(source={"kind": "cluster", "namespaces": ["other"]}),
        SPACE,
        "the audit was limited to namespaces: other",
    ),
    "cluster-wide, audit of namespaces": (
        audit(source=TWO_SPACES),
        NODE,
        "the audit was limited to namespaces: shop, other",
    ),
    "manifest without a namespace, audit of others": (
        audit(source=manifests("k8s", namespaces=["shop"])),
        entry(namespace="", file=FILE),
        "the audit was limited to namespaces: shop",
    ),
    "found in a cluster, audit of manifests": (
        audit(source=manifests("k8s")),
        entry(),
        "it was found in a cluster, and this is an audit of manifests",
    ),
    "found in manifests, audit of a cluster": (
        audit(),
        IN_FILE,
        "it was found in manifests, and this is an audit of a cluster",
    ),
    "file is not among the paths": (
        audit(source=manifests("k8s/we", "deploy", "k8s/web.yaml.d")),
        IN_FILE,
        "k8s/web.yaml is not among the manifests of this audit",
    ),
    "file is outside of the working folder": (
        audit(source=manifests(".")),
        entry(file="../web.yaml"),
        "../web.yaml is not among the manifests of this audit",
    ),
    "file became a template": (
        audit(source=manifests("k8s"), skipped=[SkippedEntry(FILE, "Helm template source", 1)]),
        IN_FILE,
        "k8s/web.yaml was skipped: Helm template source",
    ),
    "folder was hidden": (
        audit(source=manifests("k8s"), skipped=[SkippedEntry("./k8s/.old", "hidden folder")]),
        entry(file="k8s/.old/a/web.yaml"),
        "k8s/.old was skipped: hidden folder",
    ),
    "broken manifest of its kind, in any file": (
        audit(source=manifests("k8s"), gaps=[gap("Deployment", file="k8s/moved.yaml")]),
        IN_FILE,
        "403: forbidden",
    ),
    "broken manifest of no known kind": (
        audit(source=manifests("k8s"), gaps=[gap(None, file="k8s/moved.yaml")]),
        IN_FILE,
        "403: forbidden",
    ),
}

SEEN: dict[str, tuple[Audit, ResourceEntry]] = {
    "everything": (audit(), entry()),
    "no verdict of another policy": (audit(not_evaluated=[NotEvaluated("q", "x", entry())]), entry()),
    "no verdict about another object": (audit(not_evaluated=[NotEvaluated("p", "x", entry("api"))]), entry()),
    "no verdict about the same name elsewhere": (
        audit(not_evaluated=[NotEvaluated("p", "x", entry(namespace="other"))]),
        entry(),
    ),
    "no verdict about pods of another owner": (
        audit(not_evaluated=[NotEvaluated("p", "x", entry("flow-2", "Pod", by="tide"))]),
        POD,
    ),
    "no verdict about what the same operator made under a lasting name": (
        audit(not_evaluated=[NotEvaluated("p", "x", entry("api", by="flow"))]),
        entry(by="flow"),
    ),
    "no verdict about another kind": (audit(not_evaluated=[NotEvaluated("p", "x", kind="Job")]), entry()),
    "half a verdict of another policy": (
        audit(finding(policy="q", evidence={"unknown": ["x"]})),
        entry(),
    ),
    "half a verdict about another object": (audit(finding("api", evidence={"unknown": ["x"]})), entry()),
    "another kind could not be read": (audit(gaps=[gap("NetworkPolicy")]), entry()),
    "no workload is missing for what is none": (
        audit(gaps=[gap("Pod"), gap("Deployment")]),
        entry(kind="NetworkPolicy"),
    ),
    "kind could not be read in another namespace": (
        audit(
            gaps=[gap("Deployment", "other")],
            not_evaluated=[NotEvaluated("p", "403: forbidden", kind="Deployment")],
            source=TWO_SPACES,
        ),
        entry(),
    ),
    "another kind out of reach": (audit(out_of_reach=[GapEntry("Node", "cluster-wide", "")]), entry()),
    "another policy is switched off": (
        audit(out_of_reach=[GapEntry(None, "policy q is switched off", "", policy="q")]),
        entry(),
    ),
    "another namespace left out": (audit(out_of_reach=[GapEntry(None, "left out", "", "sh")]), entry()),
    "its namespace among others": (audit(source=TWO_SPACES), entry()),
    "the Namespace that the audit was limited to": (audit(source=TWO_SPACES), SPACE),
    "manifest without a namespace": (
        audit(source=manifests("k8s", namespaces=["default"])),
        entry(namespace="", file=FILE),
    ),
    "policy judges the kind": (audit(by=bundle(rule(kinds=("Deployment",)))), entry()),
    "file below a path": (audit(source=manifests("./k8s/")), IN_FILE),
    "file below the working folder": (audit(source=manifests(".")), IN_FILE),
    "file below a path further up": (audit(source=manifests("k8s")), entry(file="./k8s/a/../web.yaml")),
    "file by its own name": (audit(source=manifests("a", FILE)), IN_FILE),
    "file below the root": (audit(source=manifests("/")), entry(file="/k8s/web.yaml")),
    "standard input": (audit(source=manifests("-")), entry(file="-")),
    "another file was skipped": (
        audit(
            source=manifests("k8s"),
            skipped=[SkippedEntry("k8s/web", "not a file"), SkippedEntry("k8s/w", "x")],
        ),
        IN_FILE,
    ),
    "the file holds kinds that nobody judges": (
        audit(
            source=manifests("k8s"), skipped=[SkippedEntry(FILE, "no policy judges the kind Shop (a/v1)", 9)]
        ),
        IN_FILE,
    ),
    "broken manifest of another kind": (
        audit(source=manifests("k8s"), gaps=[gap("Pod", file=FILE)]),
        IN_FILE,
    ),
}


@pytest.mark.parametrize(("after", "resource", "reason"), UNSEEN.values(), ids=UNSEEN)
def test_what_was_not_looked_at_is_unknown(after: Audit, resource: ResourceEntry, reason: str) -> None:
    one = make.known(finding(resource=resource))
    assert Sight(after).missed(one) == reason
    found = delta(after, [one], AGAINST, None)
    assert [(entry.finding, entry.reason) for entry in found.unknown] == [(one, reason)]
    assert found.resolved == ()


@pytest.mark.parametrize(("after", "resource"), SEEN.values(), ids=SEEN)
def test_what_was_looked_at_is_resolved(after: Audit, resource: ResourceEntry) -> None:
    one = make.known(finding(resource=resource))
    assert Sight(after).missed(one) == ""
    assert delta(after, [one], AGAINST, None).resolved == (one,)


@pytest.mark.parametrize(("after", "resource", "reason"), UNSEEN.values(), ids=UNSEEN)
def test_what_is_still_there_is_unchanged_whatever_was_not_looked_at(
    after: Audit, resource: ResourceEntry, reason: str
) -> None:
    one = finding(resource=resource)
    both = msgspec.structs.replace(after, findings=(*after.findings, one))
    assert delta(both, [make.known(one)], AGAINST, None).unchanged == 1


@pytest.mark.parametrize("unread", WORKLOADS)
@pytest.mark.parametrize("kind", WORKLOADS)
def test_without_a_workload_kind_nobody_knows_whose_pods_were_missed(kind: str, unread: str) -> None:
    one = make.known(finding(resource=entry(kind=kind)))
    assert Sight(audit(gaps=[gap(unread)])).missed(one) == f"{unread} could not be read: 403: forbidden"
    there = audit(gaps=[gap(unread, "other")], source=TWO_SPACES)
    assert Sight(there).missed(one) == ""


def test_a_pod_by_itself_is_not_a_pod_of_somebody() -> None:
    mirror = entry("etcd", "Pod")
    other = audit(not_evaluated=[NotEvaluated("p", "x", entry("flow-2", "Pod", by="flow"))])
    assert Sight(other).missed(make.known(finding(resource=mirror))) == ""


# --- what is found about waivers ------------------------------------------------------------------


@pytest.mark.parametrize("policy", BUILT_IN)
def test_waivers_are_looked_at_where_some_were_read(policy: str) -> None:
    [kind] = BUILT_IN[policy].kinds
    waiver = ResourceEntry("auditor.dev/v1", kind, "", "w-1", source=Place("waivers/shop.yaml", 1, 1))
    one = make.known(finding(policy=policy, resource=waiver))
    assert Sight(audit()).missed(one) == "no waivers were read"
    limited = {"kind": "cluster", "namespaces": ["shop"]}
    for source in (limited, manifests("k8s")):
        assert Sight(audit(waivers="sha256:w", gaps=[gap(None)], source=source)).missed(one) == ""


# --- renamed policies -----------------------------------------------------------------------------


def test_a_renamed_policy_is_the_same() -> None:
    old = finding(fingerprint="f")
    renamed = bundle(rule("q", first_id="p"))
    assert [one.fingerprint for one in between(audit(old), audit(by=renamed)).resolved] == ["f"]
    off = audit(
        by=bundle(rule("q", first_id="p"), selected=[]),
        out_of_reach=[GapEntry(None, "policy q is switched off", "", policy="q")],
    )
    assert Sight(off).missed(make.known(old)) == "its policy is switched off"
    unjudged = audit(by=renamed, not_evaluated=[NotEvaluated("q", "timed out", entry())])
    assert Sight(unjudged).missed(make.known(old)) == "timed out"


def test_a_policy_that_was_renamed_twice_is_the_same() -> None:
    before = audit(finding(policy="second"), by=bundle(rule("second", first_id="first")))
    after = audit(by=bundle(rule("third", first_id="first")))
    assert len(between(before, after).resolved) == 1
    assert between(before, after).rules == RuleChanges()
    assert len(between(after, before).new) == 1


def test_a_finding_of_an_older_record_does_not_say_what_its_policy_was_called_first() -> None:
    bare = make.known(finding(policy="third"))
    assert Sight(audit(by=bundle(rule("third", first_id="first")))).missed(bare) == ""
    other = audit(by=bundle(rule("third", first_id="first", kinds=("Job",))))
    assert Sight(other).missed(bare) == "its policy does not judge the kind Deployment"
