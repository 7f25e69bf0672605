"""The credential grammar: what is marked, what is not, and that nothing marked gets out."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.document.credentials import classify, named, redact
from tests import factories as make
from tests.document.corpus import HARMLESS, HARMLESS_NAMES, LONG, NAMES, TEXTS, VALUES
from tests.factories import document, part


def test_the_corpus_is_large_enough() -> None:
    assert len(VALUES) + len(NAMES) + len(TEXTS) >= 60
    assert len(HARMLESS) + len(HARMLESS_NAMES) >= 40


@pytest.mark.parametrize(("kind", "value"), VALUES)
def test_a_value_that_is_a_credential_by_itself(kind: str, value: str) -> None:
    assert classify(value) == kind
    assert classify(f"some text before {value}" if kind != "directive" else value) == kind


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_says_credential(name: str) -> None:
    assert named(name)
    assert classify("hunter2", name) == "named"
    assert classify(f"{name}=hunter2") == "named"


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_holds_one(text: str) -> None:
    assert classify(text) == "named"


@pytest.mark.parametrize("value", HARMLESS)
def test_a_harmless_value(value: str) -> None:
    assert classify(value) == ""


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_a_harmless_name(name: str) -> None:
    assert not named(name)
    assert classify("hunter2", name) == ""


@pytest.mark.parametrize(
    "value", ["", " ", "$(OTHER)", "${OTHER}", "true", "None", "<your password>", "{{ .x }}"]
)
def test_a_reference_is_no_credential(value: str) -> None:
    assert classify(value, "PASSWORD") == ""


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "a=",
        "a-",
        "eyJ-",
        "://a:",
        "-",
        "password ",
        "password=",
        'a="',
        "<a>",
        "name: a, ",
        " ",
        "basic ",
        "\\",
        "login ",
    ],
)
def test_a_long_text_takes_no_time(piece: str) -> None:
    text = piece * (1024 * 1024 // len(piece))
    start = time.process_time()
    classify(text, "x")
    assert time.process_time() - start < 5  # a tenth of that as a rule; quadratic time is hours


# --- where they stand -----------------------------------------------------------------------------


def marked(length: int, kind: str = "named") -> dict[str, Any]:
    return {"class": kind, "length": length}


def redacted(**fields: Any) -> Any:
    seen = document(make.deployment(make.pod_spec(containers=[make.container(**fields)])))
    return part(seen, "containers")[0]["body"]


def test_environment() -> None:
    env = [
        {"name": "DB_PASSWORD", "value": "hunter2"},
        {"name": "MODE", "value": "fast"},
        {"name": "OPTIONS", "value": "-Dpassword=hunter2"},
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    ]
    assert redacted(env=env)["env"] == [
        {"name": "DB_PASSWORD", "value": marked(7)},
        {"name": "MODE", "value": "fast"},
        {"name": "OPTIONS", "value": marked(18)},
        env[3],
    ]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--password=hunter2"], [marked(18)]),
        (["--password", "hunter2", "plain"], ["--password", marked(7), "plain"]),
        (["-password", "hunter2"], ["-password", marked(7)]),
        (["--password", "--verbose"], ["--password", "--verbose"]),
        (["--set", "db.password=hunter2"], ["--set", marked(19)]),
        (["--set=db.password=hunter2"], [marked(25)]),
        (["--header=X-Api-Key: hunter2"], [marked(27)]),
        (["-u", "me:hunter2"], ["-u", marked(10, "login")]),
        (["--user=me:hunter2"], [marked(17, "login")]),
        (["--user", "1000:1000"], ["--user", "1000:1000"]),
        (["--user=me"], ["--user=me"]),
        (["sh", "-c", "export PASSWORD=hunter2; run"], ["sh", "-c", marked(28)]),
        (["--authorization-mode=RBAC", "--port", "80"], ["--authorization-mode=RBAC", "--port", "80"]),
    ],
)
@pytest.mark.parametrize("field", ["args", "command"])
def test_command_lines(field: str, args: list[str], expected: list[Any]) -> None:
    assert redacted(**{field: args})[field] == expected


def test_probes_and_hooks() -> None:
    probe = {
        "httpGet": {
            "path": "/health?token=hunter2",
            "httpHeaders": [{"name": "X-Token", "value": "hunter2"}],
        },
        "exec": {"command": ["check", "--password", "hunter2"]},
    }
    seen = redacted(livenessProbe=probe, lifecycle={"preStop": {"exec": {"command": ["--token=hunter2"]}}})
    assert seen["livenessProbe"]["httpGet"]["httpHeaders"] == [{"name": "X-Token", "value": marked(7)}]
    assert seen["livenessProbe"]["httpGet"]["path"] == marked(21)
    assert seen["livenessProbe"]["exec"]["command"] == ["check", "--password", marked(7)]
    assert seen["lifecycle"]["preStop"]["exec"]["command"] == [marked(15)]


def test_annotations_of_kubernetes_name_containers() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/token"
    body = make.pod(
        annotations={key: "unconfined", "example.dev/token": "hunter2", "note": "password=hunter2"}
    )
    assert part(document(body), "pod")["annotations"] == {
        key: "unconfined",
        "example.dev/token": marked(7),
        "note": marked(16),
    }


def test_names_and_labels_stay_text() -> None:
    labels = {"token": "a", "app": "token-service"}
    spec = make.pod_spec(
        containers=[
            make.container("password", image="token:v1", volumeMounts=[{"name": "secret", "mountPath": "/s"}])
        ],
        nodeSelector={"secret": "yes"},
        volumes=[{"name": "secret", "secret": {"secretName": "db-password"}}],
    )
    body = make.deployment(spec, labels=labels)
    seen = document(body)
    assert part(seen, "meta")["labels"] == labels
    assert part(seen, "containers")[0]["name"] == "password"
    assert part(seen, "containers")[0]["body"]["image"] == "token:v1"
    assert part(seen, "pod")["spec"]["nodeSelector"] == {"secret": "yes"}
    assert part(seen, "pod")["spec"]["volumes"] == spec["volumes"]


def test_a_label_that_is_a_credential_by_itself() -> None:
    assert redact({"labels": {"a": "ghp_" + LONG, "b": {"odd": "x"}}})["labels"] == {
        "a": marked(46, "vendor_token"),
        "b": {"odd": "x"},
    }


def test_fields_that_say_credential() -> None:
    attributes = {"csi": {"volumeAttributes": {"password": "hunter2", "share": "a"}}}
    spec = make.pod_spec(volumes=[{"name": "a", **attributes}])
    seen = part(document(make.pod(spec)), "pod")["spec"]["volumes"][0]
    assert seen["csi"]["volumeAttributes"] == {"password": marked(7), "share": "a"}


def test_config_maps() -> None:
    data = {"app.ini": "[db]\nhost = a\npassword = hunter2\n", "token": "hunter2", "mode": "fast"}
    body = {**make.obj("ConfigMap"), "data": data, "binaryData": {"a": "aHVudGVyMg=="}}
    seen = part(document(body), "spec")
    assert seen["data"] == {"app.ini": marked(33), "token": marked(7), "mode": marked(4, "text")}
    assert seen["binaryData"] == {"a": marked(12, "binary")}


def test_secrets_are_names_only() -> None:
    secret = {
        "kind": "Secret",
        "type": "Opaque",
        "data": {"a": "aHVudGVyMg=="},
        "stringData": {"b": "hunter2"},
    }
    assert redact(secret) == {"kind": "Secret", "type": "Opaque", "data": {"a": ""}, "stringData": {"b": ""}}
    assert redact({"kind": "Secret", "data": ["x"]}) == {"kind": "Secret", "data": {}}


def test_what_is_no_text_is_walked() -> None:
    assert redact({"args": [5, {"password": "hunter2"}]})["args"] == [5, {"password": marked(7)}]
    assert redact({"annotations": {"a": {"password": "hunter2"}}})["annotations"] == {
        "a": {"password": marked(7)}
    }
    assert redact({"list": [{"name": "PASSWORD", "value": "hunter2", "note": {"token": "x"}}]})["list"] == [
        {"name": "PASSWORD", "value": marked(7), "note": {"token": marked(1)}}
    ]


@given(st.text(alphabet="abcXYZ019+/=!%^*", min_size=3, max_size=40).map(lambda text: f"q{text}q"))
def test_any_password_in_the_environment_is_marked(value: str) -> None:
    env = [{"name": "APP_PASSWORD", "value": value}]
    seen = document(make.pod({"containers": [{"name": "a", "env": env}]}))
    assert part(seen, "containers")[0]["body"]["env"][0]["value"]["length"] == len(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("/var/run/secrets/google.json", "named_path"),
        ("https://login.example.com/token", "named_path"),
        ("https://user:hunter2@example.com", "url_password"),
        ("hunter2", "named"),
        ("/ and more", "named"),
    ],
)
def test_a_path_is_marked_and_told_apart(value: str, kind: str) -> None:
    assert classify(value, "GOOGLE_APPLICATION_CREDENTIALS") == kind
