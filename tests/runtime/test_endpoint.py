"""What may be said of an address, by a flag and in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.cli.wanted import Flags, wanted
from auditor.collect.runtime.endpoint import Endpoint, endpoint
from auditor.config.file import read_config
from auditor.errors import ConfigError, UsageError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("monitoring/k8s=http://localhost:9090", "http://localhost:9090"),
        ("monitoring/k8s=https://metrics.example.com/prometheus/", "https://metrics.example.com/prometheus/"),
        ("monitoring/k8s=http://[::1]:9090", "http://[::1]:9090"),
        ("monitoring/k8s=http://metrics.example.com/a=b", "http://metrics.example.com/a=b"),
    ],
)
def test_a_flag(text: str, url: str) -> None:
    one = endpoint(text)
    assert (one.namespace, one.name, one.url) == ("monitoring", "k8s", url)


WRONG = {
    "http://localhost:9090": "is not NAMESPACE/NAME=URL",
    "k8s=http://localhost:9090": "'k8s' is not NAMESPACE/NAME of an object",
    "a/b/c=http://localhost:9090": "'a/b/c' is not NAMESPACE/NAME",
    "Monitoring/k8s=http://localhost:9090": "is not NAMESPACE/NAME",
    "monitoring/k8s=localhost:9090": "is no URL that begins with http:// or https://",
    "monitoring/k8s=": "is no URL that begins with",
    "monitoring/k8s=ftp://localhost": "is no URL that begins with",
    "monitoring/k8s=file:///etc/passwd": "is no URL that begins with",
    "monitoring/k8s=http://": "is no URL that begins with",
    "monitoring/k8s=http://localhost:99999": "is no URL",
    "monitoring/k8s=http://localhost:0": "is no URL that begins with",
    "monitoring/k8s=http://[::1": "is no URL",
    "monitoring/k8s=http://ada:s3cret@localhost": "holds a user name or password",
    "monitoring/k8s=http://localhost?token=s3cret": "no query",
    "monitoring/k8s=http://localhost/#a": "no query, fragment",
    "monitoring/k8s=http://localhost/a b": "blank",
    "monitoring/k8s=http://localhost/ä": "outside ASCII",
    "monitoring/k8s=http://localhost/\r\nHost: x": "blank",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_flag(text: str) -> None:
    for flags in (Flags(prometheus=[text]), Flags(alertmanager=["a/b=http://localhost", text])):
        with pytest.raises(UsageError) as failed:
            wanted(flags, ["table"])
        flag = "--prometheus" if flags.prometheus else "--alertmanager"
        assert str(failed.value).startswith(f"{flag}: one of the values ")
        assert WRONG[text] in str(failed.value)
        assert "s3cret" not in str(failed.value)


def test_a_snapshot_has_what_was_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--prometheus cannot be combined with --snapshot"):
        wanted(Flags(snapshot="s", prometheus=["a/b=http://localhost"]), ["table"])
    file = tmp_path / "auditor.yaml"
    file.write_text("runtime: {prometheus: [{workload: a/b, url: 'http://localhost'}]}\n")
    assert not wanted(Flags(snapshot="s", config=file), ["table"]).endpoints
    assert wanted(Flags(config=file), ["table"]).endpoints["prometheus"] == (
        Endpoint("a/b", "http://localhost"),
    )


def test_the_file(tmp_path: Path) -> None:
    file = tmp_path / "auditor.yaml"
    file.write_text(
        "runtime:\n"
        "  prometheus:\n"
        "    - workload: monitoring/k8s\n"
        "      url: https://metrics.example.com\n"
        "      token_file: token\n"
        "      certificate_authority: /etc/ca.crt\n"
        "      client_certificate: a.crt\n"
        "      client_key: a.key\n"
    )
    [one] = read_config(file).settings.runtime.prometheus
    assert one == Endpoint(
        "monitoring/k8s",
        "https://metrics.example.com",
        token_file=str(tmp_path / "token"),
        certificate_authority="/etc/ca.crt",
        client_certificate=str(tmp_path / "a.crt"),
        client_key=str(tmp_path / "a.key"),
    )


def test_a_flag_stands_in_for_the_file(tmp_path: Path) -> None:
    file = tmp_path / "auditor.yaml"
    file.write_text("runtime: {prometheus: [{workload: a/b, url: 'http://one'}]}\n")
    found = wanted(Flags(config=file, prometheus=["c/d=http://two", "c/d=http://two/"]), ["table"])
    assert [one.url for one in found.endpoints["prometheus"]] == ["http://two/"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{workload: a, url: 'http://b'}", "2: runtime.prometheus.0.workload: 'a' is not NAMESPACE/NAME"),
        ("{workload: a/b, url: b}", "2: runtime.prometheus.0.url: is no URL"),
        ("{workload: a/b, url: 'http://b', token_file: t}", "token_file: is for https:// alone"),
        ("{workload: a/b, url: 'http://b', certificate_authority: t}", "certificate_authority: is for https"),
        ("{workload: a/b, url: 'https://b', client_key: t}", "client_key: needs client_certificate"),
        ("{workload: a/b, url: 'https://b', client_certificate: t}", "client_certificate: needs client_key"),
        ("{workload: a/b, url: 'https://b', token_file: ''}", "token_file: is empty"),
        ("{workload: a/b, url: 'https://b', token: s3cret}", "token"),
        ("{workload: a/b}", "url"),
        (
            "{workload: a/b, url: 'http://b'}, {workload: a/b, url: 'http://b/'}",
            "runtime.prometheus.1: stands there twice",
        ),
    ],
)
def test_a_wrong_file(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "auditor.yaml"
    file.write_text(f"runtime:\n  prometheus: [{text}]\n")
    with pytest.raises(ConfigError) as failed:
        read_config(file)
    assert says in str(failed.value)
    assert "s3cret" not in str(failed.value)
