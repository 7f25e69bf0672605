"""Only one apply at a time: a Lease beside the inventory.

Whether a holder is dead is told by our own clock: its Lease must not have changed for as long as it lasts.
https://kubernetes.io/docs/concepts/architecture/leases/
"""

from __future__ import annotations

import getpass
import os
import socket
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from auditor.collect.fault import ApiError
from auditor.errors import IncompleteError
from auditor.stack.live.cluster import Cluster, failed
from auditor.stack.live.wanted import INVENTORY
from auditor.stack.patches import Object

SECONDS = 30
"""How long a Lease lasts that nobody renews."""

LONGEST = 120
"""Seconds that a Lease is waited for, whatever it says."""


class Lease:
    """Held while the block runs; `keep` before each write."""

    def __init__(
        self,
        cluster: Cluster,
        home: str,
        tell: Callable[[str], None] = lambda _: None,
        seconds: int = SECONDS,
    ) -> None:
        """`tell` is told when another holder is waited for; `seconds` is how long the Lease lasts."""
        self._cluster = cluster
        self._home = home
        self._tell = tell
        self._seconds = seconds
        self._holder = f"{_user()}@{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._renewed = 0.0

    def __enter__(self) -> Self:
        """Take it; raises `IncompleteError` if another holder is alive."""
        seen, since = None, time.monotonic()
        while True:
            found = self._find()
            if found is None or not (holder := _spec(found).get("holderIdentity")):
                if self._take(found):
                    return self
                continue
            state = (holder, _spec(found).get("renewTime"))
            if state != seen:
                if seen is not None:
                    raise IncompleteError(
                        f"{holder} applies to this stack right now (Lease {self._home}/{INVENTORY})",
                        "wait until that is done, and look at its outcome first",
                    )
                seen, since = state, time.monotonic()
                self._tell(f"{holder} holds the Lease; if it has died, that ends in {_lasts(found)} s")
            elif time.monotonic() - since > _lasts(found):
                if self._take(found):
                    return self
                continue
            time.sleep(0.5)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back, if it still is ours; whatever happens to it then, it ends by itself."""
        try:
            found = self._find()
            if found and _spec(found).get("holderIdentity") == self._holder:
                found["spec"]["holderIdentity"] = ""
                self._cluster.replace(found)
        except (ApiError, IncompleteError):
            return

    def keep(self) -> None:
        """Renew it if it is time; raises `IncompleteError` if it is not ours any more."""
        if time.monotonic() - self._renewed < self._seconds / 3:
            return
        found = self._find()
        if found is None or _spec(found).get("holderIdentity") != self._holder or not self._take(found):
            raise IncompleteError(
                f"the Lease {self._home}/{INVENTORY} was lost to somebody else", "run the command again"
            )

    def _find(self) -> Object | None:
        try:
            return self._cluster.find(_shell(self._home))
        except ApiError as error:
            raise failed(f"Lease {self._home}/{INVENTORY} cannot be read", error) from None

    def _take(self, found: Object | None) -> bool:
        """Write our name on it; tell whether nobody was faster."""
        one = found or _shell(self._home)
        one["spec"] = {
            **_spec(one),
            "holderIdentity": self._holder,
            "leaseDurationSeconds": self._seconds,
            "renewTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        before = time.monotonic()
        try:
            self._cluster.replace(one) if found else self._cluster.create(one)
        except ApiError as error:
            if error.status in (404, 409):  # the answer to a first try may have been lost: look who has it
                now = self._find()
                if now is None or _spec(now).get("holderIdentity") != self._holder:
                    return False
            else:
                raise failed(f"Lease {self._home}/{INVENTORY} cannot be written", error) from None
        self._renewed = before
        return True


def forget(cluster: Cluster, home: str) -> None:
    """Delete it; raises `ApiError`."""
    if found := cluster.find(_shell(home)):
        cluster.delete(_shell(home), found["metadata"]["uid"])


def _spec(found: Object) -> dict[str, Any]:
    return found.get("spec") or {}


def _lasts(found: Object) -> int:
    said = _spec(found).get("leaseDurationSeconds")
    return min(said, LONGEST) if isinstance(said, int) and said > 0 else SECONDS


def _shell(home: str) -> Object:
    metadata = {"name": INVENTORY, "namespace": home}
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container whose user has no name
        return str(os.getuid())
