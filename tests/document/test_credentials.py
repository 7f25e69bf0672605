"""The credential grammar: what is marked, what is not, and that nothing marked gets out."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.document.credentials import classify, named, redact
from auditor.model import Document, Snapshot, SourceFacts
from tests import factories as make
from tests.factories import PARTS, document, part

# No scanner should take these for real ones: the telling beginning stands apart from the rest.
LONG = "Ab3" * 14
KEY = "-----BEGIN {}PRIVATE KEY-----\nMIIE"

VALUES = [
    ("private_key", KEY.format("")),
    ("private_key", KEY.format("RSA ")),
    ("private_key", KEY.format("OPENSSH ")),
    ("private_key", KEY.format("ENCRYPTED ")),
    ("private_key", "AGE-SECRET-KEY-1" + LONG),
    *(
        ("private_key", base64.b64encode(KEY.format(kind).encode()).decode())
        for kind in ("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ")
    ),
    ("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + LONG),
    ("cloud_key", "AKIA" + "A1B2" * 4),
    ("cloud_key", "key=ASIA" + "A1B2" * 4),
    ("cloud_key", "AIza" + "x" * 35),
    ("cloud_key", "GOCSPX-" + LONG),
    ("cloud_key", "ya29." + LONG),
    ("cloud_key", f"AccountName=a;AccountKey={LONG};Suffix=b"),
    ("cloud_key", f"https://a.blob.example/c?sv=1&sig={LONG}"),
    ("vendor_token", "ghp_" + LONG),
    ("vendor_token", "github_pat_" + LONG),
    ("vendor_token", "glpat-" + LONG),
    ("vendor_token", "xoxb-1234567890-abc"),
    ("vendor_token", "sk_live_" + LONG),
    ("vendor_token", "whsec_" + LONG),
    ("vendor_token", "sk-ant-" + LONG),
    ("vendor_token", "npm_" + LONG),
    ("vendor_token", "hvs." + LONG),
    ("vendor_token", "dckr_pat_" + LONG),
    ("vendor_token", "glsa_" + LONG),
    ("vendor_token", "SG." + "a" * 22 + "." + "b" * 43),
    ("vendor_token", "https://hooks.slack.com/services/T0/B0/xyz"),
    ("url_password", "postgres://app:hunter2@db:5432/shop"),
    ("url_password", "redis://:hunter2@cache"),
    ("url_password", "https://user:pa$$word@example.org"),
    ("url_password", "amqp+ssl://u:p@h"),
    ("url_password", "root:hunter2@tcp(db:3306)/shop"),
    ("authorization", "Authorization: Bearer abcdefgh"),
    ("authorization", "basic dXNlcjpwYXNz"),
    ("directive", "port 6379\nrequirepass hunter2\n"),
    ("directive", "machine example.org login me password hunter2"),
]

NAMES = [
    "PASSWORD", "DB_PASSWORD", "dbPassword", "PGPASSWORD", "MYSQL_ROOT_PASSWORD", "POSTGRES_PASSWORD_1", "MYSQL_PWD",
    "REDIS_PASS", "requirepass", "passphrase", "PASSCODE", "API_KEY", "apiKey", "APIKEY", "x-api-key", "api.key",
    "ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "SECRET_KEY_BASE", "SECRETKEY", "client_secret",
    "clientSecret", "TOKEN", "GITHUB_TOKEN", "accessToken", "ACCESSTOKEN", "refresh-tokens", "SESSION_KEY",
    "SIGNING_KEY", "encryptionKey", "PRIVATE_KEY", "SSH_KEY", "MASTER_KEY", "credentials", "CREDENTIAL", "CREDS",
    "SENTRY_DSN", "CONNECTION_STRING", "connectionString", "REDIS_AUTH", "auth", "Authorization", "Cookie",
    "PASSWORD_SALT", "spring.datasource.password", "foo.example/api-token",
]  # fmt: skip

TEXTS = [
    "DB_PASSWORD: hunter2",
    "a: 1\ndb:\n  password: hunter2\n",
    'a = 1\npassword = "hunter2"',
    '{"user": "me", "password": "hunter2"}',
    '{"password":"no way"}',
    '{\\"password\\":\\"hunter2\\"}',
    "password='hunter2'",
    "user=app password=hunter2 host=db",
    "Server=db;User Id=sa;Password=hunter2;",
    "export TOKEN=hunter2; run",
    "-Djavax.net.ssl.keyStorePassword=hunter2 -Xmx1g",
    "mysql --password=hunter2 -h db",
    "app --token hunter2 --verbose",
    "https://example.org/hook?token=hunter2",
    "https://example.org/hook?a=b&api_key=hunter2",
    "curl -H 'X-Api-Key: hunter2' https://example.org",
    "//registry.example/:_authToken=hunter2",
    "- name: DB_PASSWORD\n  value: hunter2",
    '[{"name":"DB_PASSWORD","value":"hunter2"}]',
    "<user>me</user><password>hunter2</password>",
    "password: |\n  hunter2",
    "password: ${PASSWORD:-hunter2}",
    '{"auths":{"registry.example":{"auth":"hunter2"}}}',
    "password => 'hunter2'",
    "password := hunter2",
]

HARMLESS = [
    "", "true", "info", "8080", "web:1.2", "registry.example/team/web@sha256:" + "0" * 64, "shop", "web-7d4b9c",
    "https://example.org/path?page=2&sort=name", "postgres://db:5432/shop", "postgres://app@db/shop",
    "postgres://$(USER):$(PASSWORD)@db/shop", "postgres://app:${PASSWORD}@db/shop", "http://user@example.org",
    "-----BEGIN CERTIFICATE-----\nMIIE", base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode(),
    "--authorization-mode=Node,RBAC", "--anonymous-auth=false", "--tls-private-key-file=/pki/key.pem",
    "--token-auth-file=/tokens.csv", "--use-service-account-credentials=true",
    "--service-account-signing-key-file=/pki/sa.key", "--service-account-max-token-expiration=1h",
    "--authentication-token-webhook-cache-ttl=2m", "--encryption-provider-config=/enc.yaml",
    "password: ${PASSWORD}", "password: $(PASSWORD)", "password: <password>", "password:", "token: null",
    "password: {{ .Values.password }}", "secretName: web-tls", "bearer_token_file: /var/run/token",
    "password:\n  from: vault", "if [ \"$TOKEN\" = \"\" ]; then", "tokenizer: bert", "compass: north",
    "keyspace: shop", "monkey: george", "passive: 1", "author: jane", "authority: me", "secretary: jane", "basic auth",
    "bypass=1", "--secret-type=kv",
]  # fmt: skip

HARMLESS_NAMES = [
    "PASSWORD_FILE", "password-path", "SECRET_NAME", "secretName", "TOKEN_URL", "tokenEndpoint", "TOKEN_TTL",
    "passwordPolicy", "PASSWORD_LENGTH", "SECRET_MOUNT", "TOKEN_EXPIRATION", "authorization-mode", "AUTHOR", "MONKEY",
    "KEYSPACE", "COMPASS", "PASSIVE", "TOKENIZER", "SECRETARY", "AUTHORITY", "HOST", "credentialsSecretRef",
]  # fmt: skip


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
    assert seen["data"] == {"app.ini": marked(33), "token": marked(7), "mode": "fast"}
    assert seen["binaryData"] == {"a": marked(12, "binary")}


def test_secrets_are_names_only() -> None:
    secret = {
        "kind": "Secret",
        "type": "Opaque",
        "data": {"a": "aHVudGVyMg=="},
        "stringData": {"b": "hunter2"},
    }
    assert redact(secret) == {"kind": "Secret", "type": "Opaque", "data": {"a": ""}, "stringData": {"b": ""}}
    assert redact({"kind": "Secret", "data": ["x"]}) == {"kind": "Secret", "data": ["x"]}


def test_what_is_no_text_is_walked() -> None:
    assert redact({"args": [5, {"password": "hunter2"}]})["args"] == [5, {"password": marked(7)}]
    assert redact({"annotations": {"a": {"password": "hunter2"}}})["annotations"] == {
        "a": {"password": marked(7)}
    }
    assert redact({"list": [{"name": "PASSWORD", "value": "hunter2", "note": {"token": "x"}}]})["list"] == [
        {"name": "PASSWORD", "value": marked(7), "note": {"token": marked(1)}}
    ]


# --- the canary -----------------------------------------------------------------------------------

CANARY = "c4nary-Zq8"


def _planted() -> list[dict[str, Any]]:
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
    metadata = {"annotations": annotations, "managedFields": [{"manager": value}]}
    workloads = [make.workload(kind, spec, **metadata) for kind in make.WORKLOADS]
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
    bodies = _planted()
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


@given(st.text(alphabet="abcXYZ019+/=!%^*", min_size=3, max_size=40).map(lambda text: f"q{text}q"))
def test_any_password_in_the_environment_is_marked(value: str) -> None:
    env = [{"name": "APP_PASSWORD", "value": value}]
    snapshot = Snapshot(
        SourceFacts("cluster"), (make.resource(make.pod({"containers": [{"name": "a", "env": env}]})),)
    )
    from auditor.document.assemble import assemble

    (seen,) = assemble(snapshot, frozenset({"Pod"}), frozenset(), PARTS)
    assert part(seen, "containers")[0]["body"]["env"][0]["value"]["length"] == len(value)
