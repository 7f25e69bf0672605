"""Proof: whatever a server answers, an audit never claims something of what it did not read.

200 audits, or as many as the environment variable AUDITOR_PROOF_FAULTS says, each through a server
that spoils some answers, drawn from the number of the run; AUDITOR_FAULT_SEED=N runs that one alone.
"""

from __future__ import annotations

import json
import os
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

from auditor.collect.patience import Patience
from auditor.document.kinds import KINDS, WORKLOADS
from auditor.document.relations.table import OBSERVED, relation_kinds
from auditor.errors import AuditorError, SourceError
from auditor.model import Verdict
from auditor.rules import Policy
from tests.live.catalogue import BUILT_IN
from tests.live.faults import FAULTS, Trouble, status
from tests.live.faulty import Answer, faulty
from tests.live.invariants import Ran, breaches, plain
from tests.live.live import Object, events, may_read, until
from tests.live.still import BANK, SHOP
from tests.live.yard import Stills, Yard, bounded, open_yard

# one cluster is enough: one worker runs all that needs it
pytestmark = pytest.mark.xdist_group("faults")

COUNT = int(os.environ.get("AUDITOR_PROOF_FAULTS", "200"))
SEED = os.environ.get("AUDITOR_FAULT_SEED", "")

SHORT = Patience(connect=0.2, read=0.25, answer=0.3, attempts=3, budget=0.4, first=0.005, rate=10_000)
"""Long enough for an answer on this machine, and for a test to see what comes after it."""

LONG = Patience(budget=300)
"""Longer than an API server takes to start on a busy machine."""

SCOPES = ((), (SHOP,), (SHOP, BANK))

READ = tuple(sorted({*BUILT_IN, "ConfigMap", "Node"}))
"""The kinds that the policies of this test read."""


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    with open_yard(tmp_path_factory.mktemp("yard")) as made:
        yield made


@pytest.fixture(scope="module")
def stills(yard: Yard, tokens: Mapping[str, str]) -> Stills:
    assert tokens  # their accounts are read too
    return Stills(yard)


def disturbed(yard: Yard, stills: Stills, seed: int) -> tuple[Ran, Trouble, list[str]]:
    """Return one audit, what was done to it, and what is wrong with it."""
    random = Random(seed)
    scope, shipped, page = random.choice(SCOPES), random.random() < 0.5, random.randint(2, 4)
    still = stills.of(scope, shipped=shipped)
    trouble = Trouble(seed, stills.asked(scope, page, shipped=shipped))

    def work() -> Ran:
        with faulty(yard.plane, trouble, page) as url:
            return yard.audit(scope, still.selection, url=url, patience=SHORT)

    try:
        ran = bounded(work)
    except Exception:  # noqa: BLE001 - whatever it is, it is told with the seed
        ran = Ran(still.selection, {}, error=AuditorError("crashed"))
        return ran, trouble, [traceback.format_exc()]
    wrong = breaches(ran, still, [yard.plane.token("admin")])
    if ran.record is None and not (isinstance(ran.error, SourceError) or _denied(trouble)):
        wrong.append(f"it ended by {ran.error!r}")
    return ran, trouble, wrong


def _denied(trouble: Trouble) -> bool:
    """Whether the server said that a namespace is not there."""
    paths = {f"/api/v1/namespaces/{name}" for name in (SHOP, BANK)}
    return any(hit.fault == "404" and hit.path in paths for hit in trouble.hits)


def test_no_run_claims_what_it_did_not_read(yard: Yard, stills: Stills) -> None:
    endings: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    seconds, failures = [], []
    for seed in [int(SEED)] if SEED else range(COUNT):
        began = time.monotonic()
        ran, trouble, wrong = disturbed(yard, stills, seed)
        seconds.append(time.monotonic() - began)
        endings[ran.ending] += 1
        faults.update(hit.fault for hit in trouble.hits)
        if wrong:
            failures.append("\n".join([f"AUDITOR_FAULT_SEED={seed}", *wrong, str(trouble)]))
    stills.check()
    print(f"\n{len(seconds)} runs, {sum(seconds):.0f} s, the longest {max(seconds):.1f} s: {dict(endings)}")
    print(f"{faults.total()} faults: {dict(sorted(faults.items()))}")
    assert not failures, f"{len(failures)} runs are wrong:\n\n" + "\n\n".join(failures)
    assert not yard.writes()
    if len(seconds) >= 200:
        assert set(faults) == set(FAULTS)
        assert min(endings[name] for name in ("whole", "gaps", "SourceError")) > COUNT / 40


@pytest.fixture(scope="module")
def tokens(yard: Yard) -> Mapping[str, str]:
    """A service account for each kind that may read all but this one; their tokens."""
    objects: list[Object] = []
    for kind in READ:
        name = f"without-{KINDS[kind].plural}"
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
        meta = {"metadata": {"name": name}}
        rules = [may_read(*(KINDS[other].plural for other in READ if other != kind))]
        subject = {"kind": "ServiceAccount", "name": name, "namespace": SHOP}
        version = "rbac.authorization.k8s.io/v1"
        objects += [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": SHOP}},
            {"apiVersion": version, "kind": "ClusterRole", **meta, "rules": rules},
            {
                "apiVersion": version,
                "kind": "ClusterRoleBinding",
                **meta,
                "roleRef": role,
                "subjects": [subject],
            },
        ]
    items = {"apiVersion": "v1", "kind": "List", "items": objects}
    yard.plane.kubectl("create", "-f", "-", input=json.dumps(items))
    make = ("create", "token", "-n", SHOP)
    return {kind: yard.plane.kubectl(*make, f"without-{KINDS[kind].plural}").strip() for kind in READ}


def needed(policy: Policy, kind: str) -> set[str]:
    """Return the kinds without which, by its METADATA, a policy cannot judge this one.

    Whose pods are whose is known by all workloads: of those that it does not judge nobody else would
    say that they are missing.
    """
    joined = (one for need in policy.needs for one in relation_kinds(need))
    owners = set(WORKLOADS) - set(policy.kinds) if kind in WORKLOADS else set()
    return {kind, *joined, *owners}


def joined(policy: Policy) -> set[str]:
    """Return the kinds of which a policy joins objects to what it judges."""
    return {kind for name in (*policy.needs, *policy.wants) for kind in relation_kinds(name)}


@pytest.mark.parametrize("kind", READ)
def test_one_kind_may_not_be_read(yard: Yard, stills: Stills, tokens: Mapping[str, str], kind: str) -> None:
    still = stills.of(())
    ran = yard.audit((), still.selection, token=tokens[kind])
    assert ran.record
    [gap] = ran.record.gaps
    known = KINDS[kind]
    resource = f"{known.plural}.{known.group}" if known.group else known.plural
    assert (gap.kind, gap.namespace) == (kind, None)
    user = f"system:serviceaccount:{SHOP}:without-{known.plural}"
    assert gap.reason.startswith(f'403: {resource} is forbidden: User "{user}" cannot list resource')
    assert gap.effect.startswith(f"no {kind} is judged")
    # nobody asks a running program here
    policies = [one for one in ran.selection.policies.values() if OBSERVED.keys().isdisjoint(one.needs)]
    expected = {(one.id, some) for one in policies for some in one.kinds if kind in needed(one, some)}
    assert still.record
    known_before = set(still.record.not_evaluated)
    unjudged = [one for one in ran.record.not_evaluated if one not in known_before]
    assert {(one.policy, one.kind) for one in unjudged if one.kind} == expected
    joining = {one.id for one in policies if kind in joined(one)}
    counting = {one.id for one in policies if "results" in one.needs and kind in (*WORKLOADS, *one.kinds)}
    clean = {
        pair.policy
        for pair, verdict in still.verdicts.items()
        if pair.policy in joining and (pair.policy, pair.ref.kind) not in expected
        if isinstance(verdict, Verdict) and not verdict.fail
    }
    assert clean <= {one.policy for one in unjudged if one.resource} <= joining | counting
    assert breaches(ran, still, list(tokens.values())) == []


def test_who_may_not_log_in_or_read(yard: Yard, stills: Stills) -> None:
    selection = stills.of(()).selection
    stranger = yard.audit((), selection, token="made-up")
    assert "not logged in" in str(stranger.error)
    assert "made-up" not in str(stranger.error)
    nobody = yard.audit((), selection, token=yard.plane.token("nobody"))
    assert "nothing could be read: 403" in str(nobody.error)

    def codes() -> set[int]:
        return {one["responseStatus"]["code"] for one in events(yard.plane)}

    until(lambda: {401, 403} <= codes())
    assert not yard.writes()


@pytest.mark.parametrize("answers", [True, False])
def test_namespace_that_the_list_does_not_have(yard: Yard, stills: Stills, *, answers: bool) -> None:
    """It was made after the list, or the list is an old one: it is asked for by its name."""
    still = stills.of(())
    asked = []

    def older(path: str, true: Answer) -> Answer:
        where = urlsplit(path).path
        if where == "/api/v1/namespaces":
            page = json.loads(true.body)
            page["items"] = [one for one in page["items"] if one["metadata"]["name"] != SHOP]
            return Answer(json.dumps(page).encode())
        if where == f"/api/v1/namespaces/{SHOP}":
            asked.append(path)
            return true if answers else status(503, "not now")
        return true

    with faulty(yard.plane, older) as url:
        ran = yard.audit((), still.selection, url=url, patience=SHORT)
    assert ran.record
    assert len(asked) == (1 if answers else SHORT.attempts)
    told = f"Namespace {SHOP} is not in the list, and cannot be asked for: 503: not now (3 attempts)"
    assert [gap.reason for gap in ran.record.gaps] == ([] if answers else [told])
    assert breaches(ran, still, ()) == []


@pytest.mark.parametrize("moment", ["before a request", "at an answer"])
def test_the_api_server_dies_and_comes_back(
    yard: Yard, stills: Stills, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    still = stills.of(())
    fatal = Random(moment).randrange(4, len(stills.asked((), 500, shipped=False)))
    send = urllib3.PoolManager.urlopen
    sent = []
    started = []

    def restart() -> None:
        yard.plane.kill_api_server()
        started.append(yard.starter.submit(yard.plane.start_api_server))

    def counted(pool: urllib3.PoolManager, *arguments: Any, **options: Any) -> urllib3.BaseHTTPResponse:
        sent.append(arguments)
        if len(sent) != fatal:
            return send(pool, *arguments, **options)
        if moment == "before a request":
            restart()
            return send(pool, *arguments, **options)
        answer = send(pool, *arguments, **options)
        restart()
        return answer

    monkeypatch.setattr(urllib3.PoolManager, "urlopen", counted)
    ran = yard.audit((), still.selection, patience=LONG)
    monkeypatch.undo()
    [start] = started
    start.result()
    assert ran.record
    assert still.record
    assert plain(ran.record) == plain(still.record)
    assert len(sent) > len(stills.asked((), 500, shipped=False))
    assert not yard.writes()
