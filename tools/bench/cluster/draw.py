"""Chance that is the same every time: whatever is drawn depends on its name alone."""

from __future__ import annotations

import hashlib
import random

SEED = "auditor"

_SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""What Kubernetes makes its own name suffixes of: k8s.io/apimachinery/pkg/util/rand."""


def draw(*name: object) -> random.Random:
    """Return the random numbers of one thing; a growing cluster changes nothing that it has."""
    return random.Random("/".join(map(str, (SEED, *name))))


def suffix(length: int, *name: object) -> str:
    """Return a suffix as controllers give it to the names of what they create."""
    return "".join(_SAFE[byte % len(_SAFE)] for byte in _digest(*name)[:length])


def hexadecimal(length: int, *name: object) -> str:
    """Return a digest, at most 64 digits."""
    return _digest(*name).hex()[:length]


def _digest(*name: object) -> bytes:
    return hashlib.sha256("/".join(map(str, (SEED, *name))).encode()).digest()
