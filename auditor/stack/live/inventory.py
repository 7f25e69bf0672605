"""What was applied, remembered in the cluster: a ConfigMap, the parent of an ApplySet.

It names every member before the first one is applied, and what is not wanted any more until it is gone: so
whatever ends an apply, nothing is forgotten. Copies of what was applied hold no Secret.
https://github.com/kubernetes/enhancements/tree/master/keps/sig-cli/3659-kubectl-apply-prune
"""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterable, Sequence

import msgspec

from auditor import __version__
from auditor.collect.fault import ApiError
from auditor.errors import IncompleteError
from auditor.stack.compose import identity
from auditor.stack.live.cluster import Cluster, failed
from auditor.stack.live.wanted import INVENTORY, Wanted, applyset, check, without_secrets
from auditor.stack.patches import Object

LARGEST = 900 * 1024
"""Bytes of both copies; a ConfigMap holds 1 MiB: https://kubernetes.io/docs/concepts/configuration/configmap/"""

_LARGEST_COPY = 64 * 1024 * 1024
_KEY = "inventory.json"


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """One object that was applied."""

    identity: str
    api_version: str
    uid: str = ""
    """Empty if an apply ended before it was known."""


class Inventory(msgspec.Struct, frozen=True):
    """What is remembered; empty where nothing was ever applied."""

    home: str
    state: str = "none"
    """`applying`, `applied`, `deleting`, `deleted`, or none."""
    members: tuple[Member, ...] = ()
    digest: str = ""
    """Of what was applied."""
    applied: bytes = b""
    """A copy of it, gzipped JSON; empty if it was too large."""
    previous: bytes = b""
    """A copy of what was applied before that."""

    @property
    def by_identity(self) -> dict[str, Member]:
        """Return the members by their identities."""
        return {one.identity: one for one in self.members}

    def begun(self, wanted: Wanted) -> Inventory:
        """Return it as it is before applying: with all that was and all that is to be."""
        own = self.by_identity
        new = [Member(identity(one), one["apiVersion"]) for one in wanted.objects if identity(one) not in own]
        return msgspec.structs.replace(self, state="applying", members=_sorted((*self.members, *new)))

    def finished(self, wanted: Wanted, members: Iterable[Member]) -> Inventory:
        """Return it as it is when all is applied."""
        applied, previous = packed(wanted.objects), self.previous
        if wanted.digest != self.digest:
            previous = self.applied
        if len(applied) + len(previous) > LARGEST:
            previous = b""
        if len(applied) > LARGEST:
            applied = b""
        return Inventory(self.home, "applied", _sorted(members), wanted.digest, applied, previous)


class _Kept(msgspec.Struct):
    state: str
    members: tuple[Member, ...]
    digest: str = ""


def load(cluster: Cluster, home: str) -> Inventory:
    """Return the inventory of a namespace; raises `IncompleteError` for one that cannot be read."""
    try:
        found = cluster.find(_shell(home))
    except ApiError as error:
        raise failed(f"ConfigMap {home}/{INVENTORY}, which knows what was applied", error) from None
    if found is None:
        return Inventory(home)
    try:
        kept = msgspec.json.decode((found.get("data") or {})[_KEY], type=_Kept)
        if any(one.identity.count("/") != 3 for one in kept.members):
            raise ValueError
        copies = found.get("binaryData") or {}
        applied, previous = (base64.b64decode(copies.get(key, "")) for key in ("applied", "previous"))
    except (KeyError, TypeError, ValueError, msgspec.MsgspecError):
        raise IncompleteError(
            f"ConfigMap {home}/{INVENTORY}: is no inventory of auditor",
            "somebody has changed it: delete it to begin anew; nothing is pruned then",
        ) from None
    return Inventory(home, kept.state, kept.members, kept.digest, applied, previous)


def save(cluster: Cluster, inventory: Inventory) -> None:
    """Write it; raises `IncompleteError` where it cannot be written."""
    try:
        cluster.apply(_object(inventory), force=True)
    except ApiError as error:
        raise failed(f"ConfigMap {inventory.home}/{INVENTORY} cannot be written", error) from None


def forget(cluster: Cluster, home: str) -> None:
    """Delete it; raises `ApiError`."""
    if found := cluster.find(_shell(home)):
        cluster.delete(_shell(home), found["metadata"]["uid"])


def packed(objects: Sequence[Object]) -> bytes:
    """Return a copy of objects to be kept, the same bytes for the same objects; Secrets are left out."""
    return gzip.compress(msgspec.json.encode(without_secrets(objects), order="sorted"), mtime=0)


def unpacked(copy: bytes) -> list[Object]:
    """Return the objects of a copy; raises `IncompleteError` for what is none, or too large."""
    try:
        stream = zlib.decompressobj(wbits=31)
        data = stream.decompress(copy, _LARGEST_COPY)
        if stream.unconsumed_tail:
            raise ValueError
        found = msgspec.json.decode(data, type=list[Object])
        check(found)
        return found
    except (zlib.error, ValueError, msgspec.MsgspecError):
        raise IncompleteError(
            f"ConfigMap {INVENTORY}: the copy of what was applied is broken", "run auditor stack apply"
        ) from None


def _sorted(members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(sorted(members, key=lambda one: one.identity))


def _shell(home: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": INVENTORY, "namespace": home}}


def _object(inventory: Inventory) -> Object:
    kept = _Kept(inventory.state, inventory.members, inventory.digest)
    copies = {"applied": inventory.applied, "previous": inventory.previous}
    kinds, namespaces = set(), set()
    for one in inventory.members:
        group, kind, namespace, _ = one.identity.split("/", 3)
        kinds.add(f"{kind}.{group}" if group else kind)
        namespaces.add(namespace)
    annotations = {
        "applyset.kubernetes.io/tooling": f"auditor/v{__version__}",
        "applyset.kubernetes.io/contains-group-kinds": ",".join(sorted(kinds)),
        "applyset.kubernetes.io/additional-namespaces": ",".join(sorted(namespaces - {"", inventory.home})),
    }
    labels = {
        "applyset.kubernetes.io/id": applyset(inventory.home),
        "app.kubernetes.io/name": INVENTORY,
        "app.kubernetes.io/part-of": "monitoring-stack",
        "app.kubernetes.io/managed-by": "auditor",
    }
    shell = _shell(inventory.home)
    return {
        **shell,
        "metadata": {**shell["metadata"], "labels": labels, "annotations": annotations},
        "data": {_KEY: msgspec.json.encode(kept).decode()},
        "binaryData": {key: base64.b64encode(copy).decode() for key, copy in copies.items() if copy},
    }
