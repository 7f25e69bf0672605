"""Records of small audits by hand: findings whose identity can be read, and what was not looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from auditor.document.kinds import KINDS
from auditor.objects import ObjectRef, Place, ResourceEntry
from auditor.past import Against, KnownFinding
from auditor.record import (
    Audit,
    BundleEntry,
    Counts,
    Finding,
    GapEntry,
    NotEvaluated,
    RuleEntry,
    Run,
    SkippedEntry,
    Summary,
)
from auditor.rules import Severity

AGAINST = Against("audit", "a", "2026-11-01T00:00:00Z")


def entry(
    name: str = "web", kind: str = "Deployment", namespace: str = "shop", *, file: str = "", by: str = ""
) -> ResourceEntry:
    """An object; `file` is where it is defined, `by` the name of the Workflow that made it."""
    return ResourceEntry(
        apiVersion=KINDS[kind].api_version,
        kind=kind,
        namespace=namespace,
        name=name,
        source=Place(file, 1, 1) if file else None,
        managed_by=ObjectRef("Workflow", by, "example.dev/v1", namespace) if by else None,
    )


def finding(
    name: str = "web", policy: str = "p", key: str = "", *, resource: ResourceEntry | None = None, **rest: Any
) -> Finding:
    """A finding on an object of this name, or on `resource`."""
    on = resource or entry(name)
    fields: dict[str, Any] = {
        "fingerprint": f"{policy} {on}{key and f' {key}'}",
        "policy": policy,
        "title": f"Title of {policy}",
        "severity": Severity.HIGH,
        "category": "c",
        "status": "open",
        "resource": on,
        "path": f"/spec{key and f'/{key}'}",
        "message": "It is wrong.",
        "evidence": {},
        "remediation": "Change it.",
        "controls": (),
    }
    return Finding(**{**fields, **rest})


def known(one: Finding | None = None, **rest: Any) -> KnownFinding:
    """The same as a later audit knows it."""
    one = one or finding()
    fields = {
        name: getattr(one, name)
        for name in ("fingerprint", "policy", "title", "severity", "resource", "path", "status", "system")
    }
    return KnownFinding(**{**fields, "superseded": one.superseded_by is not None, **rest})


def rule(policy: str = "p", digest: str = "d", **rest: Any) -> RuleEntry:
    return RuleEntry(policy, digest, **rest)


def bundle(
    *rules: RuleEntry | str, selected: Sequence[str] | None = None, digest: str = "sha256:d"
) -> BundleEntry:
    """Rules, or the ids of policies with the same digest as ever; all are selected unless it says so."""
    entries = tuple(rule(one) if isinstance(one, str) else one for one in rules)
    return BundleEntry(
        digest, tuple(one.policy for one in entries) if selected is None else tuple(selected), entries
    )


def audit(
    *findings: Finding,
    day: int = 2,
    source: Mapping[str, Any] | None = None,
    by: BundleEntry | None = None,
    gaps: Iterable[GapEntry] = (),
    out_of_reach: Iterable[GapEntry] = (),
    not_evaluated: Iterable[NotEvaluated] = (),
    skipped: Iterable[SkippedEntry] = (),
    coverage: float = 1.0,
    **run: Any,
) -> Audit:
    """An audit of some day in November 2026, of a cluster by the policy `p`, unless it says so."""
    when = f"2026-11-{day:02}T08:00:00Z"
    stamp = {"id": f"audit-{day}", "started_at": when, "finished_at": when, "auditor_version": "0.1.0", **run}
    return Audit(
        audit=Run(
            source={"kind": "cluster", "name": "test", "server": "https://test"}
            if source is None
            else source,
            bundle=bundle("p") if by is None else by,
            **stamp,
        ),
        summary=Summary(1, 1, 1, Counts(), coverage, {}),
        findings=findings,
        gaps=tuple(gaps),
        out_of_reach=tuple(out_of_reach),
        not_evaluated=tuple(not_evaluated),
        skipped_files=tuple(skipped),
    )


def manifests(*paths: str, namespaces: Sequence[str] = ()) -> dict[str, Any]:
    """The source of an audit of manifests."""
    return {
        "kind": "manifests",
        "paths": list(paths),
        **({"namespaces": list(namespaces)} if namespaces else {}),
    }


def gap(kind: str | None, namespace: str | None = None, *, file: str = "") -> GapEntry:
    return GapEntry(kind, "403: forbidden", "nothing", namespace, Place(file, 1, 1) if file else None)
