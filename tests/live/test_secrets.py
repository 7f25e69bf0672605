"""`--with-secrets`: what no Secret holds arrives, and without it nobody asks for any."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.cli.app import run
from auditor.collect.exchange import Exchange
from auditor.collect.secrets import METADATA
from tests.live.live import apply, audit, events, pod_spec, until, workload
from tools.cluster import ControlPlane

HELD, COPIED, LITERAL = "c4nary-held-Zq8", "c4nary-copied-Zq8", "c4nary-literal-Zq8"
"""In a Secret; in the annotation that kubectl apply leaves, which is metadata and does arrive; elsewhere."""

Exchanged = tuple[str, str, bytes]


@pytest.fixture
def exchanged(monkeypatch: pytest.MonkeyPatch) -> list[Exchanged]:
    """Every answer of the API server: path, what was accepted, the bytes."""
    kept: list[Exchanged] = []
    send = Exchange.send

    def recording(self: Exchange, *arguments: Any) -> bytearray:
        answer = send(self, *arguments)
        headers = arguments[5] if len(arguments) > 5 else {}
        kept.append((arguments[2], headers.get("Accept", ""), bytes(answer)))
        return answer

    monkeypatch.setattr(Exchange, "send", recording)
    return kept


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def holds(data: bytes, value: str) -> bool:
    return any(word.encode() in data for word in (value, encoded(value)))


def secret(name: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, **more}


@pytest.fixture
def planted(control_plane: ControlPlane, namespace: str) -> str:
    """A namespace with a Secret, one that kubectl applied, and a token of its account."""
    own = {"kubernetes.io/service-account.name": "default"}
    token = secret("robot", type="kubernetes.io/service-account-token")
    token["metadata"]["annotations"] = own
    apply(control_plane, namespace, secret("held", stringData={"password": HELD}), token)
    applied = json.dumps(secret("copied", data={"password": encoded(COPIED)}))
    control_plane.kubectl("apply", "-n", namespace, "-f", "-", input=applied)
    variable = {"name": "DB_PASSWORD", "value": LITERAL}
    container = {"name": "main", "image": "main:1", "env": [variable], "args": [f"--token={LITERAL}"]}
    note = {"name": "noted", "annotations": {"example.dev/api-token": LITERAL}}
    data = {"password": LITERAL, "app.yaml": f"db: {{password: {LITERAL}}}"}
    apply(
        control_plane,
        namespace,
        workload("Deployment", "literal", pod_spec(containers=[container])),
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": note, "data": data},
    )
    until(lambda: "token" in control_plane.kubectl("get", "secret", "robot", "-n", namespace, "-o", "yaml"))
    return namespace


def test_only_metadata_of_secrets_arrives(
    control_plane: ControlPlane,
    planted: str,
    exchanged: list[Exchanged],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    token = json.loads(control_plane.kubectl("get", "secret", "robot", "-n", planted, "-o", "json"))
    session = base64.b64decode(token["data"]["token"]).decode()
    cluster: list[str | Path] = ["--kubeconfig", control_plane.kubeconfig, "--fail-on", "never"]
    kept, page = tmp_path / "s.snapshot", tmp_path / "a.html"
    more: list[str | Path] = ["--with-secrets", "--save-snapshot", kept, "-o", f"html={page}"]
    done = audit(tmp_path / "a.json", *cluster, *more)
    found = {(one["policy"], one["resource"]["name"]) for one in done.findings(planted)}
    assert {("secret_legacy_token", "robot"), ("secret_last_applied", "copied")} == {
        one for one in found if one[0].startswith("secret_l")
    }
    asked = [(path, accept) for path, accept, _ in exchanged if path.startswith("/api/v1/secrets")]
    assert len(asked) >= 2
    assert {accept for _, accept in asked} == {METADATA}
    assert not [path for path, *_ in exchanged if "/secrets/" in path]
    answers = b"\n".join(answer for *_, answer in exchanged)
    assert holds(answers, COPIED), "the annotation is metadata: if it stays out, this test is blind"
    assert not holds(answers, HELD)
    assert not holds(answers, session)
    reports = [(tmp_path / "a.json").read_bytes(), page.read_bytes(), gzip.decompress(kept.read_bytes())]
    reports.append("".join(capfd.readouterr()).encode())
    users = yaml.safe_load(control_plane.kubeconfig.read_text())["users"]
    secrets = [HELD, COPIED, LITERAL, session, *(one["user"]["token"] for one in users)]
    assert not [value for value in secrets if any(holds(written, value) for written in reports)]
    # the snapshot gives the same, and only if it is asked for
    for flags, expected in ((["--with-secrets"], True), ([], False)):
        again = audit(tmp_path / "b.json", "--snapshot", kept, "--fail-on", "never", *flags)
        policies = {one["policy"] for one in again.findings(planted)}
        assert ("secret_legacy_token" in policies) is expected


def test_without_the_flag_nobody_asks_for_secrets(
    control_plane: ControlPlane, planted: str, exchanged: list[Exchanged], tmp_path: Path
) -> None:
    before = len([one for one in events(control_plane) if one["requestURI"].startswith("/api/v1/secrets")])
    cluster: list[str | Path] = ["--kubeconfig", control_plane.kubeconfig, "--fail-on", "never"]
    done = audit(tmp_path / "a.json", *cluster)
    assert not [path for path, *_ in exchanged if "secrets" in path]
    assert not [one for one in done.findings(planted) if one["policy"].startswith("secret_l")]
    reasons = {one.get("policy"): one["reason"] for one in done.record["out_of_reach"]}
    for policy in ("secret_legacy_token", "secret_last_applied"):
        assert reasons[policy].endswith("reads the metadata of Secrets, which --with-secrets allows")
    after = [one for one in events(control_plane) if one["requestURI"].startswith("/api/v1/secrets")]
    assert len(after) == before


def test_rights_and_a_policy_that_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policies", "rbac"]) == 0
    usual = capsys.readouterr().out
    assert "[secrets]" not in usual
    assert "no Secrets" in usual
    assert run(["policies", "rbac", "--with-secrets"]) == 0
    wider = capsys.readouterr().out
    assert "resources: [secrets]\n    verbs: [list]" in wider
    assert "whoever has this one could read what they hold" in " ".join(wider.replace("#", "").split())
    assert run(["policies", "rbac", "--policy", "secret_legacy_token"]) == 2
    assert "allow it with --with-secrets" in capsys.readouterr().err
