"""What is kept of the configuration files in ConfigMaps: the settings that policies judge, nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.collect.yaml import only_value
from auditor.document.configuration import MAX_LENGTH, MAX_TENANTS, with_configuration
from auditor.document.keep import keep, restore
from auditor.model import Body, Resource, ResourceRef
from tests import factories as make

SECRET = "hunter2hunter2"


def kept(data: Any, **fields: Any) -> Resource:
    body = {**make.obj("ConfigMap"), "data": data, **fields}
    return keep(ResourceRef("v1", "ConfigMap", "web", "shop"), body, parse=only_value)


def configured(text: str) -> Any:
    """What is kept of one file; None if it is none that we know."""
    return kept({"a": text}).body.get("configuration", {}).get("a")


def section(retention: Body) -> Body:
    return {"settings": {"storage": {"tsdb": {"retention": retention}}}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "storage:\n  tsdb:\n    retention:\n      time: 30d\n      size: 5GB\n",
            section({"time": "30d", "size": "5GB"}),
        ),
        (
            "storage: {tsdb: {retention: {percentage: 80.5, time: 0}}}",
            section({"percentage": 80.5, "time": 0}),
        ),
        ("storage:\n  tsdb:\n    retention: {}\n", section({})),
        ("storage:\n  tsdb:\n    retention:\n", {"settings": {"storage": {"tsdb": {}}}}),
        ("storage:\n  tsdb:\n    retention:\n      time:\n", section({})),
        (
            "global:\n  scrape_interval: 30s\nscrape_configs: []\n",
            {"settings": {"scrape_configs": []}},
        ),
        ("'global':\r\n  a: b\r\n", {"settings": {}}),
        ("remote_write:\n- url: http://a\n- url: http://b\n", {"settings": {"remote_write": [{}, {}]}}),
        ("remote_write: []\n", {"settings": {"remote_write": []}}),
        (
            "global: {external_labels: {cluster: a, environment: ''}}\n"
            "alerting: {alert_relabel_configs: [{action: labeldrop, regex: replica, x: y}], a: b}",
            {
                "settings": {
                    "global": {"external_labels": {"cluster": "a"}},
                    "alerting": {"alert_relabel_configs": [{"action": "labeldrop", "regex": "replica"}]},
                }
            },
        ),
        (
            "scrape_configs:\n- job_name: a\n  authorization: {credentials: hunter2hunter2}\n"
            "  tls_config: {insecure_skip_verify: true, ca_file: /x}\n- job_name: 5\n"
            "  bearer_token: hunter2\n"
            "- bearer_token_file: /x\n  basic_auth: {password: hunter2}\n  oauth2: {}\n",
            {
                "settings": {
                    "scrape_configs": [
                        {
                            "job_name": "a",
                            "authorization": {},
                            "tls_config": {"insecure_skip_verify": True},
                        },
                        {"job_name": 5, "authorization": {}},
                        {"authorization": {}, "basic_auth": {}, "oauth2": {}},
                    ]
                }
            },
        ),
        (
            "tls_server_config: {cert_file: /x, min_version: TLS13}\n"
            "http_server_config: {http2: true, headers: {X-Frame-Options: deny, A: b}}\n"
            "basic_auth_users: {ann: hunter2hunter2}\n",
            {
                "settings": {
                    "tls_server_config": {"cert_file": "/x", "min_version": "TLS13"},
                    "http_server_config": {"headers": ["A", "X-Frame-Options"]},
                }
            },
        ),
        ("# kept: for later\n\n", {"settings": {}}),
        ("", {"settings": {}}),
        ("{global: {a: b}}", {"settings": {}}),
        ('{"global": {}, "storage": {"tsdb": {"retention": {"size": "5GB"}}}}', section({"size": "5GB"})),
        ('{\n  "storage": {"tsdb": {"retention": {"size": "5GB"}}}}', section({"size": "5GB"})),
        ("x: &a {time: 1d}\nglobal: {}\nstorage: {tsdb: {retention: *a}}\n", section({"time": "1d"})),
        (
            "compactor:\n  retention_enabled: true\n  delete_request_store: s3\n  a: b\ntarget: all\n",
            {
                "settings": {
                    "compactor": {"retention_enabled": True, "delete_request_store": "s3"},
                    "target": "all",
                }
            },
        ),
        (
            "limits_config:\n  retention_period: ${P:-30d}\n  retention_stream: [{a: 1, period: 24h}]\n",
            {
                "settings": {
                    "limits_config": {
                        "retention_period": "${P:-30d}",
                        "retention_stream": [{"period": "24h"}],
                    }
                }
            },
        ),
        (
            "overrides:\n  a:\n    retention_period: 1h\n  b:\n    ingestion_rate_mb: 2\n  c:\n",
            {"settings": {"overrides": {"a": {"retention_period": "1h"}}}},
        ),
        ("overrides:\n  b:\n    ingestion_rate_mb: 2\n", {"settings": {}}),
        (
            "table_manager: {retention_deletes_enabled: yes}\n",
            {"settings": {"table_manager": {"retention_deletes_enabled": True}}},
        ),
    ],
)
def test_settings(text: str, told: Body) -> None:
    assert configured(text) == told


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("global: {}\nstorage: [\n", "line 2: did not find expected node content"),
        ("global: 1\nglobal: 2\n", "line 2: the key stands twice in its mapping"),
        ("global: {}\n---\nstorage: {}\n", "line 3: a second document begins"),
        ("global: {}\n\ta: b\n", "line 2: a tab stands where only spaces may"),
        ("{global: {}", "line 1: did not find expected ',' or '}'"),
        (
            f"storage:\n  tsdb:\n    retention: [{SECRET}]\n",
            "storage.tsdb.retention must be mapping, not list",
        ),
        (f"storage: {SECRET}\n", "storage must be mapping, not text"),
        (f"remote_write: {SECRET}\n", "remote_write must be list, not text"),
        (
            f"storage: {{tsdb: {{retention: {{time: {SECRET * 20}}}}}}}\n",
            "storage.tsdb.retention.time must be str of length <= 200",
        ),
        (f"scrape_configs: [{SECRET}]\n", "scrape_configs[0] must be mapping, not text"),
        (f"scrape_configs: {SECRET}\n", "scrape_configs must be list, not text"),
        (f"http_server_config: {{headers: {SECRET}}}\n", "http_server_config.headers must be list, not text"),
        (
            f"groups: [{{rules: [{{alert: [{SECRET}]}}]}}]\n",
            "groups[0].rules[0].alert must be text, not list",
        ),
        (f"groups: [{{rules: []}}, {SECRET}]\n", "groups[1] must be mapping, not text"),
        (f"global: *{SECRET}\n", "line 1: an alias names an anchor that is not defined before it"),
        ("global: .inf\n", "line 1: an infinite or undefined number has no form in JSON"),
    ],
)
def test_faults_quote_nothing(text: str, fault: str) -> None:
    found = configured(text)
    assert list(found) == ["fault"]
    assert SECRET not in found["fault"]
    if "infinite" not in fault:
        assert found["fault"] == fault


def test_a_bomb_of_aliases_is_refused() -> None:
    levels = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    levels += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    found = configured("global: {}\n" + "\n".join(levels))
    assert "aliases expand to more than" in found["fault"]


def test_depth_is_bounded() -> None:
    assert "nested more than" in configured("global: " + "[" * 5000)["fault"]
    assert "nested more than" in configured('{"global": ' + "[" * 5000 + "]" * 5000 + "}")["fault"]
    assert configured('{"other": ' + "[" * 5000 + "]" * 5000 + "}") is None


def test_length_is_bounded() -> None:
    assert "longer than" in configured("global: {}\n" + "#" * MAX_LENGTH)["fault"]


def test_tenants_are_all_there_or_none() -> None:
    lines = [f"  t{number}: {{retention_period: 1d}}" for number in range(MAX_TENANTS)]
    assert len(configured("\n".join(["overrides:", *lines]))["settings"]["overrides"]) == MAX_TENANTS
    more = configured("\n".join(["overrides:", *lines, "  more: {retention_period: 1d}"]))
    assert more == {"fault": f"more than {MAX_TENANTS} tenants have a retention of their own"}


@pytest.mark.parametrize(
    "text",
    [
        "mode=fast\n",
        "hello",
        "  global: nested in something\nmode: fast\n",
        "globals: {}\n",
        '{"panels": [], "title": "global:"}',
        "{{ a template }}",
        "{",
        "- global:\n",
        "-----BEGIN CERTIFICATE-----\nglobal\n",
    ],
)
def test_other_texts_are_left_alone(text: str) -> None:
    assert configured(text) is None


def test_of_values_only_class_and_length_are_kept() -> None:
    seen = kept(
        {"mode": "fast", "TOKEN": SECRET, "prometheus.yml": f"global: {{}}\npassword: {SECRET}\n"},
        immutable=True,
    )
    assert seen.body == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "web", "namespace": "shop"},
        "immutable": True,
        "data": {
            "mode": {"class": "text", "length": 4},
            "TOKEN": {"class": "named", "length": len(SECRET)},
            "prometheus.yml": {"class": "named", "length": 22 + len(SECRET)},
        },
        "configuration": {"prometheus.yml": {"settings": {}}},
    }


def test_a_setting_that_is_a_credential_is_marked() -> None:
    token = "ghp_" + "a1B2" * 9
    seen = kept({"a": f"target: {token}\n"})
    assert token.encode() not in seen.content.json
    assert seen.body["configuration"]["a"]["settings"]["target"]["class"] == "vendor_token"


def test_what_calls_itself_configuration_is_dropped() -> None:
    claimed = {"a": section({"time": "90d"})}
    assert "configuration" not in kept({"mode": "fast"}, configuration=claimed).body
    assert "configuration" not in with_configuration(
        {"configuration": claimed, "data": {"a": "global: {}"}}, None
    )


def test_without_a_parser_nothing_is_known() -> None:
    assert "configuration" not in make.resource({**make.obj("ConfigMap"), "data": {"a": "global: {}"}}).body


@pytest.mark.parametrize("data", [{"a": 5}, ["a"], "a", {"a": {"b": "c"}}])
def test_data_of_another_type_is_refused(data: Any) -> None:
    assert kept(data).content.refused.startswith("data")


def test_no_data() -> None:
    assert kept(None).body == make.obj("ConfigMap")
    assert kept({"a": None}).body["data"] == {"a": {"class": "text", "length": 0}}


def test_what_was_kept_comes_back_as_it_was() -> None:
    text = "global: {}\nremote_write: [{}]\nstorage: {tsdb: {retention: {time: 1d}}}\n"
    content = kept({"a": text, "b": "global: [", "c": "x"}).content
    assert restore("ConfigMap", content.json).json == content.json


@pytest.mark.parametrize(
    "configuration",
    [
        b'{"a":{"settings":{"storage":5}}}',
        b'{"a":{"settings":{"overrides":{"t":{"retention_stream":[5]}}}}}',
        b'{"a":5}',
        b'{"a":{"fault":{}}}',
    ],
)
def test_a_snapshot_may_come_from_anybody(configuration: bytes) -> None:
    data = (
        b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"configuration":'
        + configuration
        + b"}"
    )
    assert restore("ConfigMap", data).refused.startswith("configuration")


def test_texts_in_a_snapshot_are_marked() -> None:
    data = (
        b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"token":"hunter2","a":"b"}}'
    )
    content = restore("ConfigMap", data)
    assert content.body["data"] == {
        "token": {"class": "named", "length": 7},
        "a": {"class": "text", "length": 1},
    }
    assert restore("ConfigMap", content.json).json == content.json
