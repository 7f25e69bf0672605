"""A value planted wherever credentials are found is in no part of any document."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec

from auditor.document.kinds import WORKLOADS
from auditor.model import Document
from tests import factories as make

CANARY = "c4nary-Zq8"


def planted_objects() -> list[dict[str, Any]]:
    """Objects that hold the canary wherever credentials are found."""
    value = CANARY
    one = make.container(
        env=[{"name": "DB_PASSWORD", "value": value}, {"name": "OPTS", "value": f"-Dtoken={value}"}],
        args=["--password", value, f"--token={value}", f"postgres://app:{value}@db/x"],
        command=["sh", "-c", f"export SECRET={value} && run"],
        livenessProbe={
            "exec": {"command": ["check", f"--api-key={value}"]},
            "httpGet": {
                "path": f"/?token={value}",
                "httpHeaders": [{"name": "Authorization", "value": f"Basic {value}"}],
            },
        },
        lifecycle={"postStart": {"exec": {"command": ["--secret", value]}}},
    )
    spec = make.pod_spec(
        containers=[one],
        initContainers=[one],
        ephemeralContainers=[one],
        volumes=[{"name": "a", "flexVolume": {"options": {"password": value}}}],
    )
    applied = json.dumps({"env": [{"name": "DB_PASSWORD", "value": value}]})
    annotations = {
        "kubectl.kubernetes.io/last-applied-configuration": applied,
        "other.example/last-applied": applied,
        "example.dev/api-token": value,
    }
    metadata: dict[str, Any] = {"annotations": annotations, "managedFields": [{"manager": value}]}
    workloads = [make.workload(kind, spec, **metadata) for kind in WORKLOADS]
    for body in workloads:
        inner = body["spec"].get("jobTemplate", {}).get("spec", body["spec"])
        if "template" in inner:
            inner["template"]["metadata"] = {"annotations": annotations}
    data = {"a.yaml": f"db:\n  host: a\n  password: {value}\n", "b.json": applied, "token": value}
    encoded = base64.b64encode(value.encode()).decode()
    return [
        *workloads,
        {**make.obj("ConfigMap", **metadata), "data": data, "binaryData": {"a": encoded}},
        {
            **make.obj("ConfigMap", **metadata),
            "kind": "Secret",
            "data": {"a": encoded},
            "stringData": {"b": value},
        },
        make.obj("Namespace", name="shop", annotations=annotations),
    ]


def _everything(seen: Document) -> bytes:
    parts = b"\n".join(one.json for one in seen.parts.values())
    return parts + msgspec.json.encode([seen.body, seen.missing, seen.refused, seen.ref])


def test_the_canary_does_not_get_out() -> None:
    bodies = planted_objects()
    kinds = {body["kind"] for body in bodies}
    found = make.documents(*bodies, kinds=kinds)
    assert len(found) == len(bodies)
    assert not [one.refused for one in found if one.refused]
    encoded = base64.b64encode(CANARY.encode())
    for one in found:
        text = _everything(one)
        assert CANARY.encode() not in text, one.ref
        assert encoded not in text, one.ref


def test_the_canary_does_not_get_out_of_live_pods_or_refusals() -> None:
    owner = make.deployment(uid="d")
    planted = {
        "containers": [make.container(env=[{"name": "TOKEN", "value": CANARY}])],
        "hostNetwork": CANARY,
    }
    broken, sound = planted, {"containers": planted["containers"]}
    pods = [make.live(broken, index=1, by=owner), make.live(sound, index=2, by=owner)]
    found = make.documents(owner, *pods)
    assert [bool(one.refused) for one in found] == [False, True, False]
    assert all(CANARY.encode() not in _everything(one) for one in found)
