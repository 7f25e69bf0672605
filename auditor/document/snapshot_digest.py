"""The digest of all that was read: two audits with the same one looked at the same things."""

from __future__ import annotations

import hashlib

import msgspec

from auditor.document.pointer import canonical
from auditor.model import Content, Snapshot


def snapshot_digest(snapshot: Snapshot) -> str:
    """Return a sha256 over resources, gaps and observations as they were kept, `sha256:` and hexadecimal.

    It is the same for a live run and for a replay of its snapshot. Who read, where and when is not in it.
    """
    whole = hashlib.sha256()
    known: dict[int, bytes] = {}  # by content: most pods share one
    for one in snapshot.resources:
        key = id(one.content)
        if key not in known:
            known[key] = hashlib.sha256(_bytes(one.content)).digest()
        owner = one.owner.uid if one.owner else ""
        place = [one.origin.path, one.origin.document] if one.origin else []
        ref = one.ref
        row = [ref.api_version, ref.kind, ref.namespace, ref.name, one.uid, owner, one.finished, place]
        whole.update(canonical.encode(row) + known[key])
    for gap in snapshot.gaps:
        whole.update(canonical.encode([gap.kind, gap.namespace, gap.reason]))
    for seen in snapshot.observations:
        whole.update(canonical.encode([seen.program, seen.namespace, seen.name, seen.told, seen.failure]))
    return f"sha256:{whole.hexdigest()}"


def _bytes(content: Content) -> bytes:
    kept = content.json + content.refused.encode()
    return kept + msgspec.json.encode(content.managers) if content.managers else kept
