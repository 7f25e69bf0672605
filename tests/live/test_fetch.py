"""Lists of a real API server: page by page, and across its death and return."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from auditor.collect import api
from auditor.collect.api import Api
from auditor.collect.connect import connect
from auditor.collect.fetch import Broken, Done, Event, Page, fetch
from tests.live.live import Object, account, may_read
from tools.cluster import ControlPlane

MAPS = 7


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of a few objects is many pages."""
    monkeypatch.setattr(api, "PAGE", 2)


def create(plane: ControlPlane, namespace: str) -> list[str]:
    """Create ConfigMaps and return their names, in the order of the API server."""
    names = [f"map-{number}" for number in range(MAPS)]
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    items = [{**kind, "metadata": {"name": name}, "data": {"text": "é𐍈" * 100}} for name in names]
    objects = {"apiVersion": "v1", "kind": "List", "items": items}
    plane.kubectl("create", "-n", namespace, "-f", "-", input=json.dumps(objects))
    return names


def names(event: Event) -> list[str]:
    assert isinstance(event, Page)
    items: list[Object] = [json.loads(bytes(one)) for one in event.items]
    found = [item["metadata"]["name"] for item in items]
    return [name for name in found if name.startswith("map-")]


def test_pages_in_order(control_plane: ControlPlane, namespace: str) -> None:
    created = create(control_plane, namespace)
    core = f"/api/v1/namespaces/{namespace}"
    paths = [f"{core}/configmaps", f"{core}/endpoints", "/apis/nosuch/v1/things", f"{core}/configmaps"]
    server = Api(connect(str(control_plane.kubeconfig), None, {}))
    with closing(fetch(server, paths)) as events:
        seen = list(events)
    pages = [names(event) for event in seen if isinstance(event, Page) and event.path == paths[0]]
    assert max(map(len, pages)) == 2
    assert [name for page in pages for name in page] == created * 2
    ends = [event for event in seen if not isinstance(event, Page)]
    assert [event.path for event in ends] == paths
    assert [type(event) for event in ends] == [Done, Done, Broken, Done]


@pytest.fixture
def own_plane(tmp_path: Path) -> Iterator[ControlPlane]:
    """A control plane that may be killed."""
    with ControlPlane(tmp_path / "plane", nodes=0, controllers=False) as plane:
        yield plane


def test_restart_in_the_middle(own_plane: ControlPlane, tmp_path: Path) -> None:
    """As an account with rights by RBAC, which the server lacks at first when it is back."""
    own_plane.kubectl("create", "namespace", "shop")
    created = create(own_plane, "shop")
    path = "/api/v1/namespaces/shop/configmaps"
    started, over = threading.Event(), threading.Event()

    def start() -> None:
        try:
            own_plane.start_api_server()
        finally:
            started.set()
        over.wait()  # the server ends with the thread that started it

    starter = threading.Thread(target=start)
    with ExitStack() as end, account(own_plane, "shop", tmp_path, [may_read("configmaps")]) as reader:
        end.callback(over.set)
        server = Api(connect(str(reader.kubeconfig), None, {}))
        found: list[str] = []
        with closing(fetch(server, [path, path])) as events:
            found += names(next(events))
            own_plane.kill_api_server()
            starter.start()
            end.callback(started.wait)  # it may answer before it says that it is ready
            for event in events:
                if isinstance(event, Page):
                    found += names(event)
                else:
                    assert event == Done(path)
    starter.join()
    assert found == created * 2
