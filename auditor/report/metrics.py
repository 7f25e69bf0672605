"""The figures of an audit for Prometheus, as docs/metrics.md names them.

The text format (https://prometheus.io/docs/instrumenting/exposition_formats/): for the textfile collector of
node-exporter, or to be pushed. No series names an object, and their number is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import IO, TypeVar, get_args

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from auditor.model import Obstacle
from auditor.record import Audit, Finding, WaiverState
from auditor.report.text import visible

MAX_NAMESPACES = 200
"""Namespaces with series of their own."""

OTHER = "_other"
"""All other ones; no namespace can be called so."""

NEW = timedelta(hours=24)
"""How long a finding is new."""

WAKING = ("cluster_changed", "waiver_expired")
"""Causes of a first sight that concern whoever runs the cluster; the others come with the rules."""

Labels = TypeVar("Labels", bound=tuple[str, ...])

Sample = tuple[tuple[str, ...], float]
"""Values of the labels, and the figure."""


class MetricsRenderer:
    """Writes the metrics of an audit."""

    def render(self, audit: Audit, out: IO[str]) -> None:
        """Write all of them; of those with labels only what is not 0, but for states, which are all there."""
        registry = CollectorRegistry()
        registry.register(_Figures(audit))
        out.write(generate_latest(registry).decode())


class _Figures(Collector):
    """What `prometheus_client` asks for the metrics."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _findings(self._audit)
        yield from _judgement(self._audit)
        yield from _run(self._audit)


def _findings(audit: Audit) -> Iterator[GaugeMetricFamily]:
    counted = [one for one in audit.findings if not (one.system or one.superseded_by)]
    now = datetime.fromisoformat(audit.audit.started_at)
    yield _gauge(
        "auditor_findings",
        "Findings, without superseded ones and those in namespaces of Kubernetes itself.",
        ("policy", "severity", "status", "age"),
        _sorted(Counter((one.policy, one.severity.value, one.status, _age(one, now)) for one in counted)),
    )
    standing = [one for one in counted if one.status != "waived"]
    sizes = Counter(one.resource.namespace for one in standing)
    named = {name for name, _ in sorted(sizes.items(), key=lambda one: (-one[1], one[0]))[:MAX_NAMESPACES]}
    places = Counter(
        (one.resource.namespace if one.resource.namespace in named else OTHER, one.severity.value)
        for one in standing
    )
    yield _gauge(
        "auditor_namespace_findings",
        "Findings that no waiver accepts; what is in no namespace has an empty one.",
        ("namespace", "severity"),
        _sorted(places),
    )
    yield _gauge(
        "auditor_series_dropped", "Namespaces that are in _other.", (), [((), len(sizes) - len(named))]
    )


def _judgement(audit: Audit) -> Iterator[GaugeMetricFamily]:
    controls = Counter((one.framework, one.status) for one in audit.controls)
    scores = [((name,), score) for name, score in sorted(audit.summary.scores.items()) if score is not None]
    unjudged = Counter(one.obstacle for one in audit.not_evaluated)
    states = Counter(one.state for one in audit.waivers if one.kind == "waiver")
    yield _gauge("auditor_controls", "Controls by status.", ("framework", "status"), _sorted(controls))
    yield _gauge("auditor_score_ratio", "Passed of all decided controls.", ("framework",), scores)
    yield _gauge(
        "auditor_coverage_ratio", "Judged of all that was to be judged.", (), [((), audit.summary.coverage)]
    )
    yield _gauge(
        "auditor_not_evaluated",
        "Pairs of policy and object without a verdict.",
        ("reason",),
        [((one.value,), unjudged[one]) for one in Obstacle],
    )
    yield _gauge(
        "auditor_waivers",
        "Waivers by state.",
        ("state",),
        [((state,), states[state]) for state in get_args(WaiverState)],
    )


def _run(audit: Audit) -> Iterator[GaugeMetricFamily]:
    run, complete = audit.audit, _is_complete(audit)
    began, ended = _seconds(run.started_at), _seconds(run.finished_at)
    before = [_seconds(point.at) for point in audit.trend if point.coverage == 1]
    succeeded = [ended] if complete else before[-1:]
    yield _gauge("auditor_last_run_timestamp_seconds", "When the last audit ended.", (), [((), ended)])
    yield _gauge(
        "auditor_last_success_timestamp_seconds",
        "When the last complete audit ended; of an earlier one, when it began.",
        (),
        [((), moment) for moment in succeeded],
    )
    results = {"complete": complete, "incomplete": not complete, "failed": False}
    yield _gauge(
        "auditor_last_run_result",
        "1 for how the last audit ended.",
        ("result",),
        [((name,), int(held)) for name, held in results.items()],
    )
    yield _gauge(
        "auditor_last_run_duration_seconds", "How long the last audit took.", (), [((), ended - began)]
    )
    yield _gauge(
        "auditor_build_info",
        "What audited, by which rules.",
        ("version", "bundle_digest"),
        [((run.auditor_version, run.bundle.digest), 1)],
    )


def _is_complete(audit: Audit) -> bool:
    return audit.summary.coverage == 1 and audit.summary.evaluations > 0 and not audit.gaps


def _age(finding: Finding, now: datetime) -> str:
    seen = finding.first_seen
    is_new = seen and seen.cause in WAKING and now - datetime.fromisoformat(seen.at) < NEW
    return "new" if is_new else "standing"


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _sorted(counted: Mapping[Labels, int]) -> list[Sample]:
    return sorted(counted.items())


def _gauge(name: str, words: str, labels: tuple[str, ...], samples: Iterable[Sample]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=labels)
    for values, figure in samples:
        family.add_metric([visible(value) for value in values], figure)
    return family
