"""The committed samples are what the renderers write today."""

from __future__ import annotations

import pytest

from tests.report.records import audit
from tests.report.samples import FOLDER, SAMPLES
from tests.report.screens import rendered


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_what_is_rendered(name: str) -> None:
    committed = (FOLDER / name).read_text(encoding="utf-8")
    assert committed == rendered(SAMPLES[name], audit()), "run: python -m tests.report.samples"


def test_every_sample_has_its_renderer() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(SAMPLES)
