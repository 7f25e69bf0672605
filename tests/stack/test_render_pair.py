"""Two real replicas of Prometheus, one real Alertmanager: an alert of both is one, and is told once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tests.stack.loopback import certificates, client, container, running, until
from tests.stack.receiver import receiver
from tests.stack.render import COMPONENT_SETTINGS, SETTINGS, Object, find, own_overlay
from tools import build

PROMETHEUS = ("StatefulSet", "prometheus")
ALERTMANAGER = ("StatefulSet", "alertmanager")
REPLICAS = ("prometheus-0", "prometheus-1")


@contextmanager
def alertmanager(folder: Path, listed: list[Object], tls: Path, hook: str) -> Iterator[str]:
    """Run Alertmanager with every receiver at the hook; yield its URL."""
    values = {"EXTERNAL_URL": SETTINGS["alertmanagerUrl"]}
    args = container(listed, ALERTMANAGER, "alertmanager", folder, tls, values)
    (folder / "receivers").mkdir()
    for name in ("page", "ticket", "deadman"):
        (folder / "receivers" / f"{name}-url").write_text(hook + name)
    args = [argument for argument in args if not argument.startswith("--storage.path=")]
    args += [f"--storage.path={folder}/data", "--web.listen-address=127.0.0.1:0"]
    program = build.tool_bin("alertmanager") / "alertmanager"
    with running(program, args, folder / "log", client(tls)) as url:
        yield url


@contextmanager
def prometheus(folder: Path, listed: list[Object], tls: Path, replica: str, target: str) -> Iterator[str]:
    """Run a replica that scrapes nothing and sends to one Alertmanager; yield its URL."""
    filled = {
        "POD_NAME": replica,
        "CLUSTER": SETTINGS["cluster"],
        "ENVIRONMENT": SETTINGS["environment"],
        "RETENTION_TIME": SETTINGS["retentionTime"],
        "RETENTION_SIZE": SETTINGS["retentionSize"],
        "EXTERNAL_URL": SETTINGS["prometheusUrl"],
    }
    args = container(listed, PROMETHEUS, "prometheus", folder, tls, filled)
    text = find(listed, "ConfigMap", "prometheus-config")["data"]["prometheus.yml"]
    for key, value in filled.items():
        text = text.replace(f"$({key})", value)
    config = yaml.safe_load(text.replace("/etc/prometheus", str(folder)))
    del config["scrape_config_files"]
    [one] = config["alerting"]["alertmanagers"]
    del one["kubernetes_sd_configs"], one["relabel_configs"]
    one["static_configs"] = [{"targets": [target]}]
    (folder / "out").mkdir()
    (folder / "out/prometheus.yml").write_text(yaml.safe_dump(config))
    args = [argument for argument in args if not argument.startswith("--storage.tsdb.path=")]
    args += [f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:0"]
    with running(build.tool_bin("prometheus") / "prometheus", args, folder / "log", client(tls)) as url:
        yield url


def sent(url: str, tls: Path) -> float:
    """How many notifications a replica has sent."""
    lines = client(tls).request("GET", f"{url}/metrics").data.decode().splitlines()
    counts = [line.split()[-1] for line in lines if line.startswith("prometheus_notifications_sent_total")]
    return sum(map(float, counts))


def test_an_alert_of_two_replicas_is_one(tmp_path: Path) -> None:
    listed = own_overlay(["high-availability"], SETTINGS | COMPONENT_SETTINGS)
    tls = certificates(tmp_path / "tls", "monitoring/alertmanager", "monitoring/prometheus")
    with ExitStack() as stack:
        hook, told = stack.enter_context(receiver())
        notifier = stack.enter_context(alertmanager(tmp_path / "a", listed, tls["alertmanager"], hook))
        target = urlsplit(notifier).netloc
        replicas = [
            stack.enter_context(prometheus(tmp_path / name, listed, tls["prometheus"], name, target))
            for name in REPLICAS
        ]
        until(lambda: all(sent(url, tls["prometheus"]) >= 1 for url in replicas))
        watchdogs = [
            alert["labels"]
            for alert in client(tls["alertmanager"]).request("GET", f"{notifier}/api/v2/alerts").json()
            if alert["labels"]["alertname"] == "Watchdog"
        ]
        [labels] = watchdogs
        assert (labels["cluster"], labels["environment"]) == ("north-1", "production")
        assert "replica" not in labels
        until(lambda: bool(told))
        notified = [one for one in told if one["commonLabels"]["alertname"] == "Watchdog"]
        assert [(one["receiver"], one["status"], len(one["alerts"])) for one in notified] == [
            ("deadman", "firing", 1)
        ]
