"""The types of the fields of a LabelSelector."""

from __future__ import annotations

import msgspec


class _Requirement(msgspec.Struct):
    key: str | None = None
    operator: str | None = None
    values: list[str | None] | None = None


class Selector(msgspec.Struct):
    """A LabelSelector."""

    matchLabels: dict[str, str | None] | None = None
    matchExpressions: list[_Requirement] | None = None
