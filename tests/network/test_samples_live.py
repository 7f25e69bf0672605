"""ClusterNetworkPolicies of samples are objects that an API server takes by the schema of their API."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.availability.api import Api
from tools.build import ROOT
from tools.cluster import ControlPlane

MODULE = "sigs.k8s.io/network-policy-api@v0.1.8-0.20260217173220-6bb86defe1a7"
SCHEMA = "config/crd/standard/policy.networking.k8s.io_clusternetworkpolicies.yaml"
VERSION, KIND, PLURAL = "policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "clusternetworkpolicies"
SERVED_WITHIN = 60

Object = dict[str, Any]


def samples() -> list[tuple[str, Object]]:
    """Every ClusterNetworkPolicy of a sample, with the place of that."""
    paths = sorted((ROOT / "policies/k8s").glob("netpol_*/samples/*.yaml"))
    bodies = [(path, body) for path in paths for body in yaml.safe_load_all(path.read_text())]
    return [(f"{path.parent.parent.name}/{path.name}", body) for path, body in bodies if body["kind"] == KIND]


def schema() -> Object:
    """The definition of the kind, out of the Go module that our oracle is built from."""
    folder = ROOT / "tests/oracles/network"
    run = subprocess.run(
        ["go", "mod", "download", "-json", MODULE], cwd=folder, stdout=subprocess.PIPE, check=True
    )
    found: Object = yaml.safe_load((Path(json.loads(run.stdout)["Dir"]) / SCHEMA).read_text())
    return found


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """An API server that knows the kind."""
    with ControlPlane(nodes=0, controllers=False) as plane:
        found = Api(plane)
        found.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", schema())
        deadline = time.monotonic() + SERVED_WITHIN
        while found.send("GET", f"/apis/{VERSION}/{PLURAL}").status != 200:
            assert time.monotonic() < deadline, f"{KIND} is not served"
            time.sleep(0.1)
        yield found


def create(api: Api, body: Object) -> tuple[int, Any]:
    answer = api.send("POST", f"/apis/{VERSION}/{PLURAL}?dryRun=All&fieldValidation=Strict", body)
    return answer.status, answer.body.get("message")


def test_the_schema_takes_the_samples(api: Api) -> None:
    found = {f"{place}: {body['metadata']['name']}": create(api, body) for place, body in samples()}
    assert {place: answer for place, answer in found.items() if answer[0] != 201} == {}
    assert len(found) > 10


def test_the_schema_refuses_what_is_none(api: Api) -> None:
    _, body = samples()[0]
    assert create(api, {**body, "spec": {**body["spec"], "tier": "Middle"}})[0] == 422
