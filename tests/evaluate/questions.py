"""Documents and questions for an engine."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from auditor.model import Content, Document, Part, Question, ResourceRef, Verdict, Violation


def document(name: str, refused: str = "", **parts: Any) -> Document:
    """A document with a name and these further parts; `related__x` is the part `related.x`."""
    encoded = {
        part.replace("__", "."): Part(hashlib.sha256(raw).hexdigest(), raw)
        for part, raw in (
            (key, msgspec.json.encode(value, order="sorted"))
            for key, value in {"meta": {"name": name}, **parts}.items()
        )
    }
    return Document(ResourceRef("v1", "Pod", name), encoded, Content(b"{}"), refused=refused)


def ask(policies: list[str], documents: list[Document]) -> list[Question]:
    """Every document with all these policies."""
    return [Question(one, tuple(policies)) for one in documents]


HARMLESS = """
fail contains {"path": "/metadata/name", "message": "named", "evidence": {"name": input.meta.name}}
"""
"""A policy that must get its verdict whatever its neighbours do."""


def named(name: str) -> Verdict:
    """The verdict of `HARMLESS` on a document."""
    return Verdict(fail=(Violation("/metadata/name", "named", {"name": name}),))
