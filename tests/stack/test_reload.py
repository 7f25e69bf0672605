"""The real config-reloader fills in the configuration, and has it reloaded by who uses it when it changes."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
import yaml

from tests.stack import alone
from tests.stack.containers import write_volume
from tests.stack.loopback import client, until
from tests.stack.pods import Notifier, Replica
from tests.stack.render import SETTINGS
from tools.cluster import processes

SECONDS = 90
"""Well below the three minutes after which it would look by itself."""
NEW = {"groups": [{"name": "own", "rules": [{"record": "own:one", "expr": "vector(1)"}]}]}


@pytest.fixture(scope="module", name="replica")
def _replica(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    with alone.replica(tmp_path_factory.mktemp("replica")) as one:
        yield one


@pytest.fixture(scope="module", name="notifier")
def _notifier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notifier]:
    with alone.notifier(tmp_path_factory.mktemp("notifier")) as one:
        yield one


def files(place: Path) -> dict[str, str]:
    """What a volume holds."""
    return {path.name: path.read_text() for path in sorted((place / "..data").iterdir())}


def groups(replica: Replica) -> set[str]:
    return {group["name"] for group in replica.get("rules")["groups"]}


def successes(one: Replica | Notifier) -> tuple[float, float]:
    """What the server and the reloader say of the last reload."""
    kind = "prometheus" if isinstance(one, Replica) else "alertmanager"
    server = one.metric(f"{kind}_config_last_reload_successful")
    return server, one.metric("reloader_last_reload_successful", reloader=True)


def test_the_environment_is_filled_in(replica: Replica) -> None:
    filled = yaml.safe_load((replica.folder / "out/prometheus.yml").read_text())
    assert filled["global"]["external_labels"] == {
        "cluster": SETTINGS["cluster"],
        "environment": SETTINGS["environment"],
        "replica": "prometheus-0",
    }
    assert filled["storage"]["tsdb"]["retention"] == {
        "time": SETTINGS["retentionTime"],
        "size": SETTINGS["retentionSize"],
    }
    assert replica.get("status/runtimeinfo")["storageRetention"] == "17d or 21GiB"
    assert successes(replica) == (1, 1)


def test_a_changed_rule_is_served_by_the_same_process(replica: Replica) -> None:
    place = replica.folder / "rules"
    before = files(place)
    assert replica.server
    try:
        write_volume(place, before | {"own.yml": yaml.safe_dump(NEW)})
        until(lambda: "own" in groups(replica), SECONDS)
        assert processes.is_running(replica.server.process)
        until(lambda: successes(replica) == (1, 1), SECONDS)
    finally:
        write_volume(place, before)
    until(lambda: "own" not in groups(replica), SECONDS)


def test_broken_rules_change_nothing_but_a_metric(replica: Replica) -> None:
    place = replica.folder / "rules"
    before, served = files(place), groups(replica)
    try:
        write_volume(place, before | {"slo.yml": before["slo.yml"] + "\n  - name: [broken"})
        until(lambda: successes(replica) == (0, 0), SECONDS)
        assert groups(replica) == served
    finally:
        write_volume(place, before)
    until(lambda: successes(replica) == (1, 1), SECONDS)


def test_a_changed_configuration_is_filled_in_again(replica: Replica) -> None:
    place = replica.folder / "config"
    before = files(place)
    config = yaml.safe_load(before["prometheus.yml"])
    config["global"]["external_labels"]["told"] = "$(CLUSTER)-$(POD_NAME)"

    def told() -> str | None:
        loaded = yaml.safe_load(replica.get("status/config")["yaml"])
        value: str | None = loaded["global"]["external_labels"].get("told")
        return value

    try:
        write_volume(place, {"prometheus.yml": yaml.safe_dump(config)})
        until(lambda: told() == f"{SETTINGS['cluster']}-prometheus-0", SECONDS)
    finally:
        write_volume(place, before)
    until(lambda: told() is None, SECONDS)


def test_alertmanager_takes_a_change_and_refuses_a_broken_one(notifier: Notifier) -> None:
    place = notifier.folder / "config"
    before = files(place)

    def receivers() -> list[str]:
        return [one["name"] for one in notifier.get("receivers")]

    assert "own" not in receivers()
    changed = before["alertmanager.yml"] + "  - name: own\n"
    try:
        write_volume(place, {"alertmanager.yml": changed})
        until(lambda: "own" in receivers(), SECONDS)
        until(lambda: successes(notifier) == (1, 1), SECONDS)
        write_volume(place, {"alertmanager.yml": changed.replace("receiver: ticket", "receiver: typo")})
        until(lambda: successes(notifier) == (0, 0), SECONDS)
        assert "own" in receivers()
    finally:
        write_volume(place, before)
    until(lambda: "own" not in receivers(), SECONDS)
    until(lambda: successes(notifier) == (1, 1), SECONDS)


def test_reloaders_speak_tls_1_3_with_all_headers(replica: Replica, notifier: Notifier) -> None:
    for one in (replica, notifier):
        assert one.reloader
        expected = yaml.safe_load((one.folder / "web/web-config.yml").read_text())["http_server_config"][
            "headers"
        ]
        answer = client(one.tls).request("GET", f"{one.reloader.url}/healthz")
        assert {key: answer.headers.get(key) for key in expected} == expected
        context = ssl.create_default_context(cafile=str(one.tls / "ca.crt"))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        pool = urllib3.PoolManager(ssl_context=context)
        with pytest.raises(urllib3.exceptions.SSLError, match=r"(?i)protocol.version"):
            pool.request("GET", f"{one.reloader.url}/healthz", retries=False)


def test_reloaders_log_json(replica: Replica) -> None:
    assert replica.reloader
    lines = replica.reloader.log.read_text().splitlines()
    ours = [line for line in lines if "http: TLS handshake error" not in line]
    assert ours
    assert all(json.loads(line).keys() >= {"level", "msg"} for line in ours)
