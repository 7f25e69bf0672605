"""Runs the Rego tests of policies with `opa test`, beside the library and the parameters."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from auditor import data
from auditor.errors import BundleError
from auditor.evaluate.capabilities import write_allow_list
from auditor.evaluate.command import attempt_opa
from auditor.evaluate.stage import Module, lay_out, library, read_rego
from auditor.rules import Policy

TIME = ("--timeout", "60s")
"""For one test: OPA's own 5 s are too few on a machine that has other work."""


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
    skip: bool = False
    error: dict[str, object] | None = None


def run_rego_tests(opa: Path, modules: Sequence[Module], policies: Iterable[Policy]) -> list[RegoTest]:
    """Run the tests of the modules and return how each ended, in OPA's order.

    They may call what policies may call, and no more. A policy without a test file, or with one
    that holds no test, counts as a test that failed, and so does a test that is left to do. Raises
    `BundleError` if a test file does not compile or states another package than its own.
    """
    places: dict[str, Path] = {}
    with TemporaryDirectory(prefix="auditor-test-") as name:
        stage = Path(name) / "stage"
        parameters = {policy.id: policy.parameters for policy in policies}
        lay_out(stage, modules, library(data.policies()), {"parameters": parameters})
        for module in modules:
            test = module.path.with_name(f"{module.id}_test.rego")
            if test.exists():
                source = read_rego(test, module.path.parent)
                (stage / "k8s" / module.id / test.name).write_bytes(source)
                places[f"k8s/{module.id}/{test.name}"] = test
        capabilities = write_allow_list(opa, Path(name) / "capabilities.json")
        options: list[str | Path] = ["--format", "json", "--capabilities", capabilities, *TIME]
        done = attempt_opa(opa, ["test", *options, "."], stage)
    try:
        cases = msgspec.json.decode(done.stdout or b"[]", type=list[_Case] | None) or []
    except msgspec.DecodeError:
        cases = []
    if done.returncode != 0 and not cases:
        message = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise BundleError(f"Rego tests: {_in_our_words(message, places)}")
    found = [_ended(case, {module.id for module in modules}) for case in cases]
    tested = {test.policy for test in found}
    missing = [RegoTest(one.id, "(no test)", passed=False) for one in modules if one.id not in tested]
    return found + missing


def _ended(case: _Case, known: Container[str]) -> RegoTest:
    policy = case.package.removeprefix("data.k8s.").removesuffix("_test")
    if policy not in known or case.package != f"data.k8s.{policy}_test":
        package = case.package.removeprefix("data.")
        raise BundleError(f"Rego test {case.name}: package {package} is none of k8s.<id>_test")
    message = "is left to do" if case.skip else str((case.error or {}).get("message", ""))
    passed = not (case.fail or case.skip or case.error)
    return RegoTest(policy, case.name, passed, message)


def _in_our_words(message: str, places: Mapping[str, Path]) -> str:
    return re.sub(r"\bk8s/\w+/\w+\.rego", lambda match: str(places.get(match[0], match[0])), message)
