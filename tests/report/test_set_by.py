"""Who set it, in words: no more is claimed than managedFields tell."""

from __future__ import annotations

import pytest

from auditor.model import SetBy
from auditor.report.html import HtmlRenderer
from auditor.report.json import JsonRenderer, load
from auditor.report.set_by import words
from auditor.report.shape import Shape
from tests.report.records import EDITED, audit
from tests.report.screens import rendered, table

AT = "2026-06-04T12:00:00Z"


@pytest.mark.parametrize(
    ("time", "ago"),
    [
        ("2026-06-01T11:00:00Z", "3 days"),
        ("2026-06-03T12:00:00Z", "1 day"),
        ("2026-06-04T01:00:01Z", "10 hours"),
        ("2026-06-04T11:58:30Z", "1 minute"),
        ("2026-06-04T13:57:00+02:00", "3 minutes"),
        ("2026-06-04T11:59:30Z", "less than a minute"),
        ("2026-06-04T12:30:00Z", "less than a minute"),
    ],
)
def test_time_counts_back_from_the_audit(time: str, ago: str) -> None:
    found = words(SetBy("kubectl-edit", "Update", time), AT)
    assert found == f"Set by kubectl-edit, which last changed the object {ago} ago."


@pytest.mark.parametrize(("time", "at"), [("", AT), ("yesterday", AT), (AT, "now")])
def test_without_a_time_none_is_told(time: str, at: str) -> None:
    assert words(SetBy("helm", "Apply", time), at) == "Set by helm."


def test_what_is_around_the_place_and_how() -> None:
    found = words(SetBy("hpa", "Update", "", "scale", "/spec/template/spec/containers/0"), AT)
    assert found == "/spec/template/spec/containers/0 was added by hpa, through scale."


def test_every_report_tells_it() -> None:
    record = audit()
    sentence = words(EDITED, record.audit.started_at)
    assert sentence.endswith("was added by kubectl-edit, which last changed the object 3 days ago.")
    assert f"           {sentence}\n" in table(record, width=200, shape=Shape(verbose=True))
    piped = [line.split("\t") for line in table(record, tty=False).splitlines()]
    [row] = [one for one in piped if one[0] == "system:critical"]
    assert row[-2:] == ["-", "kubectl-edit 2026-11-21T08:00:00Z"]
    assert sentence in rendered(HtmlRenderer(), record)
    back = load(rendered(JsonRenderer(), record).encode())
    assert [one.set_by for one in back.findings if one.set_by] == [EDITED]
