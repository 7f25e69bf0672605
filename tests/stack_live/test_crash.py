"""An apply that is killed at any of its writes is ended by the next one."""

from __future__ import annotations

import json
import subprocess
import sys

from auditor.stack.live import inventory as inventories
from auditor.stack.live.inventory import Member
from tests.stack_live.deployer import (
    Deployer,
    autoscaler,
    claim,
    config,
    deployer_objects,
    deployment,
    service,
)
from tools.build import ROOT
from tools.cluster import ControlPlane


def test_whatever_write_it_dies_at(control_plane: ControlPlane, namespace: str) -> None:
    """From four objects to four others: one stays, one changes hands, two go, two come."""
    deployer = Deployer(control_plane.kubeconfig, namespace)
    old = [deployment(namespace, 4), config(namespace), service(namespace), claim(namespace)]
    new = [
        deployment(namespace, None),
        autoscaler(namespace),
        config(namespace, key="2"),
        service(namespace, "n"),
    ]
    died = 0
    while True:
        deployer.apply(old)
        before = {one.identity for one in deployer.inventory().members}
        run = subprocess.run(
            [sys.executable, "-m", "tests.stack_live.crash", str(control_plane.kubeconfig), namespace,
             str(died), json.dumps(new)],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        if run.returncode == 0:
            assert run.stdout == "alive\n"
            break
        assert run.returncode == -9, run.stderr
        died += 1
        # whatever is there is remembered: nothing that was applied can be left behind
        kept = {one.identity for one in deployer.inventory().members}
        assert before <= kept or deployer.inventory().state == "applied"
        assert deployer_objects(control_plane, namespace) <= kept
        deployer.apply(new)
        check(control_plane, deployer, new)
    check(control_plane, deployer, new)
    # Lease and back, inventory twice, hand-over, four objects, one pruned
    assert died >= 9


def check(plane: ControlPlane, deployer: Deployer, new: list[dict[str, object]]) -> None:
    """All is as it should be, and remembered."""
    assert deployer.plan(new).empty
    kept = deployer.inventory()
    assert kept.state == "applied"
    assert all(one.uid for one in kept.members)
    wanted = {*deployer.wanted(new).identities, f"/PersistentVolumeClaim/{deployer.home}/data"}
    assert {one.identity for one in kept.members} == wanted == deployer_objects(plane, deployer.home)
    [web] = [one for one in inventories.unpacked(kept.applied) if one["kind"] == "Deployment"]
    assert web["metadata"]["name"] == "web"
    assert isinstance(kept.members[0], Member)
    replicas = plane.kubectl("get", "deployment/web", "-n", deployer.home, "-o", "jsonpath={.spec.replicas}")
    assert replicas == "4"
