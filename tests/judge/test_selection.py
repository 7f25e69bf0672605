"""What --framework and --policy choose."""

from __future__ import annotations

import msgspec
import pytest

from auditor.errors import UsageError
from auditor.judge.selection import Selection, select, within_reach
from auditor.model import SourceFacts
from auditor.rules import Bundle, Control, Framework
from tests.factories import policy

BUNDLE = Bundle(
    archive="",
    digest="",
    policies={name: policy(name, enabled=name != "off") for name in ("host_pid", "host_ipc", "off", "alone")},
    frameworks={
        "first": Framework("first", "", "", (Control("1", "", ("host_pid", "off")), Control("2", ""))),
        "second": Framework("second", "", "", (Control("1", "", ("host_ipc", "host_pid")),)),
        "manual": Framework("manual", "", "", (Control("1", ""),)),
    },
)


def described(found: Selection) -> tuple[list[str], list[str], list[str]]:
    return list(found.policies), [one.id for one in found.frameworks], [one.id for one in found.declined]


@pytest.mark.parametrize(
    ("frameworks", "policies", "expected"),
    [
        ([], [], (["host_pid", "host_ipc", "alone"], ["first", "second"], ["off"])),
        (["first"], [], (["host_pid"], ["first"], ["off"])),
        (["second", "first", "second"], [], (["host_ipc", "host_pid"], ["second", "first"], ["off"])),
        ([], ["host_ipc"], (["host_ipc"], ["second"], [])),
        ([], ["off"], (["off"], ["first"], [])),
        ([], ["alone"], (["alone"], [], [])),
        (["second"], ["off", "host_pid"], (["off", "host_pid", "host_ipc"], ["second"], [])),
        (["manual"], [], ([], ["manual"], [])),
    ],
)
def test_selections(
    frameworks: list[str], policies: list[str], expected: tuple[list[str], list[str], list[str]]
) -> None:
    assert described(select(BUNDLE, frameworks, policies)) == expected


def test_frameworks_that_are_judged_when_asked_for() -> None:
    theirs = msgspec.structs.replace(BUNDLE.frameworks["second"], default=False)
    bundle = msgspec.structs.replace(BUNDLE, frameworks={**BUNDLE.frameworks, "second": theirs})
    everything = ["host_pid", "host_ipc", "alone"]
    assert described(select(bundle)) == (everything, ["first"], ["off"])
    assert described(select(bundle, ["second"])) == (["host_ipc", "host_pid"], ["second"], [])
    assert described(select(bundle, attested={"second"})) == (everything, ["first", "second"], ["off"])
    # an attestation brings nothing to those who asked for something else
    assert described(select(bundle, ["first"], attested={"second"}))[1] == ["first"]
    assert described(select(bundle, policies=["alone"], attested={"second"}))[1] == []


@pytest.mark.parametrize(
    ("frameworks", "policies", "message"),
    [
        (["frist"], [], "unknown framework 'frist'; did you mean 'first'?"),
        ([], ["hostpid"], "unknown policy 'hostpid'; did you mean 'host_pid'?"),
        ([], ["xyz"], "unknown policy 'xyz'"),
        (["first"], [""], "unknown policy ''"),
    ],
)
def test_ids_that_do_not_exist(frameworks: list[str], policies: list[str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        select(BUNDLE, frameworks, policies)
    assert str(error.value) == message
    assert error.value.hint == ("auditor policies list" if policies else "known: first, second, manual")


COUNTING = policy("counting", kinds=("Namespace",), needs=("results",), counts=("first", "second"))
WITH_COUNTING = msgspec.structs.replace(BUNDLE, policies={**BUNDLE.policies, "counting": COUNTING})


def test_a_policy_that_counts_brings_what_it_counts() -> None:
    chosen = select(WITH_COUNTING, policies=["counting"])
    assert (list(chosen.policies), list(chosen.counted)) == (["counting"], ["host_pid", "host_ipc"])
    assert list(chosen.judging) == ["host_pid", "host_ipc", "counting"]
    # what is asked for is no mere help
    chosen = select(WITH_COUNTING, policies=["counting", "host_ipc"])
    assert (list(chosen.policies), list(chosen.counted)) == (["counting", "host_ipc"], ["host_pid"])
    assert select(WITH_COUNTING).counted == {}
    assert select(WITH_COUNTING, policies=["alone"]).counted == {}


def test_what_is_only_counted_must_be_within_reach_as_well() -> None:
    deep = policy("host_ipc", reads=("status",))
    bundle = msgspec.structs.replace(WITH_COUNTING, policies={**WITH_COUNTING.policies, "host_ipc": deep})
    chosen = within_reach(select(bundle, policies=["counting"]), SourceFacts("manifests"))
    assert (list(chosen.policies), list(chosen.counted)) == (["counting"], ["host_pid"])
    # nobody asked for it, so that it was left out is not told
    assert chosen.unreachable == ()


def test_secrets_are_read_only_if_that_is_allowed() -> None:
    bundle = msgspec.structs.replace(
        BUNDLE, policies={**BUNDLE.policies, "secret": policy("secret", kinds=("Secret",))}
    )
    usual = select(bundle)
    assert "secret" not in usual.judging
    assert [one.id for one in usual.confidential] == ["secret"]
    allowed = select(bundle, secrets=True)
    assert "secret" in allowed.policies
    assert allowed.confidential == ()
    with pytest.raises(UsageError, match="policy secret reads the metadata of Secrets"):
        select(bundle, policies=["secret"])
