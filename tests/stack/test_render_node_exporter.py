"""The real node-exporter takes its flags, exports what the rules name, and answers Prometheus alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import urllib3

from tests.stack.exporters import node_exporter
from tests.stack.loopback import certificates, client
from tests.stack.render import DEPLOY, overlay

PARTS = ("monitoring-node/node-exporter", "monitoring/prometheus", "monitoring/alertmanager")


class Exporter(NamedTuple):
    """One that runs, and the certificates of the stack."""

    url: str
    tls: dict[str, Path]
    log: Path

    def scrape(self, shown: Path | None) -> str:
        """Ask for its metrics, with a certificate or without."""
        pool = client(self.tls["node-exporter"], shown)
        answer = pool.request("GET", f"{self.url}/metrics", retries=False, timeout=20)
        assert answer.status == 200
        return answer.data.decode()


@pytest.fixture(scope="module", name="exporter")
def _exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    folder = tmp_path_factory.mktemp("exporter")
    tls = certificates(folder / "tls", *PARTS)
    with node_exporter(folder / "exporter", overlay("ha"), tls) as url:
        yield Exporter(url, tls, folder / "exporter/log")


def test_series_of_the_rules_are_exported(exporter: Exporter) -> None:
    rules = (DEPLOY / "base/rules/infrastructure.yml").read_text()
    named = set(re.findall(r"(?<![\w:])node_[a-z]\w*(?![\w:])", rules))
    assert len(named) >= 6
    exported = set(re.findall(r"^(node_\w+)", exporter.scrape(exporter.tls["prometheus"]), re.MULTILINE))
    assert named - exported == set()


def test_scrapes_are_whole(exporter: Exporter) -> None:
    """A collector that a flag has broken would say so."""
    text = exporter.scrape(exporter.tls["prometheus"])
    collectors = dict(
        re.findall(r'^node_scrape_collector_success\{collector="(\w+)"\} (\d)', text, re.MULTILINE)
    )
    assert {collectors[name] for name in ("cpu", "filesystem", "meminfo", "netdev", "timex")} == {"1"}
    assert not {"btrfs", "hwmon", "wifi"} & collectors.keys()


@pytest.mark.parametrize("shown", [None, "alertmanager", "node-exporter"])
def test_others_get_no_answer(exporter: Exporter, shown: str | None) -> None:
    with pytest.raises(urllib3.exceptions.HTTPError, match=r"(?i)certificate|reset|alert|EOF|aborted"):
        exporter.scrape(exporter.tls[shown] if shown else None)


def test_logs_are_json(exporter: Exporter) -> None:
    lines = [
        line for line in exporter.log.read_text().splitlines() if "http: TLS handshake error" not in line
    ]
    assert len(lines) > 3
    assert all(json.loads(line).keys() >= {"time", "level", "msg"} for line in lines)
