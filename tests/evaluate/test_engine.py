"""The engine on harmless and malformed policies, and what it leaves behind: nothing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
import pytest

from auditor.errors import EngineError
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.limits import Limits
from auditor.evaluate.request import Batch, document_json, request_json
from auditor.model import Failure, Question, Verdict, Violation
from auditor.rules import Severity
from tests.evaluate.conftest import Bundler
from tests.evaluate.questions import HARMLESS, ask, document, named

SLOW = """
fail contains {"path": "/", "message": "never"} if {
	some a in numbers.range(1, 10000)
	some b in numbers.range(1, 10000)
	some c in numbers.range(1, 10000)
	a + b + c == 0
}
"""


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must happen soon."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_parts_become_one_document() -> None:
    one = document("ü", spec={"b": 1, "a": 2}, related__rbac=[1], cluster={}, related__pdb={"x": None})
    expected = {
        "meta": {"name": "ü"},
        "spec": {"a": 2, "b": 1},
        "cluster": {},
        "related": {"rbac": [1], "pdb": {"x": None}},
    }
    assert msgspec.json.decode(document_json(one)) == expected
    assert msgspec.json.decode(document_json(document("a"))) == {"meta": {"name": "a"}}


def test_every_key_of_the_contract_arrives(opa: Path, bundle_of: Bundler) -> None:
    rules = """
fail contains {
	"path": "",
	"message": "<ü>\\u2028 & done",
	"evidence": {"list": {1, "a"}, "related": input.related.peers},
	"key": "k",
	"severity": "low",
	"related": [{"kind": "Pod"}],
	"patch": [{"op": "remove", "path": "/a"}],
}

unknown contains "why"
"""
    policies = {
        "full": rules,
        "skipping": 'fail := set()\n\nskip contains "no pod"',
        "silent": "fail := set()",
    }
    with OpaEngine(opa, bundle_of(policies)) as engine:
        [answer] = engine.evaluate(ask(list(policies), [document("ä", related__peers=["日本"])]))
    violation = Violation(
        path="",
        message="<ü>\u2028 & done",
        evidence={"list": [1, "a"], "related": ["日本"]},
        key="k",
        severity=Severity.LOW,
        related=({"kind": "Pod"},),
        patch=[{"op": "remove", "path": "/a"}],
    )
    assert answer.verdicts == {
        "full": Verdict(fail=(violation,), unknown=("why",)),
        "skipping": Verdict(skip=("no pod",)),
        "silent": Verdict(),
    }


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ('fail contains {"message": "m"}', "Object missing required field `path` - at `$.fail[0]`"),
        ('fail contains {"path": "/"}', "Object missing required field `message` - at `$.fail[0]`"),
        ('fail contains {"path": "/", "message": 1}', "Expected `str`, got `int` - at `$.fail[0].message`"),
        (
            'fail contains {"path": "/", "message": "m", "more": 1}',
            "Object contains unknown field - at `$.fail[0]`",
        ),
        (
            'fail contains {"path": "/", "message": "m", "evidence": [1]}',
            "Expected `object`, got `array` - at `$.fail[0].evidence`",
        ),
        (
            'fail contains {"path": "/", "message": "m", "severity": "bad"}',
            "Invalid enum value - at `$.fail[0].severity`",
        ),
        (
            'fail contains {"path": "spec", "message": "m"}',
            "Expected `str` matching regex '^(/|$)' - at `$.fail[0].path`",
        ),
        ('fail contains "m"', "Expected `object`, got `str` - at `$.fail[0]`"),
        ('fail := {"a": 1}', "Expected `array`, got `object` - at `$.fail`"),
        ("other := 1", "Object missing required field `fail`"),
        ("fail := set()\n\nskip contains 1", "Expected `str`, got `int` - at `$.skip[0]`"),
    ],
)
def test_a_malformed_finding_is_lost_alone(opa: Path, bundle_of: Bundler, rules: str, reason: str) -> None:
    policies = {"before": HARMLESS, "wrong": rules, "behind": HARMLESS}
    with OpaEngine(opa, bundle_of(policies)) as engine:
        [answer] = engine.evaluate(ask(list(policies), [document("a")]))
    assert answer.verdicts == {
        "before": named("a"),
        "wrong": Failure(f"policy wrong emitted a malformed finding: {reason}"),
        "behind": named("a"),
    }


def test_evidence_that_is_nested_too_deeply_is_lost_alone(opa: Path, bundle_of: Bundler) -> None:
    deep = (
        'fail contains {"path": "/", "message": "m", "evidence": {"deep": json.unmarshal(input.spec.text)}}'
    )
    policies = {"deep": deep, "harmless": HARMLESS}
    documents = [document("a", spec={"text": "[" * 3000 + "]" * 3000}), document("b", spec={"text": "[[]]"})]
    with OpaEngine(opa, bundle_of(policies)) as engine:
        bad, good = engine.evaluate(ask(list(policies), documents))
    reason = "OPA's answer could not be read: it is no JSON, or nested too deeply"
    assert bad.verdicts == {"deep": Failure(reason), "harmless": named("a")}
    fine = Verdict(fail=(Violation("/", "m", {"deep": [[]]}),))
    assert good.verdicts == {"deep": fine, "harmless": named("b")}


def test_what_cannot_be_asked_is_a_failure(opa: Path, bundle_of: Bundler) -> None:
    both = 'fail contains {"path": "/", "message": "m"}\n\nskip contains "s"'
    policies = {"harmless": HARMLESS, "both": both}
    with OpaEngine(opa, bundle_of(policies)) as engine:
        documents = [document("a"), document("b", refused="300 KiB"), document("c")]
        answers = list(engine.evaluate(ask(["harmless", "both", "absent"], documents)))
        assert list(engine.evaluate([])) == []
        [nothing] = engine.evaluate([Question(documents[0], ())])
    for answer, name in zip(answers, "abc", strict=True):
        assert answer.verdicts == (
            {policy: Failure("300 KiB") for policy in ("harmless", "both", "absent")}
            if name == "b"
            else {
                "harmless": named(name),
                "both": Failure("policy both emitted skip together with fail or unknown"),
                "absent": Failure("policy absent is not in the bundle"),
            }
        )
    assert nothing.verdicts == {}


def test_each_document_is_asked_its_own_policies(opa: Path, bundle_of: Bundler) -> None:
    documents = [
        document(f"d{number}", spec={"ü": "x" * (5000 if number % 7 else 50)}) for number in range(1000)
    ]
    questions = [
        Question(one, ("harmless", "other") if number % 2 else ("other",))
        for number, one in enumerate(documents)
    ]
    policies = {"harmless": HARMLESS, "other": "fail := set()"}
    # every seventh document is small; a large one is above the limit and travels alone
    with OpaEngine(opa, bundle_of(policies), Limits(request_bytes=4000)) as engine:
        for number, answer in enumerate(engine.evaluate(iter(questions))):
            assert answer.document is documents[number]
            expected = {"harmless": named(f"d{number}")} if number % 2 else {}
            assert answer.verdicts == {**expected, "other": Verdict()}
    assert number == 999


def test_opa_is_alone(opa: Path, bundle_of: Bundler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPA_ADDR", "127.0.0.1:0")
    monkeypatch.setenv("OPA_LOG_LEVEL", "debug")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    with OpaEngine(opa, bundle_of({"harmless": HARMLESS})) as engine:
        list(engine.evaluate(ask(["harmless"], [document("a")])))
        process = psutil.Process(engine.pid)
        folder = Path(process.cwd())
        assert process.environ() == {"GOGC": "250"}
        assert process.net_connections(kind="inet") == []
        assert "--skip-version-check" in process.cmdline()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert [path.name for path in folder.iterdir()] == ["s"]
    assert gone(process)
    assert not folder.exists()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_nothing_is_left_after_an_exception(
    opa: Path, bundle_of: Bundler, error: type[BaseException]
) -> None:
    children: list[psutil.Process] = []
    folders: list[Path] = []

    def fail() -> None:
        with OpaEngine(opa, bundle_of({"harmless": HARMLESS})) as engine:
            children.append(psutil.Process(engine.pid))
            folders.append(Path(children[0].cwd()))
            for _ in engine.evaluate(ask(["harmless"], [document("a")])):
                raise error

    with pytest.raises(error):
        fail()
    assert gone(children[0])
    assert not folders[0].exists()


def test_questions_are_taken_while_opa_judges(opa: Path, bundle_of: Bundler) -> None:
    taken: list[str] = []

    def questions() -> Iterator[Question]:
        for one in ask(["harmless"], [document(f"d{number}") for number in range(6)]):
            taken.append(one.document.ref.name)
            yield one

    with OpaEngine(opa, bundle_of({"harmless": HARMLESS}), Limits(documents=1)) as engine:
        answers = engine.evaluate(questions())
        assert next(answers).document.ref.name == "d0"
        assert 2 < len(taken) < 6, "as many as wait for OPA, not all there are"
        assert [one.document.ref.name for one in answers] == ["d1", "d2", "d3", "d4", "d5"]


def test_whoever_stops_listening_may_ask_again(opa: Path, bundle_of: Bundler) -> None:
    many = ask(["harmless"], [document(f"d{number}") for number in range(20)])
    with OpaEngine(opa, bundle_of({"harmless": HARMLESS}), Limits(documents=1)) as engine:
        first = engine.evaluate(many)
        next(first)
        first.close()
        assert len(list(engine.evaluate(many))) == 20


def test_an_exception_while_opa_judges_waits_for_nobody(opa: Path, bundle_of: Bundler) -> None:
    """Ctrl-C must not wait for the deadline of a policy that never ends."""
    children: list[psutil.Process] = []

    def questions() -> Iterator[Question]:
        for number in range(9):
            if number == 2:
                # OPA is at the first batch by now, or about to be
                until(lambda: children[0].cpu_times().user > 0.5)
                raise KeyboardInterrupt
            yield from ask(["slow"], [document(f"d{number}")])

    def judge() -> None:
        with OpaEngine(opa, bundle_of({"slow": SLOW}), Limits(documents=1, seconds=600)) as engine:
            children.append(psutil.Process(engine.pid))
            list(engine.evaluate(questions()))

    with pytest.raises(KeyboardInterrupt):
        judge()
    assert gone(children[0])


PROGRAM = """
import sys
from pathlib import Path
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.limits import Limits
from auditor.rules import Bundle
from tests.evaluate.questions import ask, document

opa, archive = sys.argv[1:]
try:
    with OpaEngine(Path(opa), Bundle(archive, "", {}, {}), Limits(seconds=600)) as engine:
        print(engine.pid, flush=True)
        list(engine.evaluate(ask(["slow"], [document("a")])))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_opa_dies_with_us(opa: Path, bundle_of: Bundler, number: signal.Signals) -> None:
    if number == signal.SIGKILL and sys.platform != "linux":
        pytest.skip("only Linux can tether a child")
    archive = bundle_of({"slow": SLOW}).archive
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, opa, archive],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout
        assert program.stderr
        process = psutil.Process(int(program.stdout.readline()))
        folder = Path(process.cwd())
        until(lambda: process.cpu_times().user > 0.3)  # it evaluates
        program.send_signal(number)
        until(lambda: gone(process))
        assert program.wait() == (0 if number == signal.SIGINT else -signal.SIGKILL)
        if number == signal.SIGINT:
            assert (program.stdout.read(), program.stderr.read()) == ("interrupted\n", "")
            assert not folder.exists()
        else:
            shutil.rmtree(folder)  # nobody was left to do it


def test_a_bundle_that_opa_cannot_load_is_an_error(opa: Path, bundle_of: Bundler) -> None:
    bundle = bundle_of({"harmless": HARMLESS})
    Path(bundle.archive).write_bytes(b"junk")
    unreadable = r"did not start: error: load error: bundle .* archive read failed"
    with OpaEngine(opa, bundle) as engine, pytest.raises(EngineError, match=unreadable):
        list(engine.evaluate([]))


def test_a_socket_path_that_is_too_long_is_an_error(
    opa: Path, bundle_of: Bundler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    engine = OpaEngine(opa, bundle_of({"harmless": HARMLESS}))
    with engine, pytest.raises(EngineError, match="too long for a socket") as caught:
        list(engine.evaluate([]))
    assert "TMPDIR" in caught.value.hint
    assert list(deep.iterdir()) == []


def test_nothing_is_left_of_an_engine_that_was_never_asked(opa: Path, bundle_of: Bundler) -> None:
    """OPA may still be starting when somebody finds that a flag was wrong."""
    bundle, before = bundle_of({"harmless": HARMLESS}), set(psutil.Process().children())
    for error in (None, ValueError):
        for _ in range(5):
            with suppress(ValueError), OpaEngine(opa, bundle):
                if error:
                    raise error
    assert set(psutil.Process().children()) == before


def asked_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the documents that OPA is asked about from now on."""
    names: list[str] = []

    def noted(batch: Batch) -> bytes:
        names.extend(asked.question.document.ref.name for asked, _ in batch)
        return request_json(batch)

    monkeypatch.setattr("auditor.evaluate.engine.request_json", noted)
    return names


def test_what_was_foreseen_is_not_asked_again(
    opa: Path, bundle_of: Bundler, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OpaEngine(opa, bundle_of({"harmless": HARMLESS})) as engine:
        names = asked_of(monkeypatch)
        engine.foresee(ask(["harmless"], [document("a"), document("b"), document("c", spec=1)]))
        until(lambda: len(names) == 3)
        documents = [document(name) for name in "abcd"]  # c looks otherwise by now
        answers = list(engine.evaluate(ask(["harmless"], documents)))
    assert [one.document for one in answers] == documents
    assert [one.verdicts["harmless"] for one in answers] == [named(name) for name in "abcd"]
    assert names == ["a", "b", "c", "c", "d"]


def test_a_foresight_that_fails_changes_nothing(opa: Path, bundle_of: Bundler) -> None:
    policies = {"harmless": HARMLESS, "slow": SLOW}
    with OpaEngine(opa, bundle_of(policies), Limits(seconds=0.5)) as engine:
        engine.foresee(ask(["harmless", "slow"], [document("a")]))
        [answer] = engine.evaluate(ask(["harmless", "slow"], [document("a")]))
    assert answer.verdicts == {"harmless": named("a"), "slow": Failure("timed out after 0.5 s")}


def test_a_bug_in_what_is_foreseen_is_not_swallowed(opa: Path, bundle_of: Bundler) -> None:
    questions = (question for question in ask(["harmless"], [document("a")]) if 1 // 0)
    with OpaEngine(opa, bundle_of({"harmless": HARMLESS})) as engine:
        engine.foresee(questions)
        with pytest.raises(ZeroDivisionError):
            list(engine.evaluate([]))


def test_foresight_ends_with_the_engine(opa: Path, bundle_of: Bundler) -> None:
    taken: list[str] = []

    def questions() -> Iterator[Question]:
        while True:
            taken.append("one")
            yield Question(document(f"d{len(taken)}"), ("harmless",))

    with OpaEngine(opa, bundle_of({"harmless": HARMLESS})) as engine:
        engine.foresee(questions())
        until(lambda: len(taken) > 100)
        assert list(engine.evaluate([])) == []
        count = len(taken)
        time.sleep(0.1)
        assert len(taken) == count
