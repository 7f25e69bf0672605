"""A snapshot of each volume of the stack; then those that are too old are deleted.

    snapshots.py [FOLDER]

Runs in the CronJob `backup`, by the standard library alone, as the ServiceAccount whose token and CA are in
FOLDER. What it is to do stands in its environment:

SELECTOR        the claims to make snapshots of
SNAPSHOT_CLASS  the VolumeSnapshotClass; empty: that of the cluster for the driver
KEEP            how many snapshots of each claim to keep, ready ones, the newest
RUN             what the snapshots of this run are named after; a run that is repeated makes no second ones
WAIT_SECONDS    how long a snapshot may take until it is ready

Says what it does as one JSON object a line. Exits with 1, and deletes nothing of a claim whose snapshot of
this run is not ready: a backup that does not work must not use up those that did.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import sys
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Object = dict[str, Any]

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
GROUP = "snapshot.storage.k8s.io/v1"
LABELS = {
    "app.kubernetes.io/name": "backup",
    "app.kubernetes.io/component": "snapshot",
    "app.kubernetes.io/instance": "monitoring",
    "app.kubernetes.io/part-of": "monitoring-stack",
    "app.kubernetes.io/managed-by": "backup",
}
"""Of the snapshots that this program makes, and of all that it ever deletes."""
TIMEOUT = 20.0
PAUSE = 2.0


class BackupError(Exception):
    """The run has failed; the message says of what, and what the API server said."""


def say(message: str, **fields: object) -> None:
    """Print one line of the log."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    sys.stdout.write(json.dumps({"time": stamp, "msg": message, **fields}) + "\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Server:
    """The API server, as a ServiceAccount sees it."""

    host: str
    port: int
    account: Path

    @property
    def namespace(self) -> str:
        """The namespace of the account."""
        return (self.account / "namespace").read_text().strip()

    def ask(self, method: str, path: str, body: Object | None = None, accept: int = 0) -> Object:
        """Send one request; return the answer, {} if its status is `accept`; raise `BackupError` otherwise.

        The token is read each time, since it is renewed while this runs.
        """
        context = ssl.create_default_context(cafile=str(self.account / "ca.crt"))
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=TIMEOUT, context=context)
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Content-Type": kind, "Accept": "application/json"}
        headers["Authorization"] = " ".join(("Bearer", (self.account / "token").read_text().strip()))
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status == accept:
                return {}
            if answer.status >= 300:
                raise BackupError(f"{method} {path}: {answer.status} {_reason(said)}")
            return dict(json.loads(said))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise BackupError(f"{method} {path}: {error}") from error
        finally:
            connection.close()

    def snapshots(self, name: str = "") -> str:
        """Return the path of the snapshots, or of one."""
        return f"/apis/{GROUP}/namespaces/{self.namespace}/volumesnapshots{name and '/' + name}"


def _reason(said: bytes) -> str:
    try:
        return str(json.loads(said)["message"])
    except (ValueError, KeyError, TypeError):
        return said[:200].decode(errors="replace")


def selected(labels: str) -> str:
    """Return a label selector as a query."""
    return "?" + urllib.parse.urlencode({"labelSelector": labels})


def claims(server: Server, selector: str) -> list[str]:
    """Return the names of the claims that have a volume; raise `BackupError` if there is none."""
    path = f"/api/v1/namespaces/{server.namespace}/persistentvolumeclaims{selected(selector)}"
    found = server.ask("GET", path)["items"]
    for one in found:
        if one["status"].get("phase") != "Bound":
            say("left out: the claim has no volume", claim=one["metadata"]["name"])
    names = [one["metadata"]["name"] for one in found if one["status"].get("phase") == "Bound"]
    if not names:
        raise BackupError(f"no claim in {server.namespace} with a volume has {selector}: nothing to back up")
    return sorted(names)


def make(server: Server, claim: str, run: str, snapshot_class: str) -> str:
    """Ask for a snapshot of a claim; return its name. One that is there, from an earlier try, is that one."""
    name = f"{claim}-{run}"
    spec: Object = {"source": {"persistentVolumeClaimName": claim}}
    if snapshot_class:
        spec["volumeSnapshotClassName"] = snapshot_class
    metadata = {"name": name, "labels": LABELS}
    body = {"apiVersion": GROUP, "kind": "VolumeSnapshot", "metadata": metadata, "spec": spec}
    made = server.ask("POST", server.snapshots(), body, accept=http.HTTPStatus.CONFLICT)
    say("snapshot asked for" if made else "snapshot is there already", claim=claim, snapshot=name)
    return name


def wait(server: Server, names: dict[str, str], seconds: float) -> dict[str, str]:
    """Wait for the snapshots of claims; return the claims whose snapshot is not ready, with the reason."""
    deadline = time.monotonic() + seconds
    waiting = dict.fromkeys(
        names, "no controller has looked at it: are the CSI snapshotter and its class there?"
    )
    while True:
        for claim in list(waiting):
            status = server.ask("GET", server.snapshots(names[claim])).get("status", {})
            if status.get("readyToUse"):
                say("snapshot is ready", claim=claim, snapshot=names[claim])
                del waiting[claim]
            elif status:
                waiting[claim] = status.get("error", {}).get("message", "it is still being made")
        if not waiting or time.monotonic() >= deadline:
            return waiting
        time.sleep(PAUSE)


def outdated(snapshots: list[Object], keep: int) -> list[Object]:
    """Return those of one claim that are older than the newest `keep` that are ready."""
    newest = sorted(snapshots, key=_age, reverse=True)
    ready = [one for one in newest if one.get("status", {}).get("readyToUse")]
    if len(ready) <= keep:
        return []
    return [one for one in newest if _age(one) < _age(ready[keep - 1])]


def _age(one: Object) -> tuple[str, str]:
    return one["metadata"]["creationTimestamp"], one["metadata"]["name"]


def prune(server: Server, claim: str, keep: int) -> None:
    """Delete the outdated snapshots of a claim, and what the storage holds for them.

    The class retains what is on the storage when a snapshot is deleted, against mistakes. Here it is meant,
    so that the content is told first.
    """
    labels = ",".join(f"{key}={value}" for key, value in LABELS.items())
    listed = server.ask("GET", server.snapshots() + selected(labels))["items"]
    own = [
        one
        for one in listed
        if one["spec"]["source"].get("persistentVolumeClaimName") == claim
        and "deletionTimestamp" not in one["metadata"]
    ]
    for one in outdated(own, keep):
        metadata = one["metadata"]
        if content := one.get("status", {}).get("boundVolumeSnapshotContentName"):
            path = f"/apis/{GROUP}/volumesnapshotcontents/{content}"
            found = server.ask("GET", path, accept=http.HTTPStatus.NOT_FOUND)
            if found and found["spec"]["volumeSnapshotRef"].get("uid") != metadata["uid"]:
                raise BackupError(f"{metadata['name']}: its content {content} belongs to another snapshot")
            if found:
                server.ask("PATCH", path, {"spec": {"deletionPolicy": "Delete"}})
        precondition = {"preconditions": {"uid": metadata["uid"]}}
        server.ask("DELETE", server.snapshots(metadata["name"]), precondition, http.HTTPStatus.NOT_FOUND)
        say("snapshot deleted: it is older than those to keep", claim=claim, snapshot=metadata["name"])


def main(arguments: list[str]) -> int:
    """Make the snapshots, wait for them, delete old ones; return the exit code."""
    try:
        environment = os.environ
        host, port = environment["KUBERNETES_SERVICE_HOST"], int(environment["KUBERNETES_SERVICE_PORT"])
        server = Server(host, port, Path(arguments[0] if arguments else ACCOUNT))
        keep, seconds = int(environment["KEEP"]), float(environment["WAIT_SECONDS"])
        if keep < 1:
            raise BackupError(f"KEEP is {keep}: at least 1 snapshot has to be kept")
        names = {
            claim: make(server, claim, environment["RUN"], environment["SNAPSHOT_CLASS"])
            for claim in claims(server, environment["SELECTOR"])
        }
        missing = wait(server, names, seconds)
        for claim in names.keys() - missing.keys():
            prune(server, claim, keep)
        for claim, reason in missing.items():
            say("FAILED: the snapshot is not ready", claim=claim, snapshot=names[claim], reason=reason)
        return 1 if missing else 0
    except KeyError as error:
        say(f"FAILED: {error} is missing in the environment, or in an answer of the API server")
    except (BackupError, OSError, ValueError) as error:
        say(f"FAILED: {error}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
