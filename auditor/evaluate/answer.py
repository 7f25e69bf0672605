"""What OPA answers: verdicts, malformed findings, or an error that names a policy's file.

Nothing that OPA says is shown as it is: its messages quote values of the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import msgspec

from auditor.evaluate.request import Batch, policy_lists
from auditor.model import PASS, Failure, Verdict, Violation
from auditor.rules import Severity

Verdicts = dict[str, Verdict | Failure]
"""By policy."""

FAIL = "fail"
"""The rule that every policy has; `skip` and `unknown` may be missing."""

RULE_FILE = re.compile(r"(?:k8s|lib|main)/(?:([^/]+)/)?[^/]+\.rego$")
"""The end of a file name in the bundle, with the id of the policy (or the topic of the library)."""

DATA = re.compile(r"(invalid enum value|unknown field) .*(?= - at )", re.IGNORECASE | re.DOTALL)
"""What msgspec quotes of a value that it refuses."""


class NoAnswerError(Exception):
    """OPA has no verdicts for a request; `reason` quotes nothing of the documents."""

    def __init__(self, reason: str, *, policy: str = "", again: bool = False) -> None:
        """Keep the reason, the policy that OPA blames, and whether asking again may help."""
        super().__init__(reason)
        self.reason = reason
        self.policy = policy
        self.again = again


# model.Violation and model.Verdict as the wire has them, with every unknown key refused.


class _Violation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: Annotated[str, msgspec.Meta(pattern="^(/|$)")]
    message: str
    evidence: dict[str, Any] = {}
    key: str | None = None
    severity: Severity | None = None
    related: tuple[Any, ...] = ()
    patch: Any = None


class _Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fail: tuple[_Violation, ...]  # a set is never undefined: if it is absent, it is no set of findings
    skip: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


Rule = tuple[str, str, bool]
"""A policy, the name of one of its rules, and whether that is a set: then it is left out if it is empty."""

Entry = _Violation | str
"""What rules emit: `fail` violations, the others reasons."""


_Entries = Sequence[tuple[int, Any]]


class _Found(msgspec.Struct):
    rules: list[list[Rule]]
    """Of each list of policies in the request."""
    entries: list[list[tuple[int, tuple[Entry, ...]]]]
    """Of each document: the place of a rule in its list, and what it emits."""


class _Answer(msgspec.Struct):
    result: _Found


class _RawFound(msgspec.Struct):
    rules: list[list[Rule]]
    entries: list[list[tuple[int, msgspec.Raw]]]


class _RawAnswer(msgspec.Struct):
    result: _RawFound


class _Location(msgspec.Struct, frozen=True):
    file: str = ""
    row: int = 0


class _Error(msgspec.Struct):
    code: str
    message: str = ""
    location: _Location = _Location()


class _Refusal(msgspec.Struct):
    code: str = ""
    errors: list[_Error] = []


_EMPTY = msgspec.Raw(b"[]")

_answer = msgspec.json.Decoder(_Answer)
_raw_answer = msgspec.json.Decoder(_RawAnswer)
_verdict = msgspec.json.Decoder(_Verdict)
_refusal = msgspec.json.Decoder(_Refusal)


def read_answer(batch: Batch, status: int, body: bytes) -> list[Verdicts]:
    """Return the verdicts of each document of a batch, a `Failure` where one is malformed or absent.

    Raises `NoAnswerError` if OPA reported an error instead.
    """
    if status != 200:
        raise _error(body)
    asked = policy_lists(batch)
    try:
        found = _answer.decode(body).result
        lists = [_Listed.of(rules) for rules in found.rules]
        known = [_plain(lists[place], entries) for place, entries in _matched(batch, asked, found.entries)]
    except (msgspec.MsgspecError, RecursionError):
        known = _one_by_one(batch, asked, body)
    return [_complete(verdicts, policies) for (_, policies), verdicts in zip(batch, known, strict=True)]


def _complete(verdicts: Verdicts, policies: Sequence[str]) -> Verdicts:
    if len(verdicts) == len(policies):
        return verdicts
    unknown = {one: Failure(f"policy {one} is not in the bundle") for one in policies if one not in verdicts}
    return {**verdicts, **unknown}


class _Listed(msgspec.Struct, frozen=True):
    """A list of rules, with what is the same for all documents that are judged by it."""

    rules: Sequence[Rule]
    fails: frozenset[int]
    """The places of the rules that must be answered, even if they emit nothing."""
    passes: Verdicts
    """What is answered where none of them emits anything."""

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> _Listed:
        """Look through a list."""
        fails = (place for place, (_, name, sure) in enumerate(rules) if name == FAIL and not sure)
        return cls(rules, frozenset(fails), {policy: PASS for policy, _, _ in rules})


def _matched(
    batch: Batch, asked: Mapping[tuple[str, ...], int], entries: Sequence[_Entries]
) -> Iterator[tuple[int, _Entries]]:
    """The place of each document's list of policies, with what it was answered."""
    if len(entries) != len(batch):
        raise NoAnswerError("OPA's answer lacks a document")
    for (_, policies), found in zip(batch, entries, strict=True):
        yield asked[policies], found


def _plain(listed: _Listed, entries: Sequence[tuple[int, tuple[Entry, ...]]]) -> Verdicts:
    """The verdicts of one document, whose entries are empty for most rules.

    Raises `msgspec.ValidationError` where they are not what the contract of the rule says.
    """
    # a set is never undefined: a policy without `fail` has none that is a set
    if listed.fails and not listed.fails <= {place for place, _ in entries}:
        raise msgspec.ValidationError(FAIL)
    emitted: dict[str, dict[str, tuple[Any, ...]]] = {}
    for place, found in entries:
        if found:
            policy, name, _ = listed.rules[place]
            if any(isinstance(one, str) == (name == FAIL) for one in found):
                raise msgspec.ValidationError(name)
            emitted.setdefault(policy, {})[name] = found
    verdicts = listed.passes.copy()
    for policy, rules in emitted.items():
        verdicts[policy] = _judged(policy, _Verdict(rules.get(FAIL, ()), **_others(rules)))
    return verdicts


def _others(emitted: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    return {name: found for name, found in emitted.items() if name != FAIL}


def _one_by_one(batch: Batch, asked: Mapping[tuple[str, ...], int], body: bytes) -> list[Verdicts]:
    """The same where something is malformed: what that is, and of which policy."""
    try:
        found = _raw_answer.decode(body).result
    except (msgspec.MsgspecError, RecursionError) as error:
        raise NoAnswerError("OPA's answer could not be read: it is no JSON, or nested too deeply") from error
    known: list[Verdicts] = []
    for place, entries in _matched(batch, asked, found.entries):
        raw: dict[str, dict[str, msgspec.Raw]] = {policy: {} for policy, _, _ in found.rules[place]}
        for policy, name, sure in found.rules[place]:
            if sure:
                raw[policy][name] = _EMPTY
        for number, one in entries:
            policy, name, _ = found.rules[place][number]
            raw[policy][name] = one
        known.append({policy: _judged(policy, _decoded(policy, one)) for policy, one in raw.items()})
    return known


def _decoded(policy: str, emitted: Mapping[str, msgspec.Raw]) -> _Verdict | Failure:
    try:
        return _verdict.decode(msgspec.json.encode(emitted))
    except (msgspec.MsgspecError, RecursionError) as error:
        what = DATA.sub(r"\1", str(error))
        return Failure(f"policy {policy} emitted a malformed finding: {what}")


def _judged(policy: str, verdict: _Verdict | Failure) -> Verdict | Failure:
    if isinstance(verdict, Failure):
        return verdict
    if not (verdict.fail or verdict.skip or verdict.unknown):
        return PASS
    if verdict.skip and (verdict.fail or verdict.unknown):
        return Failure(f"policy {policy} emitted skip together with fail or unknown")
    violations = tuple(Violation(*msgspec.structs.astuple(violation)) for violation in verdict.fail)
    return Verdict(violations, verdict.skip, verdict.unknown)


def _error(body: bytes) -> NoAnswerError:
    """Return OPA's error with the file it names, in words of our own."""
    try:
        refusal = _refusal.decode(body)
    except msgspec.MsgspecError:
        refusal = _Refusal("an answer that is no JSON")
    if not refusal.errors:
        return NoAnswerError(f"OPA refused the request: {refusal.code}")
    error = refusal.errors[0]
    match = RULE_FILE.search(error.location.file)
    if not match:
        return NoAnswerError(f"error: {_what(error)}")
    suspect = match[1] if match[0].startswith("k8s/") else ""
    return NoAnswerError(f"error in {match[0]}:{error.location.row}: {_what(error)}", policy=suspect or "")


def _what(error: _Error) -> str:
    """Say what happened; the message itself quotes values, but begins with a built-in's name."""
    if error.code == "eval_builtin_error":
        name = re.match(r"[a-z0-9_.]+(?=: )", error.message)
        return f"the built-in function {name[0]} failed" if name else "a built-in function failed"
    if error.code == "eval_conflict_error":
        return "a rule or function has two values at once"
    return error.code
