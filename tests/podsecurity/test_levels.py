"""The policies of a level are the same in the library, in the frameworks and in these tests."""

from __future__ import annotations

import json
import subprocess

import pytest

from auditor import data
from auditor.evaluate.frameworks import framework_files, read_frameworks
from tests.podsecurity.checks import POLICIES
from tests.podsecurity.compare import LEVELS
from tests.podsecurity.oracle import Level
from tools.build import tool_bin


@pytest.mark.parametrize("level", LEVELS)
def test_the_policies_of_a_level(level: Level) -> None:
    files = {path: text for path, text in framework_files(data.policies()).items() if path.stem[:4] == "pss_"}
    known = POLICIES["baseline"] | POLICIES["restricted"]
    controls = read_frameworks(files, known)[f"pss_{level}"].controls
    assert _in_rego(level) == {name for one in controls for name in one.policies} == POLICIES[level]


def _in_rego(level: Level) -> set[str]:
    module = data.policies() / "lib/pod_security/pod_security.rego"
    query = f"data.lib.pod_security.levels.{level}"
    opa = tool_bin("opa") / "opa"
    found = subprocess.run(
        [opa, "eval", "--format", "raw", "--data", module, query], check=True, capture_output=True, text=True
    )
    return set(json.loads(found.stdout))
