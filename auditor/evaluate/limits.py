"""How much one run of OPA may take before it is somebody's fault."""

from __future__ import annotations

import msgspec

MIB = 1024 * 1024
"""Bytes."""


class Limits(msgspec.Struct, frozen=True):
    """The bounds of an engine; the defaults suit 2 cores and 10,000 pods."""

    documents: int = 10
    """Documents in one request: judged by 88 policies, 20 cost OPA 20 MB more."""
    request_bytes: int = 4 * MIB
    """Documents in one request, together; a larger one travels alone."""
    answer_bytes: int = 64 * MIB
    """The largest answer that is read: what policies emit must not fill our own memory."""
    seconds: float = 10.0
    """How long one request may take; an ordinary one needs hundredths."""
    memory_bytes: int = 512 * MIB
    """Resident memory of OPA. GOMEMLIMIT would only make its garbage collector work harder."""
    start_seconds: float = 30.0
    """How long OPA may take to load the bundle; it needs tenths, a cold disk more."""
