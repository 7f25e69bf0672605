"""Audits Kubernetes against policies written in Rego, and says what it could not look at."""

from __future__ import annotations

__version__ = "0.1.0"
