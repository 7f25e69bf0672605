"""One command of the stack at work on one cluster: whom it talks to, and what it wants there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.cli import wishes
from auditor.cli.made import make
from auditor.cli.message import Messages
from auditor.cli.progress import progress
from auditor.errors import IncompleteError, UsageError
from auditor.stack import overlay

if TYPE_CHECKING:
    from auditor.stack.live.cluster import Cluster
    from auditor.stack.live.inventory import Inventory
    from auditor.stack.live.plan import Plan, Planner
    from auditor.stack.live.wanted import Wanted
    from auditor.stack.patches import Object

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""What a namespace may be called: RFC 1123."""


class Session:
    """One command at work on one cluster."""

    def __init__(
        self, context: str | None, kubeconfig: str | None, home: str, take_over: Iterable[str] = ()
    ) -> None:
        """Choose the cluster, which is asked nothing yet; raises `UsageError` for what is no namespace."""
        # what talks to a cluster takes a while to import: only who needs it pays
        from auditor.collect.connect import connect
        from auditor.collect.patience import Patience
        from auditor.collect.write import WritingApi
        from auditor.stack.live.cluster import Cluster
        from auditor.stack.live.plan import Planner

        connection = connect(kubeconfig, context, os.environ)
        if not _LABEL.fullmatch(home):
            raise UsageError(f"--home {home}: no namespace can be called so")
        self.messages = Messages()
        self.home = home
        self.server = connection.server
        self.cluster: Cluster = Cluster(WritingApi(connection, Patience(rate=50)))
        self.planner: Planner = Planner(self.cluster, connection.server, set(map(_identity, take_over)))
        self.messages.note(f"context {connection.context}, {connection.server}")

    def inventory(self) -> Inventory:
        """Return what was applied."""
        from auditor.stack.live.inventory import load

        return load(self.cluster, self.home)

    def plan(self, wanted: Wanted, inventory: Inventory, **more: Any) -> Plan:
        """Plan, with a spinner."""
        with progress("asking the cluster what would change", wanted=True):
            return self.planner.plan(wanted, inventory, **more)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Turn what the server refuses where nobody expects it into one clear error."""
        from auditor.collect.fault import ApiError
        from auditor.stack.live.cluster import failed

        try:
            yield
        except ApiError as error:
            raise failed(self.server, error) from None


def objects_of(values: wishes.Values, folder: Path | None, *, strict: bool) -> list[Object]:
    """Return the stack that the options mean, or that an overlay makes; raises `UsageError` for both."""
    if folder is None:
        return make(values, strict=strict).rendered.objects
    if values != wishes.Values():
        raise UsageError(f"-k {folder}: an overlay says all by itself", "leave the other options out")
    from auditor.stack.live.wanted import read

    program, printed = overlay.build(folder, os.environ)
    Messages().note(f"rendered by {program}")
    return read(printed, f"-k {folder}")


def wanted_of(home: str, objects: Sequence[Object]) -> Wanted:
    """Return objects as they are applied from a namespace."""
    from auditor.stack.live.wanted import wanted

    return wanted(home, objects)


def copied(copy: bytes, otherwise: str) -> list[Object]:
    """Return the objects of a copy; where there is none, raises `IncompleteError` that says `otherwise`."""
    from auditor.stack.live.inventory import unpacked

    if not copy:
        raise IncompleteError(otherwise, "auditor stack apply applies one; --home names another namespace")
    return unpacked(copy)


def _identity(one: str) -> str:
    """Return what --take-over names as plans name it; without the group, which no two kinds of ours share."""
    if one != "all" and one.count("/") != 2:
        raise UsageError(f"--take-over {one}: must be KIND/NAMESPACE/NAME or all", "cluster-wide: KIND//NAME")
    return one


def preflight(session: Session, wanted: Wanted, plan: Plan) -> tuple[list[str], list[str]]:
    """Return what would make the server refuse a plan, and what is only to be known before."""
    if plan.empty:
        return [], []
    from auditor.stack.live.preflight import refusals, warnings

    return list(refusals(session.cluster, plan)), list(warnings(session.cluster, wanted))
