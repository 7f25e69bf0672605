"""What became of each (policy, document) pair.

Precedence: error or missing need > fail > unknown > skip > pass. A pass is derived here and only
here: evaluated, and nothing emitted. Most pairs pass: they are counted, and only what is told is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from auditor.document.managers import set_by
from auditor.document.pointer import identity
from auditor.document.relations.table import INPUTS
from auditor.model import (
    PASS,
    Answer,
    Body,
    Content,
    Document,
    Failure,
    Obstacle,
    Result,
    SetBy,
    Status,
    Verdict,
    Violation,
)
from auditor.rules import Policy

_NOTHING = Content(b"{}")


class Results(msgspec.Struct, frozen=True, eq=False):
    """All results of one document, in which a policy has one at most."""

    document: Document
    """Whose they are, without what was judged."""
    passed: tuple[str, ...] = ()
    """Ids of the policies that it passes."""
    skipped: Mapping[str, tuple[str, ...]] = {}
    """Ids of the policies that do not apply to it, with their reasons."""
    told: tuple[Result, ...] = ()
    """What fails, and what was not evaluated."""

    @property
    def evaluated(self) -> int:
        """How many of them are verdicts."""
        unevaluated = sum(one.status is Status.NOT_EVALUATED for one in self.told)
        return len(self.passed) + len(self.skipped) + len(self.told) - unevaluated

    @property
    def statuses(self) -> dict[str, Status]:
        """What each policy says of the document, by its id."""
        return {
            **dict.fromkeys(self.passed, Status.PASS),
            **dict.fromkeys(self.skipped, Status.NOT_APPLICABLE),
            **{one.policy.id: one.status for one in self.told},
        }

    def only(self, policies: Container[str]) -> Results:
        """Return those of some policies."""
        return Results(
            self.document,
            tuple(name for name in self.passed if name in policies),
            {name: reasons for name, reasons in self.skipped.items() if name in policies},
            tuple(one for one in self.told if one.policy.id in policies),
        )


def missing_need(policy: Policy, document: Document) -> str:
    """Say why the policy cannot judge the document at all, "" if it can."""
    for name in policy.needs:
        part = name if name in INPUTS else f"related.{name}"
        if name in document.missing:
            return f"needs {name}: {document.missing[name]}"
        if part in policy.reads and part not in document.parts and not document.refused:
            return f"needs {name}: there is none among what was read"
    return document.refused


def results(answer: Answer, policies: Mapping[str, Policy], unable: Iterable[Result] = ()) -> Results:
    """Turn one answer into results, one for each policy that was asked; `unable` are those of others.

    Their document is without its parts and content: what is kept of 10,000 documents is small.
    """
    seen = answer.document
    places, document = Places(seen), judged(seen)
    passed, skipped, told = [], {}, list(unable)
    for name, verdict in answer.verdicts.items():
        policy = policies[name]
        lacking = missing_need(policy, seen) if policy.needs or seen.refused else ""
        if verdict is PASS and not (seen.missing or lacking):
            passed.append(name)
            continue
        result = _result(policy, document, verdict, places, lacking)
        if result.status is Status.PASS:
            passed.append(name)
        elif result.status is Status.NOT_APPLICABLE:
            skipped[name] = result.reasons
        else:
            told.append(result)
    return Results(document, tuple(passed), skipped, tuple(told))


def judged(document: Document) -> Document:
    """The document as a result holds it: whose verdict it is, not what was judged."""
    return msgspec.structs.replace(document, parts={}, content=_NOTHING)


class Places:
    """Where violations of one document are, whatever the kind of the object and the order of its lists."""

    def __init__(self, document: Document) -> None:
        """The object is decoded when it is first asked for: most verdicts are passes."""
        self._document = document
        self._known: dict[str, str] = {}
        self._set_by: dict[str, SetBy | None] = {}

    def __getitem__(self, path: str) -> str:
        """Return the path relative to the pod spec or object, with identities for list positions."""
        if path not in self._known:
            self._known[path] = identity(self._body, path, self._document.pod_path)
        return self._known[path]

    def exact(self, path: str) -> str:
        """Return the same, telling twins of a list apart by what they hold."""
        return identity(self._body, path, self._document.pod_path, exact=True)

    def set_by(self, violations: Sequence[Violation]) -> tuple[SetBy | None, ...]:
        """Return who set what each violation is about; nothing where managedFields are not known."""
        kept = self._document.content.managers
        if not kept:
            return ()
        for one in violations:
            if one.path not in self._set_by:
                self._set_by[one.path] = set_by(kept, self._body, one.path)
        return tuple(self._set_by[one.path] for one in violations)

    @cached_property
    def _body(self) -> Body:
        return self._document.content.body


def keys(violations: Sequence[Violation], places: Places) -> tuple[str, ...]:
    """Identities of the violations of one policy within one object, in their order.

    Each is the policy's own key, or the path with names for list positions. Where two entries of a
    list go by the same name (a capability added twice, two ports of one number), what they hold
    tells them apart. What is still the same is the same place twice.
    """
    if not violations:
        return ()
    found = [places[one.path] if one.key is None else one.key for one in violations]
    times = Counter(found)
    return tuple(
        places.exact(one.path) if one.key is None and times[name] > 1 else name
        for one, name in zip(violations, found, strict=True)
    )


def _result(
    policy: Policy, document: Document, verdict: Verdict | Failure, places: Places, missing: str
) -> Result:
    if isinstance(verdict, Failure) or missing:
        reason = missing or (verdict.reason if isinstance(verdict, Failure) else "")
        return _unable(policy, document, reason, Obstacle.UNREADABLE if missing else Obstacle.POLICY_ERROR)
    named = keys(verdict.fail, places)
    if reason := _policy_error(policy, verdict, named):
        return _unable(policy, document, reason, Obstacle.POLICY_ERROR)
    wanted = _missing(policy.wants, policy, document)
    without = tuple(f"judged without {name}: {reason}" for name, reason in wanted.items())
    if verdict.fail:
        where = tuple(places[one.path] for one in verdict.fail)
        found = _marked(verdict.fail, _missing(policy.excuses, policy, document))
        doubts, who = (*verdict.unknown, *without), places.set_by(verdict.fail)
        return Result(policy, document, Status.FAIL, found, where, named, doubts, who)
    if verdict.unknown or without:
        # what it would have said of all that it wanted to see is unknown: that is no pass
        obstacle = Obstacle.UNKNOWN if verdict.unknown else Obstacle.UNREADABLE
        reasons = (*verdict.unknown, *without)
        return Result(policy, document, Status.NOT_EVALUATED, reasons=reasons, obstacle=obstacle)
    if verdict.skip:
        return Result(policy, document, Status.NOT_APPLICABLE, reasons=verdict.skip)
    return Result(policy, document, Status.PASS)


def _unable(policy: Policy, document: Document, reason: str, obstacle: Obstacle) -> Result:
    return Result(policy, document, Status.NOT_EVALUATED, reasons=(reason,), obstacle=obstacle)


def _missing(relations: Iterable[str], policy: Policy, document: Document) -> dict[str, str]:
    """Which of these relations the policy looks at and was not given, each with the reason."""
    return {
        name: document.missing[name]
        for name in relations
        if name in document.missing and f"related.{name}" in policy.reads
    }


def _marked(violations: tuple[Violation, ...], without: Mapping[str, str]) -> tuple[Violation, ...]:
    """The violations, with what could have excused them in their evidence, where it could not be read.

    That is no doubt about the rest of the object: without it more is found, and never less.
    """
    if not without:
        return violations
    return tuple(
        msgspec.structs.replace(one, evidence={**one.evidence, "judged_without": dict(without)})
        for one in violations
    )


def _policy_error(policy: Policy, verdict: Verdict, named: Sequence[str]) -> str:
    """Say which rule of the contract the policy broke, "" if none."""
    if verdict.skip and (verdict.fail or verdict.unknown):
        return "policy error: it both skipped the document and judged it"
    for violation in verdict.fail:
        if violation.severity and violation.severity not in policy.severities:
            return f"policy error: severity {violation.severity} is not among those it declares"
    if len(set(named)) < len(verdict.fail):
        return "policy error: two findings have the same identity; one of them needs a `key`"
    return ""
