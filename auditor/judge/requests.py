"""What an object asks for in its annotation `auditor.dev/request-waiver`: it waives nothing.

Who may change an object must not decide what is accepted of it. So a request is shown beside the
findings that it names, for whoever writes waivers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from auditor.document.assemble import REQUEST
from auditor.model import Document
from auditor.rules import Policy

_FORM = re.compile(r"\s*(\w+(?:\s*,\s*\w+)*)\s*:\s*\S", re.ASCII)
"""`POLICY[, POLICY]: reason`."""


def requested(text: str, policy: Policy) -> str:
    """Return the text if it asks for a waiver of this policy, by any id it ever had; else ""."""
    found = _FORM.match(text)
    names = re.split(r"\s*,\s*", found[1]) if found else []
    return text if any(name in names for name in (policy.id, *policy.retired_ids)) else ""


def malformed(documents: Iterable[Document]) -> Iterator[tuple[Document, str]]:
    """Yield what to remark on each object whose request cannot be understood, once."""
    told = set()
    for document in documents:
        text, ref = document.waiver_request, document.ref
        if text and not _FORM.match(text) and ref not in told:
            told.add(ref)
            yield document, f"its annotation {REQUEST} asks for nothing: it is no `POLICY[, POLICY]: reason`"
