"""What OPA is asked: documents and policies as the bytes of one request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache

import msgspec

from auditor.document.home import home
from auditor.evaluate.limits import Limits
from auditor.judge.namespaces import nearest
from auditor.model import Document, Failure, Question, Verdict

RELATED = "related."
"""A part of this name goes under `input.related`."""


class Asked(msgspec.Struct, eq=False):
    """A question on its way to an answer."""

    question: Question
    json: bytes
    """The document as OPA gets it; empty if OPA must not see it."""
    verdicts: dict[str, Verdict | Failure]
    """By policy; complete when the question is answered."""
    pattern: str = ""
    """The pattern of its namespace, where that has parameters of its own."""


Batch = list[tuple[Asked, tuple[str, ...]]]
"""What one request asks: documents, each with the policies that shall judge it now."""


def document_json(document: Document) -> bytes:
    """Return the document as JSON (`input` of a policy), put together from its encoded parts."""
    top: list[bytes] = []
    related: list[bytes] = []
    for name, part in document.parts.items():
        relation = name.removeprefix(RELATED)
        (top if relation == name else related).append(b"%b:%b" % (msgspec.json.encode(relation), part.json))
    if related:
        top.append(b'"related":{%b}' % b",".join(related))
    return b"{%b}" % b",".join(top)


def batches(
    questions: Iterable[Question], limits: Limits, patterns: Collection[str] = ()
) -> Iterator[list[Asked]]:
    """Yield the questions in order, as many at a time as fit into one request.

    A document that no engine may judge is answered already. `patterns` are those of the bundle.
    """

    @cache
    def pattern(namespace: str) -> str:
        return nearest(patterns, namespace) if namespace else ""

    batch: list[Asked] = []
    size = 0
    for question in questions:
        refused = question.document.refused
        asked = Asked(
            question,
            json=b"" if refused else document_json(question.document),
            verdicts=dict.fromkeys(question.policies, Failure(refused)) if refused else {},
            pattern=pattern(home(question.document.ref)) if patterns else "",
        )
        if batch and (len(batch) == limits.documents or size + len(asked.json) > limits.request_bytes):
            yield batch
            batch, size = [], 0
        batch.append(asked)
        size += len(asked.json)
    if batch:
        yield batch


def policy_lists(batch: Batch) -> dict[tuple[str, ...], int]:
    """Return the lists of policies that a batch asks for, with their places in the request.

    Documents of one kind have the same: it is sent, looked up and named in the answer once.
    """
    return {
        policies: place for place, policies in enumerate(dict.fromkeys(policies for _, policies in batch))
    }


def request_json(batch: Batch) -> bytes:
    """Return the body of the request: the input of the router, policies/main/main.rego."""
    lists = policy_lists(batch)
    questions = b",".join(_question(asked, lists[policies]) for asked, policies in batch)
    return b'{"input":{"policies":%b,"questions":[%b]}}' % (msgspec.json.encode(list(lists)), questions)


def _question(asked: Asked, place: int) -> bytes:
    pattern = b',"pattern":%b' % msgspec.json.encode(asked.pattern) if asked.pattern else b""
    return b'{"policies":%d,"document":%b%b}' % (place, asked.json, pattern)
