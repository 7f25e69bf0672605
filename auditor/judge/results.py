"""What became of each (policy, document) pair.

Precedence: error or missing need > fail > unknown > skip > pass. A pass is derived here and only
here: evaluated, and nothing emitted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from auditor.document.pointer import identity, split
from auditor.model import Answer, Document, Failure, Policy, Result, Status, Verdict, Violation


def missing_need(policy: Policy, document: Document) -> str:
    """Say why the policy cannot judge the document at all, "" if it can."""
    for name in policy.needs:
        part = f"related.{name}"
        if name in document.missing:
            return f"needs {name}: {document.missing[name]}"
        if part in policy.reads and part not in document.parts and not document.refused:
            return f"needs {name}: there is none among what was read"
    return document.refused


def hollow(document: Document) -> str:
    """Say that a workload has no containers, "" if it has some, or is none.

    No cluster takes such an object, so nothing is known of what will run: it is a patch for others
    to complete, or its list is misspelled. A policy would find nothing wrong.
    """
    if not document.pod_path or document.refused:
        return ""
    spec = document.body
    for key in split(document.pod_path):
        spec = spec[key]
    where = document.pod_path[1:].replace("/", ".")
    return "" if spec.get("containers") else f"{where}.containers is missing or empty"


def results(answer: Answer, policies: Mapping[str, Policy]) -> list[Result]:
    """Turn one answer into results, one for each policy that was asked."""
    return [_result(policies[name], answer.document, verdict) for name, verdict in answer.verdicts.items()]


def keys(violations: Sequence[Violation], document: Document) -> list[str]:
    """Identities of the violations of one policy within one object, in their order.

    Each is the policy's own key, or the path with names for list positions. Where two entries of a
    list go by the same name (a capability added twice, two ports of one number), what they hold
    tells them apart. What is still the same is the same place twice.
    """
    found = [place(one, document) if one.key is None else one.key for one in violations]
    times = Counter(found)
    return [
        identity(document.body, one.path, document.pod_path, exact=True)
        if one.key is None and times[name] > 1
        else name
        for one, name in zip(violations, found, strict=True)
    ]


def place(violation: Violation, document: Document) -> str:
    """Where the violation is, whatever the kind of the object and the order of its lists."""
    return identity(document.body, violation.path, document.pod_path)


def _result(policy: Policy, document: Document, verdict: Verdict | Failure) -> Result:
    reason = missing_need(policy, document)
    if not reason:
        reason = verdict.reason if isinstance(verdict, Failure) else _policy_error(policy, document, verdict)
    if reason or isinstance(verdict, Failure):
        return Result(policy, document, Status.NOT_EVALUATED, reasons=(reason,))
    without = tuple(
        f"judged without {name}: {document.missing[name]}"
        for name in policy.wants
        if name in document.missing
    )
    if verdict.fail:
        return Result(policy, document, Status.FAIL, verdict.fail, (*verdict.unknown, *without))
    if verdict.unknown:
        return Result(policy, document, Status.NOT_EVALUATED, reasons=verdict.unknown)
    if verdict.skip:
        return Result(policy, document, Status.NOT_APPLICABLE, reasons=verdict.skip)
    return Result(policy, document, Status.PASS, reasons=without)


def _policy_error(policy: Policy, document: Document, verdict: Verdict) -> str:
    """Say which rule of the contract the policy broke, "" if none."""
    if verdict.skip and (verdict.fail or verdict.unknown):
        return "policy error: it both skipped the document and judged it"
    for violation in verdict.fail:
        if violation.severity and violation.severity not in policy.severities:
            return f"policy error: severity {violation.severity} is not among those it declares"
    if len(set(keys(verdict.fail, document))) < len(verdict.fail):
        return "policy error: two findings have the same identity; one of them needs a `key`"
    return ""
