"""What an audit asked the API server for, as the server's own audit log has it."""

from __future__ import annotations

import json
import ssl
import time
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tools.cluster import ControlPlane

AGENT = "auditor/"
LOGGED_SECONDS = 30.0


@dataclass(frozen=True)
class Asked:
    """The requests of one audit."""

    requests: int
    pages: int
    """Of them, pages of lists."""
    lists: tuple[str, ...]
    """The first page of each list, path and query, in the order in which they were asked for."""
    resources: frozenset[str]
    """What was listed, as `pods` or `deployments.apps`."""
    verbs: Mapping[str, frozenset[str]]
    """What was asked for by each verb; a path that is no resource counts as itself."""
    agent: str
    """Its User-Agent."""

    @property
    def beyond(self) -> int:
        """Requests that fetched no page."""
        return self.requests - self.pages


class Log:
    """The audit log of a control plane, from now on."""

    def __init__(self, plane: ControlPlane) -> None:
        """Remember where the log ends."""
        self._plane = plane
        self._start = plane.audit_log.stat().st_size

    def asked(self) -> Asked:
        """Return what auditors asked for since; raises `TimeoutError` if the log does not go on."""
        mark = f"mark-{uuid.uuid4()}"
        self._request(mark)
        deadline = time.monotonic() + LOGGED_SECONDS
        # an event is written when its answer is complete, which may be after the client has it
        while mark not in (text := self._text()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._plane.audit_log}: no new event in {LOGGED_SECONDS:.0f} s")
            time.sleep(0.05)
        agents = (line for line in text.splitlines() if f'"userAgent":"{AGENT}' in line)
        return summary([json.loads(line) for line in agents])

    def _text(self) -> str:
        with self._plane.audit_log.open("rb") as log:
            log.seek(self._start)
            return log.read().decode()

    def _request(self, agent: str) -> None:
        headers = {"Authorization": f"Bearer {self._plane.token('admin')}", "User-Agent": agent}
        request = urllib.request.Request(f"{self._plane.url}/version", headers=headers)
        tls = ssl.create_default_context(cafile=self._plane.ca)
        handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls))
        urllib.request.build_opener(*handlers).open(request, timeout=LOGGED_SECONDS).close()


def summary(events: Sequence[Mapping[str, Any]]) -> Asked:
    """Sum up the events of one audit, in the order in which they reached the server."""
    ordered = sorted(events, key=lambda event: str(event["requestReceivedTimestamp"]))
    lists = [event for event in ordered if event["verb"] == "list"]
    verbs: dict[str, set[str]] = {}
    for event in ordered:
        verbs.setdefault(event["verb"], set()).add(_resource(event))
    return Asked(
        requests=len(ordered),
        pages=len(lists),
        lists=tuple(dict.fromkeys(_first_page(event["requestURI"]) for event in lists)),
        resources=frozenset(map(_resource, lists)),
        verbs={verb: frozenset(names) for verb, names in verbs.items()},
        agent=ordered[0]["userAgent"] if ordered else "",
    )


def _first_page(uri: str) -> str:
    parts = urlsplit(uri)
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != "continue"]
    return f"{parts.path}?{urlencode(query)}"


def _resource(event: Mapping[str, Any]) -> str:
    reference = event.get("objectRef", {})
    if "resource" not in reference:
        return str(urlsplit(event["requestURI"]).path)
    return ".".join(filter(None, (reference["resource"], reference.get("apiGroup"))))
