"""What all tests share: their order, and a hypothesis that no busy machine hurries."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "shared-machine", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared-machine")

# Nobody's history is that of tests; those of the command line have homes of their own.
os.environ["AUDITOR_STORE"] = "none"

# A runner in the background (nohup, a shell's &) has them ignored, and so would all that tests start.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


SERVERS = ("tests/stack/", "tests/live/", "tests/availability/", "tests/killed/", "tests/access/")
"""Where tests wait for real servers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits: at the end nobody would have anything else to do meanwhile."""
    items.sort(key=lambda item: not item.nodeid.startswith(SERVERS))
