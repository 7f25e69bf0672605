"""How much of an audit a terminal is shown; imported before anybody knows whether there is one."""

from __future__ import annotations

from typing import Literal

import msgspec

By = Literal["namespace", "policy", "resource", "owner"]
"""What findings may be grouped by."""


class Shape(msgspec.Struct, frozen=True):
    """How much of an audit a terminal is shown."""

    by: By | None = None
    """All findings, in groups; None for the worst only."""
    verbose: bool = False
    """All findings, each with its evidence, controls and fingerprint."""
    quiet: bool = False
    """The last lines alone."""

    @property
    def everything(self) -> bool:
        """Whether all findings are shown."""
        return self.verbose or self.by is not None


DEFAULT = Shape()
"""What nobody asked otherwise for."""
