"""What --framework and --policy choose."""

from __future__ import annotations

import pytest

from auditor.errors import UsageError
from auditor.judge.selection import Selection, select
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
