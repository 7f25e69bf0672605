"""policies/reads.json says what OPA says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auditor import data
from auditor.evaluate.ingredients import READS
from tests.evaluate.custom import small_shipped
from tools.build import tool_bin
from tools.reads import asked, encoded, is_current

OPA = tool_bin("opa") / "opa"


def test_it_says_what_opa_says() -> None:
    assert (data.policies() / READS).read_bytes() == encoded(asked(OPA, data.policies()))


@pytest.mark.parametrize("changed", ["policy", "library", "missing policy"])
def test_a_change_is_noticed(tmp_path: Path, changed: str) -> None:
    home = small_shipped(tmp_path / "shipped")
    assert not is_current(OPA, home)
    (home / READS).write_bytes(encoded(asked(OPA, home)))
    assert is_current(OPA, home)
    policy = next(iter(sorted((home / "k8s").iterdir())))
    if changed == "missing policy":
        shutil.rmtree(policy)
    else:
        libraries = [one for one in sorted((home / "lib").rglob("*.rego")) if not one.stem.endswith("_test")]
        file = policy / f"{policy.name}.rego" if changed == "policy" else libraries[0]
        file.write_text(file.read_text() + "\n# another\n")
    assert not is_current(OPA, home)
