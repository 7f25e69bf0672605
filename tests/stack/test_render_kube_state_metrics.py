"""The real kube-state-metrics reads what its role allows, and tells it to who may ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.stack.exporters import state_metrics
from tests.stack.loopback import certificates, client, until
from tests.stack.render import find, overlay
from tools.cluster import ControlPlane

NAME = "kube-state-metrics"


class Exporter(NamedTuple):
    """One that runs, and an API server that it reads."""

    url: str
    own: str
    plane: ControlPlane
    tls: Path

    def scrape(self, url: str, token: str) -> tuple[int, str]:
        """Ask for metrics with a token; return (status, text)."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = client(self.tls).request("GET", f"{url}/metrics", headers=headers, timeout=20)
        return answer.status, answer.data.decode()

    def token(self, account: str) -> str:
        return self.plane.kubectl("create", "token", account, "-n", "monitoring").strip()


@pytest.fixture(scope="module", name="exporter")
def _exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    """As its ServiceAccount, with no right but those of its role."""
    folder = tmp_path_factory.mktemp("exporter")
    kinds = "Namespace ServiceAccount ClusterRole ClusterRoleBinding".split()
    first = sorted(
        (one for one in overlay("ha") if one["kind"] in kinds), key=lambda one: kinds.index(one["kind"])
    )
    tls = certificates(folder / "tls", f"monitoring/{NAME}")[NAME]
    with ControlPlane(folder / "plane", nodes=0, controllers=False) as plane:
        plane.kubectl("apply", "--server-side", "-f", "-", input=yaml.safe_dump_all(first))
        with state_metrics(folder / NAME, overlay("ha"), plane, tls) as (main, own):
            yield Exporter(main, own, plane, tls)


def test_only_who_may_read_metrics_is_told(exporter: Exporter) -> None:
    """By the API server's word: nobody, somebody without the right, and Prometheus."""
    for url in (exporter.url, exporter.own):
        assert exporter.scrape(url, "")[0] == 401
        assert exporter.scrape(url, "made-up")[0] in (401, 500)  # it says 500, and no more
        assert exporter.scrape(url, exporter.token("alertmanager"))[0] == 403
        assert exporter.scrape(url, exporter.token("prometheus"))[0] == 200


def test_it_may_list_and_watch_all_that_it_is_told_to(exporter: Exporter) -> None:
    token = exporter.token("prometheus")
    [asked] = [
        argument.partition("=")[2].split(",")
        for argument in find(overlay("ha"), "Deployment", NAME)["spec"]["template"]["spec"]["containers"][0][
            "args"
        ]
        if argument.startswith("--resources=")
    ]

    def counts(result: str, verb: str) -> dict[str, float]:
        found = re.findall(
            rf'^kube_state_metrics_{verb}_total{{resource="\*v\d\w*\.(\w+)",result="{result}"}} (\S+)',
            exporter.scrape(exporter.own, token)[1],
            re.MULTILINE,
        )
        return {kind: float(count) for kind, count in found}

    until(lambda: len(counts("success", "watch")) == len(asked))
    assert counts("error", "list") == {}
    assert counts("error", "watch") == {}


def test_it_exports_no_secrets_and_no_config_maps(exporter: Exporter) -> None:
    text = exporter.scrape(exporter.url, exporter.token("prometheus"))[1]
    assert "kube_namespace_labels" in text or "kube_namespace_created" in text
    assert "kube_secret_" not in text
    assert "kube_configmap_" not in text
