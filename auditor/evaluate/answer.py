"""What OPA answers: verdicts, malformed findings, or an error that names a policy's file.

Nothing that OPA says is shown as it is: its messages quote values of the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from auditor.evaluate.request import Batch
from auditor.model import Failure, Verdict, Violation
from auditor.rules import Severity

Verdicts = dict[str, Verdict | Failure]
"""By policy."""

PASS = Verdict()
"""Nothing emitted; one for all, since most verdicts are this one."""

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


class _Answer(msgspec.Struct):
    result: list[dict[str, _Verdict]]


class _RawAnswer(msgspec.Struct):
    result: list[dict[str, msgspec.Raw]]


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
    decoded: Sequence[Mapping[str, _Verdict | Failure]]
    try:
        decoded = _answer.decode(body).result
    except (msgspec.MsgspecError, RecursionError):
        decoded = _one_by_one(body)
    if len(decoded) != len(batch):
        raise NoAnswerError("OPA's answer lacks a document")
    return [
        {policy: _judged(policy, verdicts.get(policy)) for policy in policies}
        for (_, policies), verdicts in zip(batch, decoded, strict=True)
    ]


def _one_by_one(body: bytes) -> Sequence[Mapping[str, _Verdict | Failure]]:
    try:
        return [
            {policy: _decoded(policy, raw) for policy, raw in verdicts.items()}
            for verdicts in _raw_answer.decode(body).result
        ]
    except (msgspec.MsgspecError, RecursionError) as error:
        raise NoAnswerError("OPA's answer could not be read: it is no JSON, or nested too deeply") from error


def _decoded(policy: str, raw: msgspec.Raw) -> _Verdict | Failure:
    try:
        return _verdict.decode(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        what = DATA.sub(r"\1", str(error))
        return Failure(f"policy {policy} emitted a malformed finding: {what}")


def _judged(policy: str, verdict: _Verdict | Failure | None) -> Verdict | Failure:
    if verdict is None:
        return Failure(f"policy {policy} is not in the bundle")
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
