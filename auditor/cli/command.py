"""Commands that take the values of their options as they are, where these need no conversion.

typer asks pydantic about every option, also about those that nobody gave. To import it, and to build a
validator for each option, takes a third of the time in which `auditor audit` starts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from typer.core import TyperCommand, TyperGroup, TyperOption


class PlainCommand(TyperCommand):
    """What is absent, a text, or exactly one of the choices is taken as it is."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return all parameters, --help included."""
        return _plain(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """The same for the options before a command."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return all parameters, --help included."""
        return _plain(super().get_params(ctx))


def _plain(params: list[Any]) -> list[Any]:
    for one in params:
        # no part of what typer promises: where another version lacks it, all is as typer has it
        usual = getattr(one, "get_runtime_param", None)
        if isinstance(one, TyperOption) and usual and "get_runtime_param" not in vars(one):
            setattr(one, "get_runtime_param", partial(_Value, usual))  # noqa: B010
    return params


class _Value:
    """What typer asks for the value of an option."""

    def __init__(self, usual: Callable[[], Any]) -> None:
        self._usual = usual
        """What converts it, or says what is wrong with it."""

    def coerce(self, value: Any, param: TyperOption, ctx: Any) -> Any:
        kind = param.type_descriptor
        if value is None:
            return () if param.multiple else None
        if kind.annotation is str and isinstance(value, str):
            return value
        if kind.annotation == list[str] and isinstance(value, list | tuple):
            return list(value)
        if isinstance(value, str) and not kind.is_list and value in (kind.choices or ()):
            return value
        return self._usual().coerce(value, param=param, ctx=ctx)
