"""Long lists are read whole, and a list that breaks off never looks complete."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import connect
from auditor.collect.patience import Patience
from auditor.document.kinds import WORKLOADS
from auditor.model import Gap, Resource
from tests.live.faulty import Answer, Spoil, faulty
from tests.live.live import apply, audit, events, pod_spec, source, until, workload, write_kubeconfig
from tools.cluster import ControlPlane

KINDS = frozenset({"Pod", "Deployment", "Namespace"})
MANY = 501
"""One more than a page holds."""
PODS = 5
"""In pages of two: three pages."""
QUICK = Patience(first=0.01)
"""As many attempts as ever, soon after each other."""


def test_more_than_a_page(control_plane: ControlPlane, namespace: str) -> None:
    url = f"{control_plane.url}/apis/apps/v1/namespaces/{namespace}/replicasets"
    headers = {"Authorization": f"Bearer {control_plane.token('admin')}"}
    with urllib3.PoolManager(ca_certs=str(control_plane.ca), maxsize=4) as pool:

        def create(number: int) -> int:
            body = workload("ReplicaSet", f"r{number}", pod_spec(), replicas=0)
            return pool.request("POST", url, headers=headers, json=body).status

        with ThreadPoolExecutor(4) as threads:
            assert set(threads.map(create, range(MANY))) == {201}
    found = list(source(control_plane.kubeconfig, namespace).read(frozenset({"ReplicaSet"})))
    names = {item.ref.name for item in found if isinstance(item, Resource)}
    assert names == {f"r{number}" for number in range(MANY)}
    assert len(found) == MANY

    path = urlsplit(url).path

    def pages() -> list[dict[str, list[str]]]:
        asked = [urlsplit(event["requestURI"]) for event in events(control_plane)]
        return [parse_qs(one.query) for one in asked if one.path == path]

    until(lambda: len(pages()) == 2)
    assert [sorted(query) for query in pages()] == [["limit"], ["continue", "limit"]]
    assert {limit for query in pages() for limit in query["limit"]} == {"500"}


def second_page(spoilt: Answer | None) -> Spoil:
    """Replace the second page of pods; None: the first page once more, for ever."""
    first: list[Answer] = []

    def spoil(path: str, answer: Answer) -> Answer:
        if not urlsplit(path).path.endswith("/pods"):
            return answer
        if "continue=" not in path:
            first.append(answer)
            return answer
        if spoilt is None:
            return first[0]
        cut = spoilt.length == -1
        return Answer(answer.body[:200], length=len(answer.body)) if cut else spoilt

    return spoil


GONE = {
    "kind": "Status",
    "code": 410,
    "reason": "Expired",
    "message": "The provided continue parameter is too old",
}
BROKEN = {
    "cut off": (Answer(b"", length=-1), "the answer broke off"),
    "no answer": (Answer(b"", length=10), "the answer broke off"),
    "gone": (Answer(json.dumps(GONE).encode(), 410), "410: The provided continue parameter is too old"),
    "server error": (Answer(b"oh no", 500), "500: HTTP 500"),
    "half of its JSON": (Answer(b'{"kind": "PodList", "metadata": {}, "items": [{"meta'), "was cut off"),
    "another JSON": (Answer(b'{"kind": "Status", "status": "Success"}'), "not the JSON that was asked for"),
    "no metadata": (Answer(b'{"kind": "PodList", "items": []}'), "not the JSON that was asked for"),
    "no UTF-8": (Answer(b'{"metadata": {}, "items": [{"metadata": {"name": "\xff"}}]}'), "not the JSON"),
    "no names": (Answer(b'{"metadata": {}, "items": [{}]}'), "an object without a name"),
    "login page": (Answer(b"<html>log in</html>"), "not the JSON that was asked for"),
    "redirect": (Answer(b"", 302), "302: HTTP 302"),
    "logged out": (Answer(b'{"kind": "Status", "message": "Unauthorized"}', 401), "401: Unauthorized"),
    "for ever": (None, "the same page came twice"),
}


@pytest.fixture
def pod_names(control_plane: ControlPlane, namespace: str) -> set[str]:
    """Names of some pods, and a Deployment without any."""
    bare = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{number}"}, "spec": pod_spec()}
        for number in range(PODS)
    ]
    apply(control_plane, namespace, *bare, workload("Deployment", "web", pod_spec(), replicas=0))
    return {f"p{number}" for number in range(PODS)}


def through(url: str, plane: ControlPlane, folder: Path) -> Path:
    return write_kubeconfig(folder / "through.yaml", {"server": url}, {"token": plane.token("admin")})


def read(url: str, plane: ControlPlane, namespace: str, folder: Path) -> list[object]:
    connection = connect(str(through(url, plane, folder)), None, {})
    return list(ClusterSource(connection, (namespace,), QUICK).read(KINDS))


def test_broken_lists(
    control_plane: ControlPlane, namespace: str, pod_names: set[str], tmp_path: Path
) -> None:
    with faulty(control_plane, lambda _, answer: answer, page=2) as url:
        found = read(url, control_plane, namespace, tmp_path)
        assert not [item for item in found if isinstance(item, Gap)]
        names = {item.ref.name for item in found if isinstance(item, Resource) and item.ref.kind == "Pod"}
        assert names == pod_names
    for name, (answer, reason) in BROKEN.items():
        with faulty(control_plane, second_page(answer), page=2) as url:
            found = read(url, control_plane, namespace, tmp_path)
        [gap] = [item for item in found if isinstance(item, Gap)]
        assert (gap.kind, gap.namespace, gap.out_of_reach) == ("Pod", namespace, False), name
        assert reason in gap.reason, name
        assert "\n" not in gap.reason
        kinds = Counter(item.ref.kind for item in found if isinstance(item, Resource))
        assert kinds["Pod"] == 0, f"{name}: a part of the list looks like all of it"
        assert (kinds["Deployment"], kinds["Namespace"]) == (1, 1), name


def test_kinds_that_the_server_does_not_have(
    control_plane: ControlPlane, namespace: str, pod_names: set[str], tmp_path: Path
) -> None:
    asked: list[str] = []

    def small(path: str, answer: Answer) -> Answer:
        asked.append(urlsplit(path).path)
        if path == "/apis":
            groups = [one for one in json.loads(answer.body)["groups"] if one["name"] != "batch"]
            return Answer(json.dumps({"groups": groups}).encode())
        return Answer(b'{"message": "unknown"}', 404) if "/daemonsets" in path else answer

    with faulty(control_plane, small) as url:
        live = source(through(url, control_plane, tmp_path), namespace)
        assert "batch/v1" not in live.facts().apis
        found = list(live.read(frozenset(WORKLOADS)))
    # no such group: nothing to judge, and nothing asked; the group without the kind: a gap
    assert not [path for path in asked if "/batch/" in path]
    [gap] = [item for item in found if isinstance(item, Gap)]
    assert (gap.kind, gap.reason) == ("DaemonSet", "404: unknown")
    names = {item.ref.name for item in found if isinstance(item, Resource) and item.ref.kind == "Pod"}
    assert names == pod_names


def test_broken_list_ends_as_incomplete(
    control_plane: ControlPlane, namespace: str, pod_names: set[str], tmp_path: Path
) -> None:
    with faulty(control_plane, second_page(Answer(b"oh no", 500)), page=2) as url:
        cluster = ("--kubeconfig", through(url, control_plane, tmp_path), "-n", namespace)
        # they judge pods alone, and here nothing fails them
        limits = (*cluster, "--framework", "pss_baseline", "--framework", "pss_restricted")
        ended = audit(tmp_path / "audit.json", *limits)
        tolerant = audit(tmp_path / "tolerant.json", *limits, "--min-coverage", "50")
    assert (ended.code, tolerant.code) == (3, 0)
    [gap] = ended.record["gaps"]
    assert gap == {
        "kind": "Pod",
        "namespace": namespace,
        "reason": "500: HTTP 500 (5 attempts)",
        "effect": "no Pod is judged, and what refers to one is judged without it, or not at all",
    }
    assert 0.8 < ended.record["summary"]["coverage"] < 1
    assert {one["kind"] for one in ended.record["not_evaluated"]} == {"Pod"}
