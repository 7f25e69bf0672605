"""Records of small audits, for every test that needs one."""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.judge.outcome import Outcome
from auditor.model import PodCount, SetBy
from auditor.objects import ObjectRef, Place, ResourceEntry
from auditor.past import (
    Against,
    Delta,
    FirstSeen,
    HistoryEntry,
    KnownFinding,
    RuleChanges,
    TrendPoint,
    UnknownFinding,
)
from auditor.record import (
    Audit,
    BundleEntry,
    ControlEntry,
    Counts,
    Finding,
    FrameworkText,
    GapEntry,
    InventoryEntry,
    NotEvaluated,
    PolicyText,
    PopulationEntry,
    Remark,
    Run,
    SkippedEntry,
    Summary,
    WaiverEntry,
)
from auditor.rules import ByHand, Severity

FAILED = Outcome(1, "2 findings at or above high; incomplete too: coverage below 100%")
CLEAN = Outcome(0, "no finding at or above high")
POLICIES = ("capabilities_not_dropped", "host_network", "image_not_pinned_by_digest", "privileged")

WEB = ResourceEntry("apps/v1", "Deployment", "shop", "web", source=Place("shop/web.yaml", 1, 3))
DATABASE = ResourceEntry(
    "apps/v1", "StatefulSet", "shop", "database", source=Place("shop/database.yaml", 2, 14)
)
PROXY = ResourceEntry(
    "apps/v1", "DaemonSet", "kube-system", "kube-proxy", managed_by=ObjectRef("Node", "one")
)

EDITED = SetBy("kubectl-edit", "Update", "2026-11-21T08:00:00Z", path="/spec/template/spec/containers/0")


BY_HAND = ByHand(
    "Read who is bound to cluster-admin, and ask the owner of each why.",
    "The list, with a reason and a name for each entry.",
    "kubectl get clusterrolebindings -o wide",
)


def finding(
    policy: str = "privileged", severity: str = "critical", resource: ResourceEntry = WEB, **rest: Any
) -> Finding:
    """Make one finding; every field can be given."""
    container = "/spec/template/spec/containers/0"
    fields: dict[str, Any] = {
        "fingerprint": (policy + resource.name).encode().hex().ljust(64, "0")[:64],
        "policy": policy,
        "title": "Containers run privileged",
        "severity": Severity(severity),
        "category": "pod_security",
        "status": "open",
        "resource": resource,
        "path": f"{container}/securityContext/privileged",
        "message": "container nginx runs privileged: it has every right of the node it runs on",
        "evidence": {"container": "nginx", "securityContext": {"privileged": True, "runAsUser": 0}},
        "remediation": "Remove securityContext.privileged, or set it to false. If the container needs a"
        " single right of the node, add that capability instead.",
        "controls": ("pss_baseline/privileged", "pss_restricted/privileged"),
    }
    return Finding(**{**fields, **rest})


def audit() -> Audit:
    """Make the audit of three resources: findings of every sort, gaps, and all that was not looked at."""
    remark = Remark(WEB, "its 60 live pods come in 57 variants; all of them were judged")
    parts = {**_findings(), **_blind(), **_controls(), **_texts(), **_background()}
    history = HistoryEntry(7, f"sha256:{'7' * 64}", f"sha256:{'6' * 64}")
    return Audit(
        audit=_run(), summary=_summary(), **parts, remarks=(remark,), delta=_delta(), history=history
    )


def clean_audit() -> Audit:
    """Make an audit that found nothing and looked at everything."""
    summary = Summary(3, 3, 12, Counts(), 1.0, {"pss_baseline": 1.0})
    control = ControlEntry(
        "pss_baseline",
        "privileged",
        "Privileged containers",
        "pass",
        partial=False,
        policies=("privileged",),
        failing=0,
    )
    return Audit(audit=_run(), summary=summary, controls=(control,))


def cluster(audit: Audit) -> Audit:
    """Make the same audit of a live cluster."""
    source = {
        "kind": "cluster",
        "name": "kwok-demo",
        "server": "https://127.0.0.1:6443",
        "user": "kubernetes-admin",
        "groups": ["system:masters", "system:authenticated"],
        "version": "v1.36.3",
        "read_at": audit.audit.started_at,
    }
    return msgspec.structs.replace(audit, audit=msgspec.structs.replace(audit.audit, source=source))


def _run() -> Run:
    return Run(
        id="01J9ZC4Q0W8T4R3N2M1K0H9G8F",
        started_at="2026-11-24T08:43:11Z",
        finished_at="2026-11-24T08:43:13Z",
        auditor_version="0.1.0",
        source={"kind": "manifests", "paths": ["shop"], "version": "v1.36.3"},
        bundle=BundleEntry(
            "sha256:9f2c41ab03de5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8", POLICIES
        ),
    )


def _delta() -> Delta:
    """What changed since the audit before: something of each sort."""
    gone = KnownFinding(
        "d" * 64, "host_network", "Host network", Severity.HIGH, DATABASE, "/spec/template/spec/hostNetwork"
    )
    unseen = KnownFinding("e" * 64, "run_as_root_user", "Runs as root", Severity.HIGH, PROXY, "/spec")
    return Delta(
        against=Against("history", "01J9ZC4Q0W8T4R3N2M1K0H9G8E", "2026-11-23T08:43:11Z"),
        new=(finding().fingerprint,),
        unchanged=4,
        resolved=(gone,),
        unknown=(UnknownFinding(unseen, "DaemonSet could not be read: 403: forbidden"),),
        rules=RuleChanges(changed=("privileged",), parameters=("image_not_pinned_by_digest",)),
    )


def _summary() -> Summary:
    return Summary(
        resources=3,
        documents=3,
        evaluations=11,
        findings=Counts(critical=1, high=1, medium=1, low=0, info=1, waived=1),
        coverage=0.9166666,
        scores={"pss_baseline": 0.5, "pss_restricted": 0.0, "cis_2_0_1": None},
    )


def _findings() -> dict[str, Any]:
    unpinned = "image_not_pinned_by_digest"
    patch = [{"op": "remove", "path": "/spec/template/spec/containers/0/securityContext/privileged"}]
    return {
        "findings": (
            finding(
                pods=PodCount(3, 20),
                patch=patch,
                first_seen=FirstSeen("2026-11-20T07:00:00Z", "baseline"),
            ),
            finding("capabilities_not_dropped", "medium", message="container nginx keeps NET_RAW"),
            finding(
                "host_network",
                "high",
                DATABASE,
                path="/spec/template/spec/hostNetwork",
                status="expired_waiver",
                waiver="w-2026-07",
                message="pods share the network of their node",
                remediation="Set hostNetwork to false.\nExpose the port with a Service instead.",
            ),
            finding(
                unpinned,
                "info",
                DATABASE,
                message="image postgres:18 is not pinned by digest",
                related=({"kind": "Service", "name": "database"},),
            ),
            finding(
                unpinned,
                "low",
                WEB,
                status="waived",
                waiver="w-2026-09",
                message="image nginx:1.29 is not pinned",
            ),
            finding("capabilities_not_dropped", "low", DATABASE, superseded_by="privileged"),
            finding("privileged", "critical", PROXY, system=True, set_by=EDITED),
        )
    }


def _blind() -> dict[str, Any]:
    return {
        "not_evaluated": (
            NotEvaluated("host_network", "the namespace shop is not among the manifests", resource=WEB),
            NotEvaluated("privileged", "the namespace shop is not among the manifests", kind="CronJob"),
        ),
        "gaps": (
            GapEntry(
                kind=None,
                reason="line 7: mapping values are not allowed here",
                effect="one document is unread",
                source=Place("shop/broken.yaml", 1, 7),
            ),
            GapEntry(
                kind="NetworkPolicy", namespace="shop", reason="403 Forbidden", effect="isolation is unknown"
            ),
        ),
        "out_of_reach": (
            GapEntry(kind="Pod", reason="manifests have no live status", effect="no live pods"),
            *(
                GapEntry(None, f"policy {policy} is switched off", f"not judged: {title}", policy=policy)
                for policy, title in (("cpu_limit_missing", "No limit"), ("host_ipc", "Memory of the node"))
            ),
        ),
        "skipped_files": (
            SkippedEntry("shop/chart/templates/web.yaml", "Helm template source: render it first", 1),
            SkippedEntry("shop/values.yaml", "not a Kubernetes manifest"),
        ),
    }


def _controls() -> dict[str, Any]:
    def control(
        framework: str, name: str, title: str, status: Any, *policies: str, failing: int = 0
    ) -> ControlEntry:
        by_hand = None if policies else BY_HAND
        partial = name == "host_namespaces"
        level = "Level 1" if by_hand else ""
        return ControlEntry(framework, name, title, status, partial, policies, failing, level, by_hand)

    return {
        "controls": (
            control("cis_2_0_1", "5.1.1", "The cluster-admin role is used only where required", "manual"),
            control("pss_baseline", "privileged", "Privileged containers", "fail", "privileged", failing=1),
            control(
                "pss_baseline", "host_namespaces", "Host namespaces", "incomplete", "host_network", failing=0
            ),
            control("pss_baseline", "sysctls", "Sysctls", "pass", "sysctls"),
            control(
                "pss_restricted",
                "capabilities",
                "Capabilities",
                "fail",
                "capabilities_not_dropped",
                failing=2,
            ),
        ),
        "waivers": (
            WaiverEntry(
                id="w-2026-09",
                kind="waiver",
                state="active",
                policy="image_not_pinned_by_digest",
                owner="shop-team",
                approver="ada",
                reason="the registry rewrites digests",
                created="2026-10-01",
                expires="2027-01-31",
                matched=1,
            ),
            WaiverEntry(
                id="w-2026-07",
                kind="waiver",
                state="expired",
                policy="host_network",
                owner="shop-team",
                approver="ada",
                reason="migration",
                created="2026-07-01",
                expires="2026-09-30",
                matched=1,
            ),
        ),
    }


def _texts() -> dict[str, Any]:
    return {
        "policies": (
            PolicyText(
                "host_network",
                "Pods share the network of their node",
                Severity.HIGH,
                "pod_security",
                "What listens on the node only is within reach of such a pod.",
                "Set hostNetwork to false.\nExpose the port with a Service instead.",
                ("https://kubernetes.io/docs/concepts/security/pod-security-standards/",),
            ),
            PolicyText(
                "privileged",
                "Containers run privileged",
                Severity.CRITICAL,
                "pod_security",
                "A privileged container is root on its node.",
                finding().remediation,
            ),
            PolicyText(
                "sysctls",
                "Unsafe kernel settings",
                Severity.MEDIUM,
                "pod_security",
                "A kernel setting of the node counts for all that runs on it.",
                "Remove the sysctl.",
            ),
        ),
        "frameworks": (
            FrameworkText("cis_2_0_1", "A benchmark", "2.0.1", "https://example.org/benchmark", "Our words."),
            FrameworkText("pss_baseline", "Pod Security Standards, level baseline", "v1.36"),
        ),
    }


def _background() -> dict[str, Any]:
    return {
        "population": (
            PopulationEntry("CronJob", 0),
            PopulationEntry("DaemonSet", 1, judged=1),
            PopulationEntry("Deployment", 2, judged=1, out_of_reach=1),
            PopulationEntry("NetworkPolicy", 0, unread="403 Forbidden"),
            PopulationEntry("Node", 2, context=2),
            PopulationEntry("Pod", 21, through_owner=20, not_judged=1),
            PopulationEntry("Secret", 0, beyond="read only with --with-secrets"),
            PopulationEntry("StatefulSet", 1, judged=1),
        ),
        "inventory": (
            InventoryEntry("kube-system", {"DaemonSet": 1}, system=True),
            InventoryEntry("shop", {"Deployment": 1, "StatefulSet": 1}),
        ),
        "trend": (
            TrendPoint("2026-11-22T08:43:11Z", _counts(2, 1, 0), 0.75, f"sha256:{'1' * 64}"),
            TrendPoint("2026-11-23T08:43:11Z", _counts(1, 2, 1), 1.0, f"sha256:{'1' * 64}"),
        ),
    }


def _counts(critical: int, high: int, waived: int) -> dict[str, int]:
    return {"critical": critical, "high": high, "medium": 0, "low": 0, "info": 0, "waived": waived}
