"""Proof: a real API server refuses, by pod security admission, exactly the pods that we fail."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
import pytest
import urllib3

from tests.podsecurity.checks import POLICIES
from tests.podsecurity.compare import LEVELS
from tests.podsecurity.fixtures import CONTROLLERS, Fixture, Object, fixtures, wrap
from tests.podsecurity.oracle import Level
from tests.podsecurity.ours import evaluate
from tools import build
from tools.cluster import ControlPlane

VERSION = "v1." + build.module_version("kubernetes", "k8s.io/kubernetes")[1]
COUNT = 148
UNJUDGED = {
    f"{path}.yaml": "`hostUsers` must be false to use `Unmasked`"
    for path in (
        f"baseline/{VERSION}/fail/procmount0",
        f"baseline/{VERSION}/fail/procmount1",
        f"restricted/{VERSION}/fail/procmount0",
        f"restricted/{VERSION}/fail/procmount1",
    )
}
"""Fixtures that the API server finds invalid before any standard is applied, with its reason."""
REFUSAL = "violates PodSecurity"
DEBUG = {"name": "debug", "image": "debug:1"}
DEBUG_COUNT = 39
"""Different security contexts of containers in the fixtures."""


class Answer(NamedTuple):
    """What the API server said to a dry-run."""

    status: int
    message: str
    warnings: str


class Server:
    """Creates objects in a namespace of the control plane, for trial only."""

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self._base = plane.url
        self._namespace = namespace
        self._headers = {"Authorization": f"Bearer {plane.token('admin')}"}
        self._pool = urllib3.PoolManager(ca_certs=str(plane.ca))

    def create(self, body: Object, *, trial: bool = True) -> Answer:
        """Return the answer to a server-side dry-run of one object, or to its creation."""
        version, plural = body["apiVersion"], body["kind"].lower() + "s"
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        path = f"{root}/namespaces/{self._namespace}/{plural}"
        return self._send("POST", path + ("?dryRun=All" if trial else ""), body)

    def debug(self, pod: Object) -> Answer:
        """Return the answer to a dry-run that adds the pod's ephemeral containers to the running one."""
        path = f"/api/v1/namespaces/{self._namespace}/pods/{pod['metadata']['name']}/ephemeralcontainers"
        return self._send("PUT", path + "?dryRun=All", pod)

    def _send(self, method: str, path: str, body: Object) -> Answer:
        answer = self._pool.request(method, self._base + path, headers=self._headers, json=body)
        warnings = " ".join(answer.headers.getlist("Warning"))
        return Answer(answer.status, str(answer.json().get("message", "")), warnings)


@contextmanager
def server(plane: ControlPlane, modes: Mapping[str, str]) -> Iterator[Server]:
    """A namespace with these pod security modes (`enforce: baseline`) at the server's own version."""
    name = f"admission-{uuid.uuid4().hex[:10]}"
    domain = "pod-security.kubernetes.io"
    labels = [f"{domain}/{mode}={level}" for mode, level in modes.items()]
    versions = [f"{domain}/{mode}-version={VERSION}" for mode in modes]
    plane.kubectl("create", "namespace", name)
    try:
        plane.kubectl("label", "namespace", name, *labels, *versions)
        plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", name, "--timeout=60s")
        yield Server(plane, name)
    finally:
        plane.kubectl("delete", "namespace", name, "--wait=false")


def newest() -> list[Fixture]:
    found = [fixture for fixture in fixtures() if fixture.version == VERSION]
    assert len(found) == COUNT
    return found


def valid(pod: Object, kind: str) -> Object:
    """The fixture as the API server takes it, mended where no standard looks.

    Some have `_` in their name; controllers want a selector, and pods of a Job may not restart.
    """
    metadata: dict[str, Any] = pod["metadata"]
    if kind == "Pod":
        return wrap({**pod, "metadata": {**metadata, "name": metadata["name"].replace("_", "-")}}, kind)
    labels = {"app": "wrapped"}
    once = {"restartPolicy": "Never"} if kind in ("Job", "CronJob") else {}
    body = wrap({"metadata": {**metadata, "labels": labels}, "spec": {**pod["spec"], **once}}, kind)
    if once:
        return body
    selector = labels if kind == "ReplicationController" else {"matchLabels": labels}
    return {**body, "spec": {**body["spec"], "selector": selector}}


def fail(listed: list[Fixture], kind: str, level: Level) -> list[bool]:
    """Whether a policy of the level fails, by fixture."""
    verdicts = evaluate([(wrap(fixture.pod, kind), VERSION) for fixture in listed])
    return [bool(failing & POLICIES[level]) for failing in verdicts]


def is_unjudged(fixture: Fixture, answer: Answer) -> bool:
    """Whether the server refuses it before any standard is applied, and for the reason that we know."""
    if fixture.path not in UNJUDGED:
        return False
    assert answer.status == 422, fixture.path
    assert UNJUDGED[fixture.path] in answer.message
    return True


@pytest.mark.parametrize("level", LEVELS)
def test_enforced_pods(control_plane: ControlPlane, level: Level) -> None:
    listed = newest()
    compared = refused = 0
    with server(control_plane, {"enforce": level}) as api:
        for fixture, failing in zip(listed, fail(listed, "Pod", level), strict=True):
            answer = api.create(valid(fixture.pod, "Pod"))
            if is_unjudged(fixture, answer):
                continue
            assert answer.status == (403 if failing else 201), f"{fixture.path}: {answer}"
            assert (REFUSAL in answer.message) == failing, f"{fixture.path}: {answer}"
            compared += 1
            refused += failing
    assert compared == COUNT - len(UNJUDGED)
    assert 0 < refused < compared


@pytest.mark.parametrize("level", LEVELS)
def test_warnings_about_controllers(control_plane: ControlPlane, level: Level) -> None:
    """Controllers are never refused, but the server warns of those whose pods would be."""
    listed = newest()
    compared = warned = 0
    with server(control_plane, {"warn": level}) as api:
        for kind in CONTROLLERS:
            for fixture, failing in zip(listed, fail(listed, kind, level), strict=True):
                answer = api.create(valid(fixture.pod, kind))
                if is_unjudged(fixture, answer):
                    continue
                assert answer.status == 201, f"{kind} {fixture.path}: {answer}"
                assert ("would violate PodSecurity" in answer.warnings) == failing, f"{kind} {fixture.path}"
                compared += 1
                warned += failing
    assert compared == (COUNT - len(UNJUDGED)) * len(CONTROLLERS)
    assert 0 < warned < compared


@pytest.mark.parametrize("level", LEVELS)
def test_enforced_debug_containers(control_plane: ControlPlane, level: Level) -> None:
    """A running pod gets ephemeral containers with the security contexts of the fixtures' containers."""
    [base] = [one.pod for one in newest() if one.path == f"restricted/{VERSION}/pass/base_linux.yaml"]
    running = {**base, "metadata": {"name": "running"}}
    debugged = [
        {**running, "spec": {**base["spec"], "ephemeralContainers": [{**DEBUG, "securityContext": context}]}}
        for context in security_contexts()
    ]
    refused = 0
    verdicts = evaluate([(wrap(pod, "Pod"), VERSION) for pod in debugged])
    with server(control_plane, {"enforce": level}) as api:
        assert api.create(wrap(running, "Pod"), trial=False).status == 201
        for pod, verdict in zip(debugged, verdicts, strict=True):
            failing = bool(verdict & POLICIES[level])
            answer = api.debug(pod)
            assert answer.status == (403 if failing else 200), f"{pod}: {answer}"
            assert (REFUSAL in answer.message) == failing, f"{pod}: {answer}"
            refused += failing
    assert len(debugged) == DEBUG_COUNT
    assert 0 < refused < DEBUG_COUNT


def security_contexts() -> list[Object]:
    """The different ones of all containers, without those that no container of a Linux pod may have."""
    found: dict[bytes, Object] = {}
    for fixture in newest():
        spec = fixture.pod["spec"]
        for container in (*spec["containers"], *spec.get("initContainers", ())):
            context = container.get("securityContext", {})
            if "windowsOptions" not in context and context.get("procMount") != "Unmasked":
                found[msgspec.json.encode(context, order="sorted")] = context
    return list(found.values())
