"""Equal questions are asked once, where that is worth it; and whose verdict it is stays right."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.limits import Limits
from auditor.evaluate.request import Batch, request_json
from auditor.evaluate.share import ENOUGH, Share, Shares
from auditor.model import PASS, Failure, Verdict, Violation
from auditor.rules import Bundle
from tests import factories as make
from tests.evaluate.conftest import Bundler
from tests.evaluate.questions import HARMLESS, ask, document, named

GRANTS = ("related.grants",)
ALIKE = tuple(f"grants_{number}" for number in range(ENOUGH))
RULES = """
fail contains {"path": "/", "message": "m", "evidence": {"grants": one}} if some one in input.related.grants
"""
GUILTY = f'{RULES}\nfail contains {{"path": "", "message": "m"}} if to_number(input.related.grants[0]) > 0\n'


def policies(**reads: tuple[str, ...]) -> Shares:
    return Shares({name: make.policy(name, reads=found) for name, found in reads.items()})


@pytest.mark.parametrize(
    "reads",
    [
        dict.fromkeys(ALIKE[1:], GRANTS),
        dict.fromkeys(ALIKE, ("meta", *GRANTS)),
        dict.fromkeys(ALIKE, ()),
        {**dict.fromkeys(ALIKE[1:], GRANTS), ALIKE[0]: ("related.usage",)},
    ],
    ids=["too few", "read the object", "read nothing", "read something else"],
)
def test_what_is_asked_together_as_ever(reads: dict[str, tuple[str, ...]]) -> None:
    asked = (*ALIKE, "unknown")
    assert policies(**reads).of(asked) == (Share(asked),)


def test_who_reads_the_same_relations_is_asked_apart() -> None:
    shares = policies(**dict.fromkeys(ALIKE, GRANTS), other=("meta", "spec"))
    assert shares.of(ALIKE) == (Share(ALIKE, frozenset(GRANTS), repeats=True),)
    assert shares.of(("other", *ALIKE)) == (
        Share(("other",), frozenset({"meta", "spec"})),
        Share(ALIKE, frozenset(GRANTS), repeats=True),
    )
    assert shares.of(("unknown", *ALIKE))[0] == Share(("unknown",))


@pytest.fixture
def bundle(bundle_of: Bundler) -> Bundle:
    made = bundle_of({"harmless": HARMLESS, **dict.fromkeys(ALIKE, RULES), ALIKE[0]: GUILTY})
    known = {name: make.policy(name, reads=GRANTS) for name in ALIKE}
    return msgspec.structs.replace(
        made, policies={**known, "harmless": make.policy("harmless", reads=("meta",))}
    )


def test_what_is_about_something_else_is_shown_nothing() -> None:
    """Where a relation files something, but nothing that a policy is about; else it is asked as ever."""
    about = {"a": ("grants.x",), "b": ("grants.x", "grants.y"), "c": ("grants.y",), "d": ()}
    shares = Shares({name: make.policy(name, reads=GRANTS, about=found) for name, found in about.items()})
    asked = tuple(about)
    assert shares.of(asked, frozenset()) == (Share(asked, frozenset(GRANTS), repeats=True),)
    nothing = frozenset(GRANTS)
    assert shares.of(asked, frozenset({"grants", "grants.x"})) == (
        Share(("a", "b", "d")),
        Share(("c",), nothing, repeats=True, empty=nothing),
    )
    assert shares.of(asked, frozenset({"grants"})) == (
        Share(("d",)),
        Share(("a", "b", "c"), nothing, repeats=True, empty=nothing),
    )
    assert shares.of(("a",), frozenset({"grants", "grants.y"})) == (
        Share(("a",), nothing, repeats=True, empty=nothing),
    )


def sent_from(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...], bytes]]:
    """The documents that OPA is asked about from now on, by whom, and what of them it is shown."""
    sent: list[tuple[str, tuple[str, ...], bytes]] = []

    def noted(batch: Batch) -> bytes:
        sent.extend((asked.question.document.ref.name, by, asked.json) for asked, by in batch)
        return request_json(batch)

    monkeypatch.setattr("auditor.evaluate.engine.request_json", noted)
    return sent


def test_an_equal_question_is_asked_once(opa: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [document(f"d{number}", related__grants=["0"]) for number in range(30)]
    documents.append(document("last", related__grants=["-1"]))
    sent = sent_from(monkeypatch)
    with OpaEngine(opa, bundle, Limits(documents=2)) as engine:
        first, *rest = engine.evaluate(ask(["harmless", *ALIKE], documents[:1]))
        rest += engine.evaluate(ask(["harmless", *ALIKE], documents[1:]))
    for answer, seen in zip([first, *rest], documents, strict=True):
        grants = "-1" if seen.ref.name == "last" else "0"
        verdict = Verdict(fail=(Violation("/", "m", {"grants": grants}),))
        assert answer.document is seen
        assert answer.verdicts == {"harmless": named(seen.ref.name), **dict.fromkeys(ALIKE, verdict)}
    assert [name for name, by, _ in sent if by == ("harmless",)] == [one.ref.name for one in documents]
    assert [(name, shown) for name, by, shown in sent if by == ALIKE] == [
        ("d0", b'{"related":{"grants":["0"]}}'),
        ("last", b'{"related":{"grants":["-1"]}}'),
    ]


def test_what_was_foreseen_is_known_for_all_that_is_equal(
    opa: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [document(name, related__grants=["0"]) for name in "ab"]
    sent = sent_from(monkeypatch)
    with OpaEngine(opa, bundle) as engine:
        engine.foresee(ask(list(ALIKE), documents[:1]))
        assert engine._foresight
        engine._foresight.result()
        answers = list(engine.evaluate(ask(list(ALIKE), documents)))
    assert [name for name, _, _ in sent] == ["a"]
    assert answers[0].verdicts == answers[1].verdicts


def test_who_fails_on_equal_documents_is_guilty_of_each(opa: Path, bundle: Bundle) -> None:
    """Nothing is kept of a question without an answer, so quarantine is what it was."""
    documents = [document(f"d{number}", related__grants=["x"]) for number in range(5)]
    with OpaEngine(opa, bundle) as engine:
        answers = list(engine.evaluate(ask(["harmless", *ALIKE], documents)))
    reason = f"error in k8s/{ALIKE[0]}/{ALIKE[0]}.rego:5: the built-in function to_number failed"
    assert [one.verdicts[ALIKE[0]] for one in answers] == [
        *[Failure(reason)] * 3,
        *[Failure(f"quarantined after three failures: {reason}")] * 2,
    ]
    verdict = Verdict(fail=(Violation("/", "m", {"grants": "x"}),))
    for answer, seen in zip(answers, documents, strict=True):
        assert {answer.verdicts[name] == verdict for name in ALIKE[1:]} == {True}
        assert answer.verdicts["harmless"] == named(seen.ref.name)


def test_nothing_is_asked_once_for_all(opa: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is shown `{}` once, with whomever it is alone; what it is about is its own."""
    about = {name: make.policy(name, reads=GRANTS, about=(f"grants.{name}",)) for name in ALIKE[1:]}
    known = {**about, "harmless": make.policy("harmless", reads=("meta",))}
    bundle = msgspec.structs.replace(bundle, policies=known)
    documents = []
    for number, name in enumerate((*ALIKE[1:], *ALIKE[1:])):
        one = document(f"d{number}", related__grants=[name])
        filed = frozenset({"grants", f"grants.{name}"})
        parts = {
            key: msgspec.structs.replace(part, filed=filed) if key in GRANTS else part
            for key, part in one.parts.items()
        }
        documents.append(msgspec.structs.replace(one, parts=parts))
    sent = sent_from(monkeypatch)
    with OpaEngine(opa, bundle, Limits(documents=1)) as engine:
        answers = list(engine.evaluate(ask(["harmless", *about], documents)))
    for number, (answer, name) in enumerate(zip(answers, (*about, *about), strict=True)):
        own = Verdict(fail=(Violation("/", "m", {"grants": name}),))
        assert answer.verdicts == {
            "harmless": named(f"d{number}"),
            **dict.fromkeys(about, PASS),
            name: own,
        }
    nothing = [by for _, by, shown in sent if shown == b'{"related":{"grants":{}}}']
    assert 2 <= len(nothing) <= 4  # batches are on their way before the first answer is there
