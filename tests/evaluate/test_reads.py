"""Read sets: what `opa deps` says is what a verdict depends on."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from auditor import data
from auditor.errors import BundleError
from auditor.evaluate.dependencies import Memory
from auditor.evaluate.reads import Reads, read_set
from auditor.evaluate.stage import Module, library
from auditor.rules import Policy, Severity

LIBRARY = library(data.policies())
POLICY = Policy("mine", "t", "d", (Severity.LOW,), "stack", ("Pod",), "r")


def reads(opa: Path, folder: Path, rules: str, **changes: object) -> Reads:
    path = folder / "mine.rego"
    path.write_text(f"package k8s.mine\n\n{rules}\n")
    policy = msgspec.structs.replace(POLICY, **changes)
    module = Module("mine", path, custom=True, source=path.read_bytes())
    found = Memory(opa, LIBRARY, None).ask(module, [path, data.policies() / "lib"])
    return read_set(found, policy, "mine.rego")


@pytest.mark.parametrize(
    ("rules", "parts", "library"),
    [
        ("fail contains 1 if input.meta.name", ("meta",), ()),
        ("fail contains 1 if { x := input; x.meta.a }", ("meta",), ()),
        ("fail contains 1 if some x in input.containers", ("containers",), ()),
        ("fail contains 1 if input.spec[_].a", ("spec",), ()),
        ('fail contains 1 if input["status"].a', ("status",), ()),
        ("fail contains 1 if { x := input.pod; x.spec.a }", ("pod",), ()),
        ("fail contains 1 if _a\n\n_a if _b(1)\n\n_b(_) if input.spec.x", ("spec",), ()),
        (
            "fail contains 1 if input.meta.a\n\nskip contains 1 if input.cluster.version",
            ("cluster", "meta"),
            (),
        ),
        (
            "import data.lib.pointer\n\nfail contains pointer.annotation(input.meta.a)",
            ("meta", "pod"),
            ("lib.pointer",),
        ),
        (
            "import data.lib.seccomp\n\nfail := seccomp.unconfined(1)",
            ("containers", "pod", "related.namespace"),
            ("lib.pod_security", "lib.pointer", "lib.seccomp"),
        ),
        ("fail contains 1 if input.related.namespace.labels.a", ("related.namespace",), ()),
    ],
)
def test_parts_and_library(
    opa: Path, tmp_path: Path, rules: str, parts: tuple[str, ...], library: tuple[str, ...]
) -> None:
    found = reads(opa, tmp_path, rules, wants=("namespace",))
    assert (found.parts, found.library) == (parts, library)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("other contains 1 if input.meta.a", "has no rule `fail`"),
        ("fail contains 1 if input", "reads input; "),
        ("fail contains 1 if { x := input; x[input.meta.a] }", "reads input; "),
        ("fail contains 1 if { x := [input]; x[0].meta.a }", "reads input; "),
        ("fail contains 1 if { some k; input[k] }", "reads input; "),
        ("_f(x) := x.meta\n\nfail contains 1 if _f(input)", "reads input; "),
        ("fail contains 1 if input.related.namespace.a", "reads input.related.namespace without naming it"),
        ("fail contains 1 if data.other", "reads data.other; "),
        ("fail contains 1 if data.parameters.mine.a", "reads parameter 'a', which it does not declare"),
    ],
)
def test_refusals(opa: Path, tmp_path: Path, rules: str, message: str) -> None:
    with pytest.raises(BundleError) as caught:
        reads(opa, tmp_path, rules)
    assert str(caught.value).startswith(f"mine.rego: {message}")


@pytest.mark.parametrize("field", ["needs", "wants", "excuses"])
def test_a_relation_that_is_named(opa: Path, tmp_path: Path, field: str) -> None:
    found = reads(opa, tmp_path, "fail contains 1 if input.related.namespace.a", **{field: ("namespace",)})
    assert found.parts == ("related.namespace",)


def test_declared_parameters(opa: Path, tmp_path: Path) -> None:
    rules = "fail contains 1 if data.parameters.mine.a == input.meta.a"
    assert reads(opa, tmp_path, rules, parameters={"a": 1}).parts == ("meta",)
