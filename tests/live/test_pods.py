"""Every live pod is accounted for, once, and what differs from its template is found on its owner."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from auditor.model import Document
from tests.live.live import Object, audit, judged, source
from tests.live.zoo import Zoo, open_zoo
from tools.cluster import ControlPlane

# one zoo is enough: one worker runs all that needs it
pytestmark = pytest.mark.xdist_group("zoo")

FRAMEWORKS = ("pss_baseline", "pss_restricted")
"""What judges pods and nothing else: other policies have documents of other kinds, and other findings."""

CONTROLLERS = (
    *("deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps"),
    *("jobs.batch", "cronjobs.batch", "replicationcontrollers"),
)
ACCOUNTS = {
    "Deployment home/web": "2/3 + 1/3",
    "Deployment home/moving": "2/5 + 3/5",
    "Deployment home/fleet": "15/20 + 5/20",
    "Deployment home/evicted": "2/2",
    "Deployment home/draining": "3/3",
    "Deployment home/pending": "2/2",
    "Deployment home/windows": "1/1",
    "Deployment home/asleep": "0/0",
    "Deployment home/operated": "1/1 of Operator home/op",
    "StatefulSet home/db": "1/2 + 1/2",
    "StatefulSet home/queue": "2/2",
    "DaemonSet home/agent": "1/2 + 1/2",
    "DaemonSet home/on-delete": "0/2 + 2/2",
    "Job home/finished": "0/0",
    "Job home/failed": "0/0",
    "Job home/running": "2/2",
    "Job home/step": "1/1 of Workflow home/flow",
    "CronJob home/nightly": "2/2",
    "ReplicationController home/controlled": "2/3 + 1/3",
    "ReplicaSet home/solo": "1/1",
    "ReplicaSet home/empty": "0/0",
    "ReplicaSet home/renewed": "1/1",
    "ReplicaSet home/stable": "2/3 + 1/3 of Rollout home/canary",
    "ReplicaSet home/canary": "1/1 of Rollout home/canary",
    "Pod home/postgres": "4/6 + 1/6 + 1/6 of Database home/pg",
    "Pod home/lost": "2/2 of Rollout home/lost",
    "Pod home/gone": "2/2 of ReplicaSet home/gone",
    "Pod home/renewed": "1/1",
    "Pod home/executor": "2/2 of Pod home/driver",
    "Pod home/static": "1/1 of Node node-1",
    "Pod home/ownerless": "1/1 of Node node-2",
    "Pod home/driver": "1/1",
    "Pod home/bare": "1/1",
    "Pod home/debugged": "1/1",
    "Pod home/bare-windows": "1/1",
    "Pod home/gated": "1/1",
    "Pod home/unknown": "1/1",
    "Pod home/held": "1/1",
    "Pod home/left": "1/1",
    "Deployment away/web": "1/1",
    "Deployment away/written": "2/2",
    "Job away/indexed": "2/2",
    "Pod away/liar": "1/1",
}
"""By owner (of pods that answer for themselves: their label): the pods that each document counts."""

ONLY = "Only in {affected} of {total} live pods, not in the template."
FAULTS = {
    ("privileged_container", "Deployment home/web"): (1, 3, ONLY),
    ("privileged_container", "Deployment home/fleet"): (5, 20, ONLY),
    ("privileged_container", "DaemonSet home/agent"): (1, 2, ONLY),
    ("privileged_container", "ReplicationController home/controlled"): (1, 3, ONLY),
    ("privileged_container", "ReplicaSet home/stable of Rollout canary"): (1, 4, ONLY),
    ("privileged_container", "Pod home/postgres of Database pg"): (1, 6, ""),
    ("privileged_container", "Pod home/debugged"): (1, 1, ""),
    ("host_pid", "Deployment home/moving"): (3, 5, ONLY),
    ("host_ipc", "Deployment home/moving"): (2, 5, ""),
    ("host_pid", "StatefulSet home/db"): (1, 2, ONLY),
    ("host_ipc", "StatefulSet home/db"): (1, 2, ""),
    ("host_pid", "DaemonSet home/on-delete"): (2, 2, ONLY),
    ("host_ipc", "DaemonSet home/on-delete"): (0, 2, ""),
    ("host_pid", "ReplicaSet home/canary of Rollout canary"): (1, 4, ""),
    ("host_pid", "Pod home/postgres of Database pg"): (1, 6, ""),
    ("host_pid", "Pod home/gone of ReplicaSet gone"): (2, 2, ""),
    ("host_pid", "Deployment home/operated of Operator op"): (1, 1, ""),
    ("host_path_volume", "Pod home/static of Node node-1"): (1, 1, ""),
    ("host_path_volume", "Pod home/ownerless of Node node-2"): (1, 1, ""),
}
"""By policy and object: how many live pods fail, of how many, and what the message ends with."""

POLICIES = {policy for policy, _ in FAULTS}
FAULTY_TEMPLATES = {"ReplicaSet home/canary of Rollout canary", "Deployment home/operated of Operator op"}
OTHER_FAULTS = {"Deployment home/windows", "Pod home/bare-windows", "Deployment away/written"}
"""Objects that fail other policies only."""


@pytest.fixture(scope="module")
def zoo(control_plane: ControlPlane) -> Iterator[Zoo]:
    with open_zoo(control_plane) as made:
        yield made


@pytest.fixture(scope="module")
def documents(zoo: Zoo) -> list[Document]:
    found = judged(source(zoo.plane.kubeconfig, zoo.home, zoo.away), FRAMEWORKS)
    return [one for one in found if one.ref.namespace]


class Told(NamedTuple):
    """What an audit of the whole cluster says of the zoo."""

    findings: list[tuple[str, Object]]
    """Each with the object that it is about, pods by their label."""
    table: list[str]


@pytest.fixture(scope="module")
def told(zoo: Zoo, tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("zoo")
    table = folder / "table.txt"
    chosen = [word for one in FRAMEWORKS for word in ("--framework", one)]
    cluster = ("--kubeconfig", zoo.plane.kubeconfig)
    ended = audit(folder / "audit.json", *cluster, *chosen, "-o", f"table={table}")
    apps = zoo.apps()
    findings = []
    for namespace in (zoo.home, zoo.away):
        for one in ended.findings(namespace):
            resource = one["resource"]
            kind, name, above = resource["kind"], resource["name"], resource.get("managed_by")
            name = apps[namespace, name] if kind == "Pod" else name
            of = f" of {above['kind']} {above['name']}" if above else ""
            findings.append((f"{kind} {zoo.short(namespace)}/{name}{of}", one))
    return Told(findings, table.read_text().splitlines())


def owner(one: Object, known: dict[tuple[str, str], Object]) -> tuple[str, str]:
    """Return namespace and uid of the highest controller there is, or of that which a pod names."""
    metadata = one["metadata"]
    named = [ref["uid"] for ref in metadata.get("ownerReferences", []) if ref.get("controller")]
    # every mirror pod is a file of its own
    if named and "kubernetes.io/config.mirror" not in metadata.get("annotations", {}):
        if above := known.get((metadata["namespace"], named[0])):
            return owner(above, known)
        if one["kind"] == "Pod":
            return metadata["namespace"], f"of {named[0]}"
    return metadata["namespace"], metadata["uid"]


def test_accounted_pods_are_the_listed_pods(zoo: Zoo, documents: list[Document]) -> None:
    pods, controllers = zoo.pods(), zoo.listed(",".join(CONTROLLERS))
    known = {(one["metadata"]["namespace"], one["metadata"]["uid"]): one for one in controllers}
    listed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for pod in pods:
        listed[owner(pod, known)].add(pod["metadata"]["name"])
    by_name = {_place(one): owner(one, known) for one in [*pods, *controllers]}
    accounted: Counter[tuple[str, str]] = Counter()
    named: list[tuple[str, str]] = []
    for document in documents:
        ref = document.ref
        who = by_name[ref.kind, ref.namespace, ref.name]
        assert document.pods
        assert document.pods.total == len(listed.get(who, ())), ref
        assert set(document.pod_names) <= listed.get(who, set()), ref
        if document.variant or ref.kind == "Pod":
            assert len(document.pod_names) == document.pods.affected, ref
        accounted[who] += document.pods.affected
        named += [(ref.namespace, name) for name in document.pod_names]
    assert +accounted == Counter({who: len(names) for who, names in listed.items()})
    assert len(set(named)) == len(named)
    assert sum(accounted.values()) == len(pods)


def test_each_owner_has_its_documents_and_nothing_else_has_one(zoo: Zoo, documents: list[Document]) -> None:
    apps = zoo.apps()
    counts: dict[str, list[str]] = defaultdict(list)
    managers: dict[str, str] = {}
    for one in documents:
        ref = one.ref
        name = apps[ref.namespace, ref.name] if ref.kind == "Pod" else ref.name
        who = f"{ref.kind} {zoo.short(ref.namespace)}/{name}"
        assert one.pods
        counts[who].append(f"{one.pods.affected}/{one.pods.total}")
        if above := one.managed_by:
            where = f"{zoo.short(above.namespace)}/" if above.namespace else ""
            managers[who] = f" of {above.kind} {where}{above.name}"
    assert {who: " + ".join(found) + managers.get(who, "") for who, found in counts.items()} == ACCOUNTS


def test_findings_tell_in_how_many_live_pods(told: Told) -> None:
    found = {}
    for who, one in told.findings:
        if one["policy"] in POLICIES:
            affected, total = one["pods"]["affected"], one["pods"]["total"]
            only = ONLY if one["message"].endswith(ONLY.format(affected=affected, total=total)) else ""
            assert only or "live pods" not in one["message"]
            assert (one["policy"], who) not in found
            found[one["policy"], who] = (affected, total, only)
    assert found == FAULTS


def test_quiet_objects_have_no_findings(told: Told) -> None:
    assert {who for who, _ in told.findings} == {who for _, who in FAULTS} | OTHER_FAULTS


def test_findings_name_the_pods_that_have_the_fault(zoo: Zoo, told: Told) -> None:
    faulty: dict[str, set[str]] = {"privileged_container": set(), "host_pid": set()}
    for pod in zoo.pods():
        name, spec = pod["metadata"]["name"], pod["spec"]
        added = [*spec.get("initContainers", []), *spec.get("ephemeralContainers", [])]
        if any(container["image"] in ("proxy:1", "debug:1") for container in added):
            faulty["privileged_container"].add(name)
        if spec.get("hostPID"):
            faulty["host_pid"].add(name)
    named: dict[str, set[str]] = {policy: set() for policy in faulty}
    for who, one in told.findings:
        names = one["evidence"].get("pods", [])
        if one["policy"] in named and not who.endswith("/debugged"):
            # a template that fails speaks for its pods
            assert len(names) == (0 if who in FAULTY_TEMPLATES else one["pods"]["affected"])
            named[one["policy"]] |= set(names)
    of_templates = {name for name in faulty["host_pid"] if name.startswith(("canary-", "operated-"))}
    assert named["host_pid"] == faulty["host_pid"] - of_templates
    assert named["privileged_container"] == faulty["privileged_container"] - {"debugged"}


def test_sidecars_and_debug_containers_are_told_by_their_role(zoo: Zoo, told: Told) -> None:
    found = [one for _, one in told.findings if one["policy"] == "privileged_container"]
    assert Counter(one["evidence"]["role"] for one in found) == {"sidecar": 5, "ephemeral": 2}
    pods = zoo.pods()
    assert len([pod for pod in pods if "initContainers" in pod["spec"]]) * 10 >= len(pods)


@pytest.mark.parametrize(("name", "affected", "total"), [("fleet", 5, 20), ("web", 1, 3)])
def test_the_table_tells_it_too(zoo: Zoo, told: Told, name: str, affected: int, total: int) -> None:
    columns = f"\tprivileged_container\tDeployment {zoo.home}/{name}\t"
    [line] = [line for line in told.table if columns in line]
    assert ONLY.format(affected=affected, total=total) in line


def _place(one: Object) -> tuple[str, str, str]:
    return one["kind"], one["metadata"]["namespace"], one["metadata"]["name"]
