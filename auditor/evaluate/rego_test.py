"""Runs the Rego tests of policies with `opa test`, beside the library and the parameters."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from auditor import data
from auditor.errors import BundleError
from auditor.evaluate.command import attempt_opa
from auditor.evaluate.stage import Module, lay_out, library
from auditor.model import Policy


class RegoTest(msgspec.Struct, frozen=True):
    """How one test ended."""

    policy: str
    name: str
    passed: bool
    message: str = ""


class _Case(msgspec.Struct):
    package: str
    name: str
    fail: bool = False
    error: dict[str, object] | None = None


def run_rego_tests(opa: Path, modules: Sequence[Module], policies: Iterable[Policy]) -> list[RegoTest]:
    """Run the tests of the modules and return how each ended, in OPA's order.

    A policy without a test file, or with one that holds no test, counts as a test that failed.
    Raises `BundleError` if a test file does not compile.
    """
    with TemporaryDirectory(prefix="auditor-test-") as name:
        stage = Path(name) / "stage"
        parameters = {policy.id: policy.parameters for policy in policies}
        lay_out(stage, modules, library(data.policies()), {"parameters": parameters})
        for module in modules:
            test = module.path.with_name(f"{module.id}_test.rego")
            if test.is_file():
                shutil.copyfile(test, stage / "k8s" / module.id / test.name)
        done = attempt_opa(opa, ["test", "--format", "json", "."], stage)
    try:
        cases = msgspec.json.decode(done.stdout or b"[]", type=list[_Case] | None) or []
    except msgspec.DecodeError:
        cases = []
    if done.returncode != 0 and not cases:
        raise BundleError(f"opa test: {(done.stderr or done.stdout).decode(errors='replace').strip()}")
    found = [
        RegoTest(
            policy=case.package.removeprefix("data.k8s.").removesuffix("_test"),
            name=case.name,
            passed=not case.fail and case.error is None,
            message=str((case.error or {}).get("message", "")),
        )
        for case in cases
    ]
    tested = {test.policy for test in found}
    missing = [RegoTest(one.id, "(no test)", passed=False) for one in modules if one.id not in tested]
    return found + missing
