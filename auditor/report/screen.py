"""The audit for a terminal: what it is of, what is wrong, what was not looked at, how it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.judge.outcome import Outcome
from auditor.record import Audit, GapEntry, SkippedEntry
from auditor.report import delta_screen, findings_screen, view
from auditor.report.page import Page
from auditor.report.shape import Shape

SOME = 5
"""How many names of a list are written out before the rest is counted."""


def write(audit: Audit, outcome: Outcome, page: Page, shape: Shape) -> None:
    """Write the audit: how it is as a whole, what is worst, what was not looked at; the outcome last."""
    if not shape.quiet:
        _head(audit, page)
        _summary(audit, page)
        findings_screen.section(audit, page, shape)
        delta_screen.section(audit, page)
        _blind(audit, page)
        _remarks(audit, page)
        page.blank()
    _end(audit, outcome, page)


def _head(audit: Audit, page: Page) -> None:
    run, source = audit.audit, view.facts(audit)
    if source.kind == "cluster":
        page.labelled(f"Cluster {source.name or '(unnamed)'}", f"at {source.server}", 0, 2, "heading")
        groups = f" ({', '.join(source.groups)})" if source.groups else ""
        limited = f", namespaces {', '.join(source.namespaces)}" if source.namespaces else ", all namespaces"
        page.text(f"as {source.user or 'unknown'}{groups}{limited}", hang=2)
        if source.insecure:
            page.labelled("mind:", view.UNVERIFIED, 0, 2, "medium")
    else:
        page.labelled("Manifests", _some(source.paths), 0, 2, "heading")
    version = f"Kubernetes {source.version or 'version unknown'}"
    page.text(f"{version}, auditor {run.auditor_version}, bundle {run.bundle.digest[:19]}", hang=2)
    figures = (
        (len(run.bundle.policies), "policy"),
        (audit.summary.resources, "resource"),
        (audit.summary.evaluations, "evaluation"),
    )
    judged = ", ".join(view.plural(number, noun) for number, noun in figures)
    page.text(f"{judged}, {run.started_at}", hang=2)
    if source.read_at not in ("", run.started_at):
        page.text(f"from a snapshot: the cluster was read {source.read_at}", hang=2)
    if audit.history:
        page.text(f"record {audit.history.seq} of the history, head {audit.history.head}", hang=2)


def _blind(audit: Audit, page: Page) -> None:
    if not (audit.gaps or audit.not_evaluated or audit.out_of_reach or audit.skipped_files):
        return
    page.blank()
    page.text("Not looked at", style="heading")
    for gap in audit.gaps:
        _gap("gap:", gap, page)
    for entry in view.unjudged(audit.not_evaluated):
        results = view.plural(sum(entry.policies.values()), "result")
        page.labelled("not evaluated:", f"{results}: {entry.reason}", 2, 4, "medium")
        page.text(_some([f"{policy} ({number})" for policy, number in entry.policies.items()]), 6)
        page.text(f"on {_some(entry.where)}", indent=6, style="quiet")
    for gap in audit.out_of_reach:
        if not gap.policy:
            _gap("out of reach:", gap, page)
    for group in view.declined(audit.out_of_reach):
        number = len(group.policies)
        which = f"{view.plural(number, 'policy')}, {'each of ' if number > 1 else ''}which"
        page.labelled("out of reach:", f"{which} {group.reason}", 2, 4, "medium")
        page.text(_some(group.policies), indent=6, style="quiet")
    for reason, files in _by_reason(audit.skipped_files).items():
        page.labelled("skipped:", f"{_some(files)}: {reason}", 2, 4, "heading")


def _remarks(audit: Audit, page: Page) -> None:
    if audit.remarks:
        page.blank()
        page.text("Remarks", style="heading")
    for remark in audit.remarks:
        page.labelled(f"{remark.resource}:", remark.text, 2, 4, "heading")


def _gap(label: str, gap: GapEntry, page: Page) -> None:
    where = f" in {gap.namespace}" if gap.namespace else ""
    place = f"{gap.source.path}:{gap.source.line}: " if gap.source else ""
    page.labelled(label, f"{gap.kind or 'document'}{where}: {place}{gap.reason}", 2, 4, "medium")
    page.text(gap.effect, indent=6)


def _by_reason(skipped: Iterable[SkippedEntry]) -> Mapping[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for entry in skipped:
        reasons.setdefault(entry.reason, []).append(
            f"{entry.path}:{entry.line}" if entry.line else entry.path
        )
    return reasons


def _frameworks(audit: Audit, page: Page) -> None:
    scores = view.frameworks(audit)
    if not scores:
        return
    page.blank()
    page.text("Frameworks, controls passed of those decided", style="heading")
    widest = max(len(score.id) for score in scores)
    for score in scores:
        name = score.id.ljust(widest) if widest < page.columns // 2 else score.id
        reached = f"{score.passed}/{score.decided}" if score.decided else "none decided"
        bar = page.bar(score.passed / score.decided if score.decided else 0)
        others = "".join(f", {number} {status.replace('_', ' ')}" for status, number in score.others.items())
        page.text(f"{name}  {bar}  {reached}{others}", indent=2, hang=2)


def _summary(audit: Audit, page: Page) -> None:
    verdict = view.verdict(audit)
    page.blank()
    page.labelled(f"{verdict.headline}.", _sentence(verdict.reasons), 0, 2, verdict.state.value)
    _frameworks(audit, page)


def _end(audit: Audit, outcome: Outcome, page: Page) -> None:
    if hidden := len(view.superseded(audit)):
        page.text(
            f"Not shown: {view.plural(hidden, 'finding')} with the same root cause as one above.", hang=2
        )
    coverage = view.percent(audit.summary.coverage)
    ending = f"exit {outcome.code}: {outcome.reason}"
    page.text(f"{view.counts(audit.summary.findings)}; coverage {coverage}; {ending}", hang=2)


def _sentence(clauses: Sequence[str]) -> str:
    text = ", ".join(clauses)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _some(names: Sequence[str]) -> str:
    written = ", ".join(names[:SOME])
    rest = len(names) - SOME
    return f"{written} and {rest} more" if rest > 0 else written
