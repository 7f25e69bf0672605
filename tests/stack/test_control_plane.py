"""The real scheduler and controller manager answer Prometheus as the component asks, and nobody else."""

from __future__ import annotations

import copy
import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3
import yaml

from tests.stack.loopback import ACCOUNT, until
from tests.stack.render import find, own_overlay
from tools import build
from tools.cluster import ControlPlane, processes

LISTED = own_overlay(["self-managed-control-plane"])
PORTS = {"kube-scheduler": "10259", "kube-controller-manager": "10257"}
KINDS = ("Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding")


class Cluster(NamedTuple):
    """Prometheus, and where its targets listen by the name of the job."""

    prometheus: str
    targets: dict[str, str]
    plane: ControlPlane

    def health(self) -> dict[str, tuple[str, str]]:
        """What Prometheus says of its targets, by job: health and error."""
        answer = urllib3.PoolManager().request("GET", f"{self.prometheus}/api/v1/targets", timeout=10)
        if answer.status != 200:  # it is starting
            return {}
        found = answer.json()["data"]["activeTargets"]
        return {one["scrapePool"]: (one["health"], one["lastError"]) for one in found}


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate of the cluster's CA, as the README wants it; the CA is made if it is not there."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    if not (folder / "ca.crt").exists():
        openssl("req", "-x509", *key, "-days=2", "-subj=/CN=cluster", "-keyout=ca.key", "-out=ca.crt")
    openssl("req", *key, f"-subj=/CN={name}", f"-keyout={name}.key", f"-out={name}.csr")
    (folder / "extensions").write_text(f"subjectAltName=DNS:{name}\n")
    signed = ["-CA=ca.crt", "-CAkey=ca.key", "-CAcreateserial", "-days=2", "-extfile=extensions"]
    openssl("x509", "-req", f"-in={name}.csr", *signed, f"-out={name}.crt")
    return folder / f"{name}.crt", folder / f"{name}.key"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def configuration(folder: Path, targets: dict[str, str], token: str) -> Path:
    """The jobs of the component, with targets of the test's; one more asks who made its own certificate."""
    text = find(LISTED, "ConfigMap", "prometheus-scrape")["data"]["control-plane.yml"]
    jobs = {one["job_name"]: one for one in yaml.safe_load(text)["scrape_configs"]}
    jobs["self-signed"] = copy.deepcopy(jobs["kube-scheduler"]) | {"job_name": "self-signed"}
    del jobs["etcd"]
    for name, job in jobs.items():
        component = "kube-scheduler" if name == "self-signed" else name
        del job["kubernetes_sd_configs"]
        meta = "__meta_kubernetes_pod"
        labels = {f"{meta}_label_tier": "control-plane", f"{meta}_label_component": component}
        job["static_configs"] = [{"targets": ["pod"], "labels": labels | {f"{meta}_ip": "127.0.0.1"}}]
        [address] = [rule for rule in job["relabel_configs"] if rule.get("target_label") == "__address__"]
        assert address["replacement"] == f"$1:{PORTS[component]}"
        address["replacement"] = f"$1:{targets[name].rpartition(':')[2]}"
    (folder / "token").write_text(token)
    every = {"scrape_interval": "2s", "scrape_timeout": "2s"}
    written = yaml.safe_dump({"global": every, "scrape_configs": list(jobs.values())})
    path = folder / "prometheus.yml"
    path.write_text(written.replace(ACCOUNT, str(folder)))
    return path


def arguments(plane: ControlPlane, port: int) -> list[str | Path]:
    """As kubeadm starts them: callers are looked up at the API server."""
    access = [f"--{kind}kubeconfig={plane.kubeconfig}" for kind in ("", "authentication-", "authorization-")]
    own = ["--leader-elect=false", "--bind-address=127.0.0.1", f"--secure-port={port}"]
    return [*access, *own]


@pytest.fixture(scope="module", name="cluster")
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("control-plane")
    with ExitStack() as stack:
        plane = stack.enter_context(ControlPlane(folder / "plane", nodes=0, controllers=False))
        first = [one for kind in KINDS for one in LISTED if one["kind"] == kind]
        body = json.dumps({"apiVersion": "v1", "kind": "List", "items": first})
        plane.kubectl("apply", "--server-side", "-f", "-", input=body)
        token = plane.kubectl("create", "token", "prometheus", "-n", "monitoring").strip()
        targets = {}
        for name in (*PORTS, "self-signed"):
            port = free_port()
            targets[name] = f"127.0.0.1:{port}"
            program = "kube-scheduler" if name == "self-signed" else name
            args = arguments(plane, port)
            if name == "self-signed":
                args.append(f"--cert-dir={folder}/own")
            else:
                crt, key = certificate(folder, name)
                args += [f"--tls-cert-file={crt}", f"--tls-private-key-file={key}"]
            if program == "kube-controller-manager":
                args += ["--controllers=namespace-controller", f"--flex-volume-plugin-dir={folder}/flex"]
            command = [build.tool_bin("kubernetes") / program, *args]
            process = processes.spawn(name, command, folder / f"{name}.log", die_with_parent=True)
            stack.callback(processes.stop, process)
        listen = f"127.0.0.1:{free_port()}"
        flags = [f"--config.file={configuration(folder, targets, token)}"]
        flags += [f"--storage.tsdb.path={folder}/data", f"--web.listen-address={listen}"]
        command = [build.tool_bin("prometheus") / "prometheus", *flags]
        process = processes.spawn("prometheus", command, folder / "prometheus.log", die_with_parent=True)
        stack.callback(processes.stop, process)
        cluster = Cluster(f"http://{listen}", targets, plane)

        def up() -> bool:
            try:
                return len(cluster.health()) == len(targets)
            except urllib3.exceptions.HTTPError:
                return False

        processes.wait_for("knowing its targets", up, process, folder / "prometheus.log", 60)
        yield cluster


def test_both_answer_by_their_certificates(cluster: Cluster) -> None:
    until(lambda: [cluster.health()[name][0] for name in PORTS] == ["up", "up"])


def test_whoever_made_a_certificate_alone_gets_no_token(cluster: Cluster) -> None:
    until(lambda: "x509" in cluster.health()["self-signed"][1])
    assert cluster.health()["self-signed"][0] == "down"


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("name", PORTS)
def test_nobody_else_is_answered(cluster: Cluster, name: str) -> None:
    """By the API server's word: without a token, and with one of an account without the right."""
    until(lambda: cluster.health()[name][0] == "up")
    pool = urllib3.PoolManager(cert_reqs="CERT_NONE")

    def status(**headers: str) -> Any:
        url = f"https://{cluster.targets[name]}/metrics"
        return pool.request("GET", url, headers=headers, retries=False, timeout=10).status

    token = cluster.plane.kubectl("create", "token", "alertmanager", "-n", "monitoring").strip()
    assert status() == 403
    assert status(Authorization=f"Bearer {token}") == 403
    assert status(Authorization="Bearer made-up") == 401
