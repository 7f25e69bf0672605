"""The graph and a plain closure agree on who reaches what, in small random clusters."""

from __future__ import annotations

import os
import random
from typing import Any

from auditor.access.cuts import told
from auditor.access.escalation import escalation
from auditor.access.graph import Node, Path, Sink
from auditor.access.roles import Subject, SubjectKind
from auditor.document.relations.rights import rights
from auditor.document.relations.surroundings import surroundings
from auditor.model import Body
from tests import factories as make
from tests.access.escapes import RBAC, STARS, accounts, bind, graph, role, rule, runs, space, world
from tests.access.naive_paths import Fact, Naive, fact, identity

WORLDS = int(os.environ.get("AUDITOR_PROOF_PATHS", "60"))
SPACES = ("shop", "bank")
SUBJECTS = (
    "shop/web",
    "shop/default",
    "bank/boss",
    "bank/web",
    "shop/gone",
    "user jane",
    "group dev",
    "group system:serviceaccounts:shop",
    "group system:authenticated",
    "group system:unauthenticated",
)
NAMES = ("web", "boss", "one", "two", "*")
ADMISSION, CSR = "admissionregistration.k8s.io", "certificates.k8s.io"
RIGHTS: tuple[tuple[str, str, str], ...] = (
    ("create", "pods", ""),
    ("create update patch", "deployments", "apps"),
    ("create", "pods/exec", ""),
    ("patch update get", "pods", ""),
    ("get list watch create patch", "secrets", ""),
    ("create", "serviceaccounts/token", ""),
    ("impersonate", "users groups serviceaccounts", ""),
    ("get create", "nodes/proxy", ""),
    ("patch update get", "namespaces", ""),
    ("patch get", "nodes", ""),
    ("create", "persistentvolumes", ""),
    ("bind escalate update patch", "roles clusterroles", RBAC),
    ("create update patch", "rolebindings clusterrolebindings", RBAC),
    (
        "create update patch delete",
        "mutatingwebhookconfigurations validatingwebhookconfigurations",
        ADMISSION,
    ),
    ("create", "certificatesigningrequests", CSR),
    ("update approve", "certificatesigningrequests/approval signers", CSR),
)


def some(pick: random.Random, words: str) -> str:
    """A few of these words."""
    found = words.split()
    return " ".join(pick.sample(found, pick.randint(1, len(found))))


def rules(pick: random.Random) -> list[Body]:
    if pick.random() < 0.04:
        return [STARS]
    found = []
    for _ in range(pick.randint(1, 3)):
        verbs, resources, group = pick.choice(RIGHTS)
        names = some(pick, " ".join(NAMES)) if pick.random() < 0.3 else ""
        found.append(rule(some(pick, verbs), some(pick, resources), group, names))
    return found


def random_world(pick: random.Random) -> list[Body]:
    roles = [role(name, *rules(pick)) for name in ("one", "two", "three")]
    own = [role(name, *rules(pick), namespace=home) for name in ("web", "one") for home in SPACES]
    bindings = []
    for number in range(pick.randint(3, 9)):
        home = pick.choice(("", *SPACES))
        named = ", ".join(pick.sample(SUBJECTS, pick.randint(1, 2)))
        of = (
            pick.choice(("web", "one"))
            if home and pick.random() < 0.4
            else pick.choice(("one", "two", "three"))
        )
        is_own = bool(home) and of == "web"
        bindings.append(
            bind(
                pick.choice((*NAMES[:4], f"b{number}")) + str(number),
                named,
                role=of,
                namespace=home,
                own=is_own,
            )
        )
    tokens: dict[str, Any] = {"secrets": [{"name": "web-token-x"}]} if pick.random() < 0.3 else {}
    privileged = {"containers": [make.container(securityContext={"privileged": True})]}
    return [
        *roles,
        *own,
        *bindings,
        *(space(name, pick.choice(("", "baseline", "restricted"))) for name in SPACES),
        *accounts("shop/default bank/default bank/boss bank/web"),
        *accounts("shop/web", **tokens),
        runs("Deployment", "shop/one", "web", **(privileged if pick.random() < 0.3 else {})),
        runs("Deployment", "bank/two", "boss", automountServiceAccountToken=pick.random() < 0.7),
        runs("DaemonSet", "bank/boss", "web", **(privileged if pick.random() < 0.2 else {})),
        make.pod(make.pod_spec(serviceAccountName="boss"), name="web", namespace="bank"),
    ]


def test_both_say_the_same() -> None:
    reached = asked = 0
    for seed in range(WORLDS):
        found = world(*random_world(random.Random(seed)))
        held, around = rights(found), surroundings(found)
        naive = Naive(list(held.roles.values()), list(held.bindings.values()), around)
        named = [
            *(Subject(SubjectKind.SERVICE_ACCOUNT, one.name, one.namespace) for one in around.accounts),
            *naive.named,
        ]
        ours = graph(found)
        starts: list[tuple[Node, Fact]] = [
            (Node(one.kind, one.namespace, one.name), identity(one)) for one in named
        ]
        starts += [(one.node, fact(one)) for one in around.workloads]
        for node, start in starts:
            expected = naive.sinks(start)
            shown = {sink.value for sink in Sink if ours.shortest(node, sink)}
            assert shown == expected, f"seed {seed}: {node}"
            reached += len(expected)
            asked += len(Sink)
    assert 0.1 < reached / asked < 0.9


def test_the_order_of_what_was_read_makes_no_difference() -> None:
    for seed in range(20):
        found = world(*random_world(random.Random(seed)))
        held, around = rights(found), surroundings(found)
        one = escalation(held.roles.values(), held.bindings.values(), around)
        other = escalation([*held.roles.values()][::-1], [*held.bindings.values()][::-1], around)
        for node in (account.node for account in around.accounts):
            for sink in Sink:
                assert shown(one.shortest(node, sink)) == shown(other.shortest(node, sink))


def shown(path: Path | None) -> list[object]:
    """A path as it is told."""
    return [told(step) for step in path or ()]
