"""One OPA for all tests of a worker: to build the bundle takes longer than to judge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from tests.retention.judge import Judge
from tools.build import tool_bin


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """Our policies, and who judges by them."""
    opa = tool_bin("opa") / "opa"
    with load_bundle(opa) as bundle, OpaEngine(opa, bundle) as engine:
        yield Judge(bundle, engine)
