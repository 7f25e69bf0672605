"""Stable addresses within the HTML page: the same thing has the same one in every report."""

from __future__ import annotations

import hashlib
import re

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def anchor(sort: str, *names: str) -> str:
    """Return the id of an element: `policy-host_network`, `control-cis_2_0_1-5.1.1`.

    What cannot stand in an address as it is stands in it by its digest: text of a record becomes no
    address of anything else, and two things have never the same one.
    """
    if all(_PLAIN.fullmatch(name) for name in names):
        return "-".join((sort, *names))
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{sort}-{digest[:16]}"
