"""How far the clock of the API server is from ours: ages, expiries and first sights depend on both.

The header Date of an answer (RFC 9110, 6.6.1) has whole seconds, and an answer takes its time: what a
slow network explains is no skew.
"""

from __future__ import annotations

import math
from datetime import UTC
from email.utils import parsedate_to_datetime


def skew(date: str, before: float, after: float) -> int | None:
    """Return by how many seconds a server is ahead of us, negative if it is behind.

    `date` is what it wrote between `before` and `after`, seconds since 1970 by our clock. 0 as long as it may
    be right; None where it is no date.
    """
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    told = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    # the second that it names began up to one second before it wrote
    if told + 1 < before:
        return -math.ceil(before - told - 1)
    return math.ceil(told - after) if told > after else 0
