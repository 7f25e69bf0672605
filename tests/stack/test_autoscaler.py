"""The real autoscaler follows the load on the query tier, between two and five replicas.

Its waiting times are a sixtieth of those that are rendered; what pods use is told by a metrics API of the
tests.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator

import pytest

from tests.availability.api import Api
from tests.availability.metrics import USAGE, metrics
from tests.stack.loopback import until
from tests.stack.render import find, overlay
from tools.cluster import ControlPlane

KINDS = "Namespace PriorityClass ServiceAccount ConfigMap".split()
NAME = "thanos-query"


@pytest.fixture(name="plane")
def _plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    folder = tmp_path_factory.mktemp("autoscaler")
    listed = overlay("ha")
    first = sorted((one for one in listed if one["kind"] in KINDS), key=lambda one: KINDS.index(one["kind"]))
    scaler = copy.deepcopy(find(listed, "HorizontalPodAutoscaler", NAME))
    for direction in scaler["spec"]["behavior"].values():
        for policy in direction["policies"]:
            policy["periodSeconds"] //= 60
    scaler["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"] //= 60
    items = [*first, find(listed, "Deployment", NAME), scaler]
    with ControlPlane(folder / "plane", nodes=5) as plane:
        body = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        plane.kubectl("apply", "--server-side", "-f", "-", input=body)
        with metrics(Api(plane), "monitoring", folder):
            yield plane


def ready(plane: ControlPlane) -> list[str]:
    """The names of the ready pods of the query tier."""
    selector = f"--selector=app.kubernetes.io/name={NAME}"
    listed = json.loads(plane.kubectl("get", "pods", selector, "-n", "monitoring", "-o", "json"))["items"]
    return [
        one["metadata"]["name"]
        for one in listed
        for condition in one["status"].get("conditions", ())
        if condition["type"] == "Ready" and condition["status"] == "True"
    ]


def test_two_become_five_under_load_and_two_again(plane: ControlPlane) -> None:
    until(lambda: len(ready(plane)) == 2)
    busy = ready(plane)
    plane.kubectl("label", "pods", *busy, f"{USAGE}=2500m", "-n", "monitoring")
    until(lambda: len(ready(plane)) == 5, 300)
    plane.kubectl("label", "pods", *busy, f"{USAGE}-", "-n", "monitoring")
    until(lambda: len(ready(plane)) == 2, 300)
