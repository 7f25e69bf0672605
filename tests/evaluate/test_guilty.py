"""Policies that loop, eat memory, crash or err: exactly the guilty pairs are lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import psutil
import pytest

from auditor.errors import EngineError
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.limits import MIB, Limits
from auditor.model import Answer, Failure, Verdict
from tests.evaluate.conftest import Bundler
from tests.evaluate.questions import HARMLESS, ask, document, named

LIMITS = Limits(seconds=1.5, memory_bytes=512 * MIB)
"""A loop is over soon."""
BOMB_LIMITS = Limits(seconds=60, memory_bytes=100 * MIB)
"""A bomb is over soon; how fast it grows depends on the machine."""

# Each is guilty where `guilty` holds, and fails nobody else.
LOOP = """
fail contains {"path": "/", "message": "never"} if {
	guilty
	some a in numbers.range(1, 10000)
	some b in numbers.range(1, 10000)
	some c in numbers.range(1, 10000)
	a + b + c == 0
}
"""
BOMB = """
fail contains {"path": "/", "message": "never"} if {
	guilty
	rows := [row | some a in numbers.range(1, 4000); row := numbers.range(a, a + 4000)]
	count(rows) == 0
}
"""
# 2^50 bits are more than the address space has: the Go runtime ends the process.
CRASH = """
fail contains {"path": "/", "message": "never"} if {
	guilty
	bits.lsh(1, 1125899906842624) == 0
}
"""
# The length of this one overflows: a panic, which ends the request only.
PANIC = CRASH.replace("1125899906842624", "4611686018427387904")
STRICT = """
fail contains {"path": "/", "message": "never"} if {
	guilty
	to_number(input.meta.name) == 0
}
"""
CONFLICT = """
value := input.meta.name if guilty

value := "another" if guilty

fail contains {"path": "/", "message": "never"} if value == 0
"""
FLOOD = """
fail contains {"path": "/", "message": message} if {
	guilty
	some number in numbers.range(1, 2000)
	message := sprintf("%01000d", [number])
}
"""

ONE = 'guilty if input.meta.name == "hunter2"'
ALL = "guilty := true"

RULES = {"loop": LOOP, "bomb": BOMB, "crash": CRASH, "panic": PANIC, "strict": STRICT, "conflict": CONFLICT}
REASONS = {
    "loop": "timed out after 1.5 s",
    "bomb": "needed more than 100 MiB",
    "crash": "OPA crashed",
    "panic": "OPA crashed",
    "strict": "error in k8s/{}/{}.rego:7: the built-in function to_number failed",
    "conflict": "error in k8s/{}/{}.rego:7: a rule or function has two values at once",
}


def judged(engine: OpaEngine, policies: list[str], names: list[str]) -> list[Answer]:
    answers = list(engine.evaluate(ask(policies, [document(name) for name in names])))
    assert [answer.document.ref.name for answer in answers] == names
    assert all(list(answer.verdicts) and set(answer.verdicts) == set(policies) for answer in answers)
    return answers


@pytest.mark.parametrize("kind", RULES)
def test_one_pair_is_lost_when_one_document_is_too_much(opa: Path, bundle_of: Bundler, kind: str) -> None:
    policies = {"before": HARMLESS, kind: f"{ONE}\n{RULES[kind]}", "behind": HARMLESS}
    names = [f"d{number}" for number in range(11)] + ["hunter2", "last"]
    with OpaEngine(opa, bundle_of(policies), BOMB_LIMITS if kind == "bomb" else LIMITS) as engine:
        answers = judged(engine, list(policies), names)
    for answer in answers:
        name = answer.document.ref.name
        assert answer.verdicts["before"] == answer.verdicts["behind"] == named(name)
        guilty = Failure(REASONS[kind].format(kind, kind))
        assert answer.verdicts[kind] == (guilty if name == "hunter2" else Verdict())


@pytest.mark.parametrize("kind", RULES)
def test_a_policy_that_always_fails_is_quarantined(opa: Path, bundle_of: Bundler, kind: str) -> None:
    policies = {"before": HARMLESS, kind: f"{ALL}\n{RULES[kind]}", "behind": HARMLESS}
    names = [f"d{number}" for number in range(25)]
    with OpaEngine(opa, bundle_of(policies), BOMB_LIMITS if kind == "bomb" else LIMITS) as engine:
        answers = judged(engine, list(policies), names)
        later = judged(engine, list(policies), ["later"])
    reason = REASONS[kind].format(kind, kind)
    quarantined = Failure(f"quarantined after three failures: {reason}")
    lost = [answer.verdicts[kind] for answer in answers]
    assert lost == [Failure(reason)] * 3 + [quarantined] * 22
    assert later[0].verdicts[kind] == quarantined
    for answer in answers + later:
        assert answer.verdicts["before"] == answer.verdicts["behind"] == named(answer.document.ref.name)


def test_several_guilty_policies_share_a_batch(opa: Path, bundle_of: Bundler) -> None:
    guilty = {kind: f"{ONE}\n{RULES[kind]}" for kind in ("loop", "crash", "strict", "conflict")}
    policies = {"before": HARMLESS, **guilty, "behind": HARMLESS}
    with OpaEngine(opa, bundle_of(policies), LIMITS) as engine:
        first, bad = judged(engine, list(policies), ["first", "hunter2"])
    harmless = {"before": named("first"), "behind": named("first")}
    assert first.verdicts == {**dict.fromkeys(guilty, Verdict()), **harmless}
    reasons = {kind: Failure(REASONS[kind].format(kind, kind)) for kind in guilty}
    assert bad.verdicts == {**reasons, "before": named("hunter2"), "behind": named("hunter2")}


def test_no_reason_quotes_the_document(opa: Path, bundle_of: Bundler) -> None:
    emitted = '{"path": "/", "message": "m", "severity": input.meta.name}'
    unknown = '{"path": "/", "message": "m", input.meta.name: "m"}'
    policies = {kind: f"{ONE}\n{RULES[kind]}" for kind in ("strict", "conflict")}
    policies |= {"severity": f"fail contains {emitted}", "field": f"fail contains {unknown}"}
    with OpaEngine(opa, bundle_of(policies), LIMITS) as engine:
        [answer] = judged(engine, list(policies), ["hunter2"])
    for verdict in answer.verdicts.values():
        assert isinstance(verdict, Failure)
        assert "hunter2" not in verdict.reason


def test_an_answer_that_is_too_large_is_not_read(opa: Path, bundle_of: Bundler) -> None:
    policies = {"flood": f"{ONE}\n{FLOOD}", "harmless": HARMLESS}
    with OpaEngine(opa, bundle_of(policies), Limits(answer_bytes=MIB)) as engine:
        first, bad = judged(engine, list(policies), ["first", "hunter2"])
    assert first.verdicts == {"flood": Verdict(), "harmless": named("first")}
    assert bad.verdicts == {"flood": Failure("answered more than 1 MiB"), "harmless": named("hunter2")}


def test_nobody_is_blamed_when_opa_is_killed_once(opa: Path, bundle_of: Bundler) -> None:
    slow = """
fail contains {"path": "/", "message": "never"} if {
	some a in numbers.range(1, 600)
	some b in numbers.range(1, 600)
	a + b == 0
}
"""
    policies = {"slow": slow, "harmless": HARMLESS}
    with OpaEngine(opa, bundle_of(policies), Limits(seconds=60)) as engine:
        first = engine.pid
        killer = threading.Thread(target=_kill_at_work, args=(first,))
        killer.start()
        answers = judged(engine, list(policies), ["a", "b"])
        killer.join()
        assert engine.pid != first
    for answer in answers:
        assert answer.verdicts == {"slow": Verdict(), "harmless": named(answer.document.ref.name)}


def _kill_at_work(pid: int) -> None:
    """Kill OPA once it has computed for a while."""
    process = psutil.Process(pid)
    begin = process.cpu_times().user
    while process.cpu_times().user < begin + 0.1:
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)


def test_opa_that_cannot_be_started_again_is_an_error(opa: Path, bundle_of: Bundler, tmp_path: Path) -> None:
    link = tmp_path / "opa"
    link.symlink_to(opa)
    with OpaEngine(link, bundle_of({"harmless": HARMLESS}), LIMITS) as engine:
        assert judged(engine, ["harmless"], ["a"])[0].verdicts == {"harmless": named("a")}
        link.unlink()
        os.kill(engine.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="did not start: No such file or directory"):
            judged(engine, ["harmless"], ["a"])


def test_opa_that_needs_too_much_to_start_is_an_error(opa: Path, bundle_of: Bundler) -> None:
    engine = OpaEngine(opa, bundle_of({"harmless": HARMLESS}), Limits(memory_bytes=MIB))
    with pytest.raises(EngineError, match="did not start: it needed more than 1 MiB"), engine:
        judged(engine, ["harmless"], ["a"])
