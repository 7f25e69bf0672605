"""What OPA is asked: documents and policies as the bytes of one request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator
from functools import cache
from itertools import chain

import msgspec

from auditor.document.home import home
from auditor.evaluate.limits import Limits
from auditor.evaluate.share import NOTHING, RELATED, UNFILED, Share, whole
from auditor.judge.namespaces import nearest
from auditor.model import Document, Failure, Question, Verdict


class Asked(msgspec.Struct, eq=False):
    """A question on its way to an answer, or the part of it that is asked together."""

    question: Question
    json: bytes
    """The document as OPA gets it; empty if OPA must not see it."""
    verdicts: dict[str, Verdict | Failure]
    """By policy, of the whole question; complete when it is answered."""
    share: Share
    pattern: str = ""
    """The pattern of its namespace, where that has parameters of its own."""
    last: bool = True
    """No further part of the question follows."""

    @property
    def identity(self) -> Hashable:
        """All that the verdicts depend on, but for who judges."""
        wanted, empty = self.share.parts, self.share.empty
        parts = self.question.document.parts.items()
        return self.pattern, tuple(
            (name, (NOTHING if name in empty else part).digest)
            for name, part in parts
            if wanted is None or name in wanted
        )


Batch = list[tuple[Asked, tuple[str, ...]]]
"""What one request asks: documents, each with the policies that shall judge it now."""


def document_json(
    document: Document, parts: Container[str] | None = None, empty: Container[str] = ()
) -> bytes:
    """Return the document as JSON (`input` of a policy), put together from its encoded parts, or of some.

    Of those in `empty` it has `{}`.
    """
    top: list[bytes] = []
    related: list[bytes] = []
    for name, part in document.parts.items():
        if parts is not None and name not in parts:
            continue
        relation = name.removeprefix(RELATED)
        shown = NOTHING if name in empty else part
        (top if relation == name else related).append(b"%b:%b" % (msgspec.json.encode(relation), shown.json))
    if related:
        top.append(b'"related":{%b}' % b",".join(related))
    return b"{%b}" % b",".join(top)


def batches(
    questions: Iterable[Question],
    limits: Limits,
    patterns: Collection[str] = (),
    divided: Callable[[tuple[str, ...], frozenset[str]], tuple[Share, ...]] = whole,
) -> Iterator[list[Asked]]:
    """Yield the questions in order, as many at a time as fit into one request.

    A document that no engine may judge is answered already. `patterns` are those of the bundle; `divided`
    says which policies are asked together.
    """

    @cache
    def pattern(namespace: str) -> str:
        return nearest(patterns, namespace) if namespace else ""

    batch: list[Asked] = []
    size = 0
    for asked in chain.from_iterable(
        _parts(one, divided, pattern if patterns else None) for one in questions
    ):
        if batch and (len(batch) == limits.documents or size + len(asked.json) > limits.request_bytes):
            yield batch
            batch, size = [], 0
        batch.append(asked)
        size += len(asked.json)
    if batch:
        yield batch


def _parts(
    question: Question,
    divided: Callable[[tuple[str, ...], frozenset[str]], tuple[Share, ...]],
    pattern: Callable[[str], str] | None,
) -> Iterator[Asked]:
    """A question as it is asked: all parts of it have their verdicts in common."""
    document = question.document
    named = pattern(home(document.ref)) if pattern else ""
    verdicts: dict[str, Verdict | Failure] = {}
    if document.refused:
        verdicts.update(dict.fromkeys(question.policies, Failure(document.refused)))
        yield Asked(question, b"", verdicts, Share(question.policies), named)
        return
    shares = divided(question.policies, _filed(document))
    for share in shares:
        yield Asked(
            question,
            document_json(document, share.parts, share.empty),
            verdicts,
            share,
            named,
            share is shares[-1],
        )


def _filed(document: Document) -> frozenset[str]:
    """The names under which its relations hold something, where they file by name."""
    found = [part.filed for part in document.parts.values() if part.filed is not None]
    return UNFILED.union(*found) if found else UNFILED


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
