"""Proof: Kubernetes' own fixtures get the verdict that Kubernetes' authors wrote down for them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pytest

from tests.podsecurity.checks import HOST_NAMESPACES, POLICIES, POLICY_OF_CHECK, policies_that_must_fail
from tests.podsecurity.fixtures import CONTROLLERS, COUNT, Fixture, fixtures, wrap
from tests.podsecurity.oracle import NEWEST
from tests.podsecurity.ours import evaluate

NEWEST_COUNT = 148


def test_every_fixture_at_its_level_and_version() -> None:
    assert len(fixtures()) == COUNT
    assert _wrong(fixtures(), "Pod") == []


@pytest.mark.parametrize("kind", CONTROLLERS)
def test_newest_fixtures_in_every_controller_kind(kind: str) -> None:
    newest = [fixture for fixture in fixtures() if fixture.version == f"v1.{NEWEST}"]
    assert len(newest) == NEWEST_COUNT
    assert _wrong(newest, kind) == []


def _wrong(chosen: Iterable[Fixture], kind: str) -> list[str]:
    """Paths and verdicts of the fixtures that get another verdict than they should."""
    listed = list(chosen)
    verdicts = evaluate([(wrap(fixture.pod, kind), fixture.version) for fixture in listed])
    judged = ((f, failing & POLICIES[f.level]) for f, failing in zip(listed, verdicts, strict=True))
    return [f"{f.path}: {sorted(failing)}" for f, failing in judged if not _right(f, failing)]


def _right(fixture: Fixture, failing: frozenset[str]) -> bool:
    """Whether the level is judged right and the check that the file is named after is among the failed."""
    if fixture.allowed:
        return not failing
    check = _check_ids()[fixture.check]
    if check == HOST_NAMESPACES:
        every = {HOST_NAMESPACES: "hostNetwork=true, hostPID=true, hostIPC=true"}
        return bool(failing & policies_that_must_fail(fixture.level, every))
    return POLICY_OF_CHECK[fixture.level][check] in failing


@cache
def _check_ids() -> dict[str, str]:
    """Check ids by their name in file names."""
    return {check.lower(): check for check in (HOST_NAMESPACES, *POLICY_OF_CHECK["restricted"])}
