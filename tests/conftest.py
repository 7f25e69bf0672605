"""What all tests share: hypothesis prints what it found, and is not hurried by a busy machine."""

from __future__ import annotations

import os
import signal

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
