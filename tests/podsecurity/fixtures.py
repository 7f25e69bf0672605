"""The pods that Kubernetes tests its pod security standards with, read from the Go module cache.

4,537 files `test/testdata/{baseline,restricted}/v1.N/{pass,fail}/<check><index>.yaml`. Folder pass:
every check of that level and version passes. Folder fail: at least the check in the file name fails.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import msgspec
import yaml

from tests.podsecurity.oracle import Level

MODULE = "k8s.io/pod-security-admission@v0.37.2"
COUNT = 4537

Object = dict[str, Any]

CONTROLLERS: Mapping[str, str] = {
    "CronJob": "batch/v1",
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "Job": "batch/v1",
    "ReplicaSet": "apps/v1",
    "ReplicationController": "v1",
    "StatefulSet": "apps/v1",
}
"""Kinds that carry a pod template, with their API version."""
KINDS = ("Pod", *CONTROLLERS)


class Fixture(msgspec.Struct, frozen=True, eq=False):
    """One file. Fixtures may share their pod: read only."""

    level: Level
    version: str
    allowed: bool
    """What the folder says: pass or fail."""
    check: str
    """PSA check id in lower case, or `base`, `base_linux`, `base_windows`."""
    index: int
    path: str
    """Below the folder `testdata`."""
    pod: Object


@cache
def testdata() -> Path:
    """Return the module's folder of fixtures, fetched into the Go module cache if need be."""
    folder = Path(__file__).parent.parent / "oracles" / "podsecurity"
    command = ["go", "mod", "download", "-json", MODULE]
    run = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True)
    return Path(json.loads(run.stdout)["Dir"], "test", "testdata")


@cache
def fixtures() -> tuple[Fixture, ...]:
    """Return every fixture, sorted by path."""
    return tuple(_fixture(path) for path in sorted(testdata().rglob("*.yaml")))


def _fixture(path: Path) -> Fixture:
    level, version, verdict, name = path.relative_to(testdata()).parts
    match = re.fullmatch(r"([a-z_]+)(\d*)\.yaml", name)
    assert match, f"{path}: not named as expected"
    return Fixture(
        level=cast(Level, level),
        version=version,
        allowed={"pass": True, "fail": False}[verdict],
        check=match[1],
        index=int(match[2] or 0),
        path="/".join((level, version, verdict, name)),
        pod=_pod(path.read_bytes()),
    )


@cache  # 380 different contents
def _pod(content: bytes) -> Object:
    return cast(Object, yaml.load(content, Loader=yaml.CSafeLoader))


def wrap(pod: Object, kind: str) -> Object:
    """Return an object of this kind whose pods look like `pod`; parts are shared, not copied."""
    metadata, spec = pod.get("metadata"), pod.get("spec")
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    body: Object = {"template": {"metadata": metadata, "spec": spec}}
    if kind == "CronJob":
        body = {"schedule": "0 0 * * *", "jobTemplate": {"spec": body}}
    return {"apiVersion": CONTROLLERS[kind], "kind": kind, "metadata": {"name": "wrapped"}, "spec": body}
