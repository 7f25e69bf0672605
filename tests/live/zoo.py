"""Every sort of pod that a cluster can hold, in one cluster at the same time, and at rest.

Whatever is in flight stays there: a rollout waits an hour for its pods to be available, pods that are
deleted are held by a finalizer, Jobs wait for nodes that do not exist. So two lists are the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple
from uuid import uuid4

from tests.live import inhabitants as make
from tests.live.inhabitants import HELD
from tests.live.live import Object, apply, until, workload
from tools.cluster import ControlPlane

SECONDS = 180
"""For everything that is waited for; seconds on an idle machine."""
LIMIT = f"--timeout={SECONDS}s"

SETTLED = {
    "home/web main:1": 3,
    "home/moving main:1": 4,
    "home/db main:1": 2,
    "home/on-delete main:1": 2,
    "home/fleet main:1": 15,
    "home/evicted main:1": 2,
    "home/draining main:1": 2,
    "home/agent main:1": 2,
    "home/running main:1": 3,
    "home/failed main:1": 1,
    "home/nightly main:1": 2,
    "home/gone main:1": 2,
    "home/renewed main:1": 1,
    "home/left main:1": 1,
    "home/controlled main:1": 2,
    "home/stable main:1": 2,
}
"""What must be there before it is changed."""

CHANGED = {
    "home/web main:2": 3,
    "home/evicted main:1": 2,
    "home/draining main:1": 2,
    "home/draining main:1 deleted": 1,
    "home/on-delete main:1": 2,
    "home/renewed main:1 deleted": 1,
    "home/renewed main:2": 1,
}
"""What must be there before a sidecar is put into every new pod."""

POPULATION = {
    "home/web main:3": 2,
    "home/web main:3 debug:1": 1,
    "home/moving main:1": 3,
    "home/moving main:2": 2,
    "home/fleet main:1": 15,
    "home/fleet proxy:1 main:1": 5,
    "home/evicted main:1": 2,
    "home/draining main:1": 2,
    "home/draining main:1 deleted": 1,
    "home/pending main:1": 2,
    "home/windows main:1": 1,
    "home/operated main:1": 1,
    "home/db main:1": 1,
    "home/db main:2": 1,
    "home/queue main:1": 2,
    "home/agent main:1": 1,
    "home/agent proxy:1 main:1": 1,
    "home/on-delete main:1": 2,
    "home/running main:1": 2,
    "home/nightly main:1": 2,
    "home/step main:1": 1,
    "home/controlled main:1": 2,
    "home/controlled proxy:1 main:1": 1,
    "home/solo main:1": 1,
    "home/stable main:1": 2,
    "home/stable proxy:1 main:1": 1,
    "home/canary main:2": 1,
    "home/postgres main:1": 5,
    "home/postgres proxy:1 main:1": 1,
    "home/lost main:1": 2,
    "home/executor main:1": 2,
    "home/gone main:1 deleted": 2,
    "home/renewed main:1 deleted": 1,
    "home/renewed main:2": 1,
    "home/left main:1": 1,
    "home/driver main:1": 1,
    "home/static main:1": 1,
    "home/ownerless main:1": 1,
    "home/bare main:1": 1,
    "home/debugged main:1 debug:1": 1,
    "home/bare-windows main:1": 1,
    "home/gated main:1": 1,
    "home/unknown main:1": 1,
    "home/held main:1 deleted": 1,
    "away/web main:2": 1,
    "away/written main:1": 2,
    "away/indexed main:1": 2,
    "away/liar main:1 deleted": 1,
}
"""All live pods: namespace, label `app`, images, and whether they are being deleted."""


class Zoo(NamedTuple):
    """Two namespaces full of pods, and an API group of their own."""

    plane: ControlPlane
    home: str
    away: str

    @property
    def group(self) -> str:
        """The API group of the custom resources."""
        return f"{self.home}.example.dev"

    def listed(self, kinds: str) -> list[Object]:
        """Return the objects of these kinds in both namespaces, as kubectl lists them now."""
        items = json.loads(self.plane.kubectl("get", kinds, "-A", "-o", "json"))["items"]
        return [one for one in items if one["metadata"]["namespace"] in (self.home, self.away)]

    def pods(self) -> list[Object]:
        """Return the live pods."""
        return [one for one in self.listed("pods") if one["status"]["phase"] not in ("Succeeded", "Failed")]

    def apps(self) -> dict[tuple[str, str], str]:
        """Return the label `app` of each live pod, by namespace and name."""
        metadata = (pod["metadata"] for pod in self.pods())
        return {(one["namespace"], one["name"]): one["labels"]["app"] for one in metadata}

    def short(self, namespace: str) -> str:
        """Return what a namespace is called here: `home` or `away`."""
        return {self.home: "home", self.away: "away"}[namespace]

    def wait(self, counts: Mapping[str, int], *, only: bool = False) -> None:
        """Wait until there are so many live pods of each of these sorts, and `only` those."""
        found: Counter[str] = Counter()

        def there() -> bool:
            nonlocal found
            found = Counter(map(self._sort, self.pods()))
            return found == counts if only else all(found[sort] == counts[sort] for sort in counts)

        try:
            until(there, SECONDS)
        except AssertionError:
            sorts = {*counts, *found} if only else set(counts)
            wrong = {sort: (found[sort], counts.get(sort, 0)) for sort in sorts}
            wrong = {sort: both for sort, both in wrong.items() if both[0] != both[1]}
            raise AssertionError(f"live pods, found and wanted: {wrong}") from None

    def _sort(self, pod: Object) -> str:
        metadata, spec = pod["metadata"], pod["spec"]
        lists = (spec.get(name, []) for name in ("initContainers", "containers", "ephemeralContainers"))
        images = [container["image"] for containers in lists for container in containers]
        deleted = ["deleted"] if "deletionTimestamp" in metadata else []
        return " ".join(
            [f"{self.short(metadata['namespace'])}/{metadata['labels']['app']}", *images, *deleted]
        )


@contextmanager
def open_zoo(plane: ControlPlane) -> Iterator[Zoo]:
    """Make everything, wait until it is as `POPULATION` says, and take it away in the end."""
    name = f"test-{uuid4().hex[:10]}"
    zoo = Zoo(plane, name, f"{name}-away")
    try:
        _fill(zoo)
        _change(zoo)
        _inject(zoo)
        _debug(zoo)
        zoo.wait(POPULATION, only=True)
        yield zoo
    finally:
        _clear(zoo)


def _fill(zoo: Zoo) -> None:
    """Create everything that can be created as it is."""
    plane, home, away = zoo
    apply(plane, home, *make.ground(home, away, zoo.group))
    for namespace in (home, away):  # no pod is admitted before
        plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", namespace, LIMIT)
    kinds = [f"{kind.lower()}s.{zoo.group}" for kind in make.CUSTOM]
    plane.kubectl("wait", "--for=condition=Established", "crd", *kinds, LIMIT)
    apply(plane, home, *make.owners(zoo.group))
    found = zoo.listed(",".join(["pods", "cronjobs", "deployments", *kinds]))
    known = {one["metadata"]["name"]: one for one in found}
    known["node-1"] = json.loads(plane.kubectl("get", "node", "node-1", "-o", "json"))
    apply(plane, home, *make.controllers(known), *make.singles(known))
    # the garbage collector deletes it, at once: an owner stands in the same namespace
    liar = make.owned(make.bare("liar", make.spec(nodeName="node-1"), finalizers=[HELD]), known["web"])
    apply(plane, away, *make.written(home), workload("Deployment", "web", make.spec(2), replicas=1), liar)
    zoo.wait(SETTLED)
    # what is deleted before it has a node is marked as failed
    doomed = ("-l", "app in (gone,renewed,draining,held)", "-n", home)
    plane.kubectl("wait", "--for=condition=Ready", "pod", *doomed, LIMIT)


def _change(zoo: Zoo) -> None:
    """Bring everything into the state in which it stays, but for the sidecars."""
    plane, home, _ = zoo
    names: dict[str, list[str]] = {}
    for pod in zoo.pods():
        names.setdefault(pod["metadata"]["labels"]["app"], []).append(pod["metadata"]["name"])
    _replace(zoo, workload("Deployment", "web", make.spec(2), replicas=3), *make.rolled_out(2, hostIPC=True))
    running, evicted = names["running"], names["evicted"]
    phases = {
        "Running": [*running[:2], *names["nightly"], *names["step"]],
        "Succeeded": [running[2], "succeeded"],
        "Failed": [evicted[0], *names["failed"], "broken"],
        "Unknown": ["unknown"],
    }
    for phase, some in phases.items():
        patch = json.dumps({"status": {"phase": phase}})
        plane.kubectl("patch", "pod", *some, "-n", home, "--subresource=status", "--type=merge", "-p", patch)
    plane.kubectl("delete", "replicaset", "left", "-n", home, "--cascade=orphan")
    plane.kubectl("delete", "replicaset", "gone", "renewed", "-n", home)
    plane.kubectl("delete", "pod", "held", names["draining"][0], "-n", home, "--wait=false")
    apply(plane, home, workload("ReplicaSet", "renewed", make.spec(2), replicas=1))
    plane.kubectl("wait", "--for=condition=Complete", "job/finished", "job/nightly-0", "-n", home, LIMIT)
    plane.kubectl("wait", "--for=condition=Failed", "job/failed", "-n", home, LIMIT)
    zoo.wait(CHANGED)
    _replace(zoo, workload("Deployment", "web", make.spec(3), replicas=3))
    zoo.wait({"home/web main:3": 3, "home/web main:2": 0})


def _inject(zoo: Zoo) -> None:
    """Put a sidecar into every pod that is made from now on, and make some."""
    plane, home, _ = zoo
    apply(plane, home, *make.injector(home, home))
    probe = json.dumps(make.bare("probe"))
    dry_run = ("create", "-n", home, "--dry-run=server", "-o", "json", "-f", "-")
    until(lambda: "proxy:1" in plane.kubectl(*dry_run, input=probe))
    plane.kubectl("scale", "deployment/fleet", "--replicas=20", "-n", home)
    plane.kubectl(
        "scale", "replicaset/stable", "replicationcontroller/controlled", "--replicas=3", "-n", home
    )
    agent = next(one for one in zoo.pods() if one["metadata"]["labels"]["app"] == "agent")
    plane.kubectl("delete", "pod", agent["metadata"]["name"], "-n", home, "--wait=false")
    owner = json.loads(plane.kubectl("get", f"databases.{zoo.group}", "pg", "-n", home, "-o", "json"))
    apply(plane, home, make.owned(make.bare("pg-5", app="postgres"), owner))


def _debug(zoo: Zoo) -> None:
    """Do what `kubectl debug` does, to a pod of `web` and to one without an owner."""
    debug = {"name": "debug", "image": "debug:1", "securityContext": {"privileged": True}}
    here = [pod for pod in zoo.pods() if pod["metadata"]["namespace"] == zoo.home]
    found = {pod["metadata"]["labels"]["app"]: pod for pod in here}
    for pod in (found["web"], found["debugged"]):
        pod["spec"]["ephemeralContainers"] = [debug]
        path = f"/api/v1/namespaces/{zoo.home}/pods/{pod['metadata']['name']}/ephemeralcontainers"
        zoo.plane.kubectl("replace", "--raw", path, "-f", "-", input=json.dumps(pod))


def _replace(zoo: Zoo, *objects: Object) -> None:
    items = {"apiVersion": "v1", "kind": "List", "items": objects}
    zoo.plane.kubectl("replace", "-n", zoo.home, "-f", "-", input=json.dumps(items))


def _clear(zoo: Zoo) -> None:
    """Delete everything, and let go of what is held."""
    plane, home, away = zoo
    gone = ("--ignore-not-found", "--wait=false")
    injector = "mutatingadmissionpolicybinding,mutatingadmissionpolicy"
    plane.kubectl("delete", injector, home, *gone)
    plane.kubectl("delete", "namespace", home, away, *gone)
    for namespace in (home, away):
        held = [
            pod["metadata"]["name"]
            for pod in zoo.listed("pods")
            if pod["metadata"]["namespace"] == namespace and HELD in pod["metadata"].get("finalizers", [])
        ]
        if held:
            patch = json.dumps({"metadata": {"finalizers": None}})
            plane.kubectl("patch", "pod", *held, "-n", namespace, "--type=merge", "-p", patch)
    kinds = [f"{kind.lower()}s.{zoo.group}" for kind in make.CUSTOM]
    plane.kubectl("delete", "crd", *kinds, *gone)
    plane.kubectl("delete", "pv", *(f"{home}-data-db-{number}" for number in range(2)), *gone)
    plane.kubectl("delete", "runtimeclass,priorityclass", home, *gone)
