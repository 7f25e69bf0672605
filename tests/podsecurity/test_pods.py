"""The random pods are what the differential test needs: decodable, and in every branch of every check."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings

from tests.podsecurity import values
from tests.podsecurity.checks import CHECKS, POLICY_OF_CHECK
from tests.podsecurity.fixtures import Object
from tests.podsecurity.oracle import NEWEST, VERSIONS, Level, Question, Verdict, judge
from tests.podsecurity.pods import CONTAINER_LISTS, pods, random_pod

COUNT = 2000
LEAST = COUNT * 2 // 100
ROLES = frozenset(role for role, _, _ in CONTAINER_LISTS)
BASELINE_CHECKS = CHECKS & {"hostNamespaces", *POLICY_OF_CHECK["baseline"]}

LOOSER = {
    ("allowPrivilegeEscalation", 25),
    ("capabilities_restricted", 25),
    ("procMount", 35),
    ("runAsNonRoot", 35),
    ("runAsUser", 35),
    ("seLinuxOptions", 31),
    ("seccompProfile_baseline", 19),
    ("seccompProfile_restricted", 25),
    *(("sysctls", minor) for minor in values.NEW_SYSCTLS),
}
"""Checks that let more through since v1.N."""
STRICTER = {
    ("allowPrivilegeEscalation", 8),
    ("capabilities_restricted", 22),
    ("hostProbesAndHostLifecycle", 34),
    ("procMount_restricted", 35),
    ("runAsUser", 23),
    ("seccompProfile_baseline", 19),
    ("seccompProfile_restricted", 19),
}
"""Checks that are new, or look at something else, since v1.N."""

HANDLERS = [f"{probe}Probe" for probe in ("liveness", "readiness", "startup")]
HANDLERS += ["lifecycle/postStart", "lifecycle/preStop"]
SETTERS = [
    "runAsNonRoot",
    "runAsUser",
    "seccompProfile/type",
    "appArmorProfile/type",
    "windowsOptions/hostProcess",
]
SETTERS += [f"seLinuxOptions/{field}" for field in ("type", "user", "role", "level")]
CONTAINER_FIELDS = [
    "ports/hostPort",
    *(f"{handler}/{action}/host" for handler in HANDLERS for action in ("httpGet", "tcpSocket")),
    *(f"securityContext/{field}" for field in SETTERS),
    *(f"securityContext/{field}" for field in ("privileged", "procMount", "allowPrivilegeEscalation")),
    *(f"securityContext/capabilities/{field}" for field in ("add", "drop")),
]
POD_FIELDS = ["hostNetwork", "hostPID", "hostIPC", "hostUsers", "os/name", "securityContext/sysctls/name"]
POD_FIELDS += [f"securityContext/{field}" for field in SETTERS]


@cache
def sample() -> tuple[Object, ...]:
    """The pods that all tests here look at."""
    rng = random.Random(3)
    return tuple(random_pod(rng) for _ in range(COUNT))


@cache
def verdicts(level: Level, version: str) -> tuple[Verdict, ...]:
    """Kubernetes' verdicts on the sample."""
    return tuple(judge(Question(level, version, pod) for pod in sample()))


def level_of(check: str) -> Level:
    """The level at which a check always runs."""
    return "baseline" if check in BASELINE_CHECKS else "restricted"


@given(pods())
@settings(max_examples=25, deadline=None)
def test_every_pod_decodes(pod: Object) -> None:
    assert len(judge([Question("baseline", "latest", pod)])) == 1


def test_a_seed_always_gives_the_same_pods() -> None:
    rng = random.Random(3)
    assert [random_pod(rng) for _ in range(100)] == list(sample()[:100])


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_every_check_passes_and_fails(check: str) -> None:
    failing = sum(check in verdict.failed for verdict in verdicts(level_of(check), f"v1.{NEWEST}"))
    assert LEAST <= failing <= COUNT - LEAST


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_levels_pass_and_fail(level: Level) -> None:
    allowed = sum(verdict.allowed for verdict in verdicts(level, "latest"))
    assert COUNT // 10 <= allowed <= COUNT - COUNT // 10


def test_every_change_between_versions_is_seen() -> None:
    looser, stricter = set(), set()
    for check in CHECKS:
        level = level_of(check)
        for minor, (before, after) in enumerate(pairwise(VERSIONS), start=1):
            for old, new in zip(verdicts(level, before), verdicts(level, after), strict=True):
                if check in old.failed and check not in new.failed:
                    looser.add((check, minor))
                elif check in new.failed and check not in old.failed:
                    stricter.add((check, minor))
    assert looser == LOOSER
    assert stricter == STRICTER


@pytest.mark.parametrize("minor", values.NEW_SYSCTLS)
def test_every_new_sysctl_is_seen(minor: int) -> None:
    before, after = (
        set().union(*(_sysctls(verdict) for verdict in verdicts("baseline", version)))
        for version in (f"v1.{minor - 1}", f"v1.{minor}")
    )
    assert before - after == values.NEW_SYSCTLS[minor]


def _sysctls(verdict: Verdict) -> set[str]:
    reason = re.search(r"\((.*)\)", verdict.failed.get("sysctls", ""))
    return set(reason[1].split(", ")) if reason else set()


@pytest.mark.parametrize(
    "check", sorted(CHECKS - {"hostNamespaces", "hostPathVolumes", "restrictedVolumes", "sysctls"})
)
def test_every_role_alone_fails_the_check(check: str) -> None:
    """Else a policy that forgets a list of containers would go unnoticed."""
    reasons = [verdict.failed.get(check, "") for verdict in verdicts(level_of(check), f"v1.{NEWEST}")]
    blamed = [frozenset(re.findall(r'"(\w+)-\d"', reason)) for reason in reasons]
    assert {role for roles in blamed if len(roles) == 1 for role in roles} == ROLES


@pytest.mark.parametrize(
    "check",
    [
        "appArmorProfile",
        "runAsNonRoot",
        "runAsUser",
        "seLinuxOptions",
        "seccompProfile_baseline",
        "seccompProfile_restricted",
        "windowsHostProcess",
    ],
)
def test_the_pod_alone_fails_the_check(check: str) -> None:
    reasons = [verdict.failed.get(check, "") for verdict in verdicts(level_of(check), f"v1.{NEWEST}")]
    assert any(re.search(r"\(pod (must not )?set", reason) for reason in reasons)


def test_every_volume_source_is_drawn() -> None:
    drawn = {key for pod in sample() for volume in pod["spec"].get("volumes") or [] for key in volume}
    sources = values.ALLOWED_VOLUMES + values.RESTRICTED_VOLUMES + values.HOST_PATH_VOLUMES
    assert drawn == {"name", *(key for source in sources for key in source)}


def test_every_field_takes_several_values_in_every_role() -> None:
    places = [("pod", field) for field in POD_FIELDS]
    places += [(role, field) for role in ROLES for field in CONTAINER_FIELDS]
    assert [place for place in places if len(_drawn()[place]) < 2] == []


@cache
def _drawn() -> dict[tuple[str, str], set[str]]:
    """By role, or `pod`, and field: its values."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for pod in sample():
        for field, value in _leaves(pod["spec"]):
            found["pod", field].add(value)
        for key in ("containers", "initContainers", "ephemeralContainers"):
            for container in pod["spec"].get(key) or []:
                role = str(container.get("name")).partition("-")[0]
                for field, value in _leaves(container):
                    found[role, field].add(value)
    return found


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    entries: Iterable[tuple[str, Any]] = ()
    if isinstance(value, dict):
        entries = ((f"{path}/{key}" if path else key, entry) for key, entry in value.items())
    elif isinstance(value, list):
        entries = ((path, entry) for entry in value)
    else:
        yield path, repr(value)
    for key, entry in entries:
        yield from _leaves(entry, key)
