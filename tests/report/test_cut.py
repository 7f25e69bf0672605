"""A report for one team: all of theirs, nothing of the others, and the totals of the whole."""

from __future__ import annotations

import msgspec
import pytest

from auditor.errors import UsageError
from auditor.judge.outcome import Outcome
from auditor.objects import ResourceEntry
from auditor.ports import Renderer
from auditor.record import (
    Audit,
    FrameworkText,
    GapEntry,
    InventoryEntry,
    NotEvaluated,
    PopulationEntry,
    Remark,
    SkippedEntry,
)
from auditor.report import view
from auditor.report.csv import CsvRenderer
from auditor.report.cut import cut
from auditor.report.html import HtmlRenderer
from auditor.report.json import JsonRenderer
from auditor.report.sarif import SarifRenderer
from auditor.report.summary import COMMENT, SummaryRenderer
from auditor.report.table import TableRenderer
from tests.report.records import audit, cluster, finding
from tests.report.screens import rendered

SECRET = "gnu"
"""In every name and text that is of the others."""

OURS = ResourceEntry("apps/v1", "Deployment", "shop", "web")
THEIRS = ResourceEntry("apps/v1", "Deployment", f"{SECRET}-bank", f"{SECRET}-vault")


def whole() -> Audit:
    """An audit of a cluster of two teams; what is of the other one has its name in it."""
    ours = finding(resource=OURS, owner="shop", controls=("cis_2_0_1/5.2.2",), fingerprint="a" * 64)
    theirs = finding(
        resource=THEIRS,
        owner=SECRET,
        controls=("pss_baseline/1",),
        message=SECRET,
        fingerprint="b" * 64,
    )
    return msgspec.structs.replace(
        cluster(audit()),
        findings=(ours, theirs),
        not_evaluated=(
            NotEvaluated("p", "why", resource=OURS),
            NotEvaluated("p", SECRET, resource=THEIRS),
            NotEvaluated("p", "every one", kind="Pod"),
        ),
        gaps=(
            GapEntry(kind="Pod", reason="403", effect="blind"),
            GapEntry(kind="Pod", reason=SECRET, effect="blind", namespace=f"{SECRET}-bank"),
        ),
        out_of_reach=(GapEntry(kind="Pod", reason=SECRET, effect="blind", namespace=f"{SECRET}-bank"),),
        skipped_files=(SkippedEntry(f"{SECRET}.yaml", "no manifest"),),
        waivers=(),
        remarks=(Remark(OURS, "ours"), Remark(THEIRS, SECRET)),
        population=(PopulationEntry("Deployment", 2, judged=2),),
        inventory=tuple(InventoryEntry(one, {"Deployment": 1}) for one in ("shop", f"{SECRET}-bank")),
        frameworks=(FrameworkText("pss_baseline", "t", "v"),),
        delta=None,
    )


RENDERERS: dict[str, Renderer] = {
    "json": JsonRenderer(),
    "html": HtmlRenderer(),
    "csv": CsvRenderer(),
    "sarif": SarifRenderer("/"),
    "markdown": SummaryRenderer(COMMENT),
    "terminal": TableRenderer(Outcome(0, "never"), tty=True, width=200),
    "pipe": TableRenderer(Outcome(0, "never"), tty=False),
}


@pytest.mark.parametrize("limit", [{"namespaces": ["shop"]}, {"owners": ["shop"]}])
@pytest.mark.parametrize("form", sorted(RENDERERS))
def test_nothing_of_the_others_is_left(form: str, limit: dict[str, list[str]]) -> None:
    assert SECRET in rendered(RENDERERS[form], whole())
    left = cut(whole(), **{"namespaces": [], "owners": [], "frameworks": [], **limit})
    text = rendered(RENDERERS[form], left)
    assert SECRET not in text
    assert "aaaaaaaa" in text or "shop/web" in text


@pytest.mark.parametrize("form", ["html", "markdown", "terminal", "pipe"])
def test_what_it_is_limited_to_is_said(form: str) -> None:
    left = cut(whole(), namespaces=["shop"], owners=[], frameworks=[])
    assert left.cut
    assert (
        view.limited(left.cut)
        == "only namespace shop; the whole audit has 1 critical, 1 high, 1 medium, 1 info"
    )
    text = " ".join(rendered(RENDERERS[form], left).split())
    assert "only namespace shop; the whole audit has" in text.replace("Only", "only")


def test_what_is_theirs_is_all_there() -> None:
    left = cut(whole(), namespaces=["shop"], owners=[], frameworks=[])
    assert [one.resource for one in left.findings] == [OURS]
    assert left.summary.findings.critical == 1
    assert [one.reason for one in left.not_evaluated] == ["why", "every one"]
    assert [one.reason for one in left.gaps] == ["403"]
    assert [one.text for one in left.remarks] == ["ours"]
    assert [one.namespace for one in left.inventory] == ["shop"]
    assert (left.controls, left.summary.scores, left.population, left.skipped_files) == ((), {}, (), ())


def test_a_cut_without_a_finding_is_not_green() -> None:
    clean = msgspec.structs.replace(whole(), findings=whole().findings[1:], not_evaluated=(), gaps=())
    summary = msgspec.structs.replace(clean.summary, coverage=1.0)
    left = cut(msgspec.structs.replace(clean, summary=summary), namespaces=["shop"], owners=[], frameworks=[])
    assert view.verdict(left).state is view.State.INCONCLUSIVE


def test_a_framework_keeps_its_controls() -> None:
    record = whole()
    left = cut(record, namespaces=[], owners=[], frameworks=["pss_baseline"])
    assert [one.resource for one in left.findings] == [THEIRS]
    assert left.controls
    assert {one.framework for one in left.controls} == {"pss_baseline"}
    assert set(left.summary.scores) == {"pss_baseline"}
    assert left.population == record.population


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"namespaces": ["shopp"]}, "--namespace shopp: the audit has none; did you mean 'shop'?"),
        ({"owners": ["nobody"]}, "--owner nobody: the audit has none"),
        ({"frameworks": ["pss"]}, "--framework pss: the audit has none"),
    ],
)
def test_a_name_that_the_audit_does_not_have(limit: dict[str, list[str]], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        cut(whole(), **{"namespaces": [], "owners": [], "frameworks": [], **limit})
    assert str(refused.value) == said


def test_without_a_limit_it_is_the_audit() -> None:
    record = whole()
    assert cut(record, namespaces=[], owners=[], frameworks=[]) is record
