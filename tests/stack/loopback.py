"""Programs of the stack, started on loopback with what is rendered for their containers.

Only addresses and folders differ: what is mounted below /etc lies in a folder of the test's.
"""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import urllib3
import yaml

from tests.stack.render import DEPLOY, Object, find
from tools.cluster import ControlPlane, processes

START_SECONDS = 60.0
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where a container finds the token of its ServiceAccount, and the CA of the API server."""


def certificates(folder: Path, *parts: str) -> dict[str, Path]:
    """Make certificates as a user does; return a folder with ca.crt, tls.crt and tls.key for each part."""
    script = [str(DEPLOY / "certificates.sh"), "--days", "2", *parts]
    printed = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    made = {}
    for secret in yaml.safe_load_all(printed):
        name = secret["metadata"]["name"].removesuffix("-tls")
        made[name] = folder / name
        made[name].mkdir(parents=True)
        for key, value in secret["data"].items():
            (made[name] / key).write_bytes(base64.b64decode(value))
    return made


def container(
    listed: Sequence[Object],
    workload: tuple[str, str],
    name: str,
    folder: Path,
    tls: Path,
    values: Mapping[str, str],
) -> list[str]:
    """Lay out what a container finds mounted, moved from /etc/NAME to a folder; return its arguments.

    `values` stand for the variables of its environment.
    """
    one = find(listed, *workload)
    spec = one["spec"]["template"]["spec"]
    [body] = [body for body in spec["containers"] if body["name"] == name]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    root = f"/etc/{workload[1]}"

    def moved(text: str) -> str:
        text = text.replace(root, str(folder)).replace(ACCOUNT, str(folder / "account"))
        for key, value in values.items():
            text = text.replace(f"$({key})", value)
        return text

    for mount in body["volumeMounts"]:
        volume = volumes.get(mount["name"], {})
        place = Path(moved(mount["mountPath"]))
        if "configMap" in volume:
            place.mkdir(parents=True)
            for key, content in find(listed, "ConfigMap", volume["configMap"]["name"])["data"].items():
                (place / key).write_text(moved(content))
        elif volume.get("secret", {}).get("secretName") == f"{workload[1]}-tls":
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(tls)
    return [moved(argument) for argument in body["args"]]


@contextmanager
def running(
    program: Path, args: Sequence[str], log: Path, pool: urllib3.PoolManager, ready: str = "/-/ready"
) -> Iterator[str]:
    """Run a program that listens at a port of its own choice; yield its URL once it is ready there.

    Its log is JSON, and says where it listens.
    """
    process = processes.spawn(program.name, [program, *args], log, die_with_parent=True)

    def up() -> bool:
        try:
            return pool.request("GET", url(log) + ready, retries=False, timeout=5).status == 200
        except (LookupError, urllib3.exceptions.HTTPError):
            return False

    try:
        processes.wait_for("being ready", up, process, log, START_SECONDS)
        yield url(log)
    finally:
        processes.stop(process)


def url(log: Path) -> str:
    """Return where a program listens, by its log; raise `LookupError` if it does not say so yet."""
    lines = log.read_text().splitlines(keepends=True)
    said = [json.loads(line) for line in lines if line.endswith("\n") and "Listening on" in line]
    return f"https://{said[0]['address']}"


def client(ca: Path, own: Path | None = None) -> urllib3.PoolManager:
    """A client that trusts the CA of a part, and shows the certificate of another if it is given."""
    ca_certs = str(ca / "ca.crt")
    if own is None:
        return urllib3.PoolManager(ca_certs=ca_certs)
    return urllib3.PoolManager(
        ca_certs=ca_certs, cert_file=str(own / "tls.crt"), key_file=str(own / "tls.key")
    )


def kubeconfig(path: Path, plane: ControlPlane, account: str) -> Path:
    """Write access to an API server as a ServiceAccount of the namespace monitoring; return the path."""
    token = plane.kubectl("create", "token", account, "-n", "monitoring").strip()
    access = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": plane.url, "certificate-authority": str(plane.ca)}}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path.write_text(yaml.safe_dump(access))
    return path


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for a condition; fail if it does not come."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "the condition did not come about"
        time.sleep(0.1)
