"""The `Runtime` port over HTTP: every configured address is asked, all at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from auditor.collect.runtime import alertmanager, prometheus
from auditor.collect.runtime.client import Client, UnansweredError
from auditor.collect.runtime.endpoint import Endpoint, Program
from auditor.model import Observation

THREADS = 8

_ASK: Mapping[Program, Callable[[Client], dict[str, Any]]] = {
    "prometheus": prometheus.ask,
    "alertmanager": alertmanager.ask,
}


class HttpRuntime:
    """The running programs at these addresses."""

    def __init__(
        self, endpoints: Mapping[Program, Sequence[Endpoint]], clock: Callable[[], datetime]
    ) -> None:
        """`clock` returns the present time with its zone; nothing is asked yet."""
        self._endpoints = [(program, one) for program, listed in endpoints.items() for one in listed]
        self._clock = clock

    def observe(self) -> tuple[Observation, ...]:
        """Ask each of them once, in the order in which they were configured."""
        if not self._endpoints:
            return ()
        with ThreadPoolExecutor(min(THREADS, len(self._endpoints))) as pool:
            return tuple(pool.map(lambda pair: self._observation(*pair), self._endpoints))

    def _observation(self, program: Program, endpoint: Endpoint) -> Observation:
        told: dict[str, Any] = {}
        failure = ""
        at = self._clock().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        try:
            told = _ASK[program](Client(endpoint))
        except UnansweredError as error:
            failure = str(error)
        return Observation(program, endpoint.namespace, endpoint.name, endpoint.url, at, told, failure)
