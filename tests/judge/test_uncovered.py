"""A waiver accepts what it names: what its finding superseded is shown again, and only that."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from auditor.judge.findings import uncovered
from auditor.objects import ObjectRef, ResourceEntry
from auditor.record import Finding
from tests.report.records import finding

OPERATOR = ObjectRef("Operator", "one", "a/v1", "shop")
POD = "/spec/template/spec"


def on(name: str, kind: str = "Deployment", **rest: Any) -> ResourceEntry:
    return ResourceEntry("apps/v1", kind, "shop", name, **rest)


def above(resource: ResourceEntry, *, waived: bool, path: str = f"{POD}/hostNetwork") -> Finding:
    status = "waived" if waived else "open"
    return finding("host_network", "high", resource, path=path, status=status)


def below(resource: ResourceEntry, path: str = f"{POD}/hostNetwork/port") -> Finding:
    return finding("host_port", "medium", resource, path=path, superseded_by="host_network")


@pytest.mark.parametrize(
    ("findings", "shown"),
    [
        ([above(on("a"), waived=False), below(on("a"))], []),
        ([above(on("a"), waived=True), below(on("a"))], ["a"]),
        # Deployments of one operator answer for themselves, its pods do not
        (
            [
                above(on("a", managed_by=OPERATOR), waived=True),
                above(on("b", managed_by=OPERATOR), waived=False),
                below(on("a", managed_by=OPERATOR)),
                below(on("b", managed_by=OPERATOR)),
            ],
            ["a"],
        ),
        (
            [
                above(on("a", "Pod", managed_by=OPERATOR), waived=True),
                below(on("b", "Pod", managed_by=OPERATOR)),
            ],
            ["b"],
        ),
        # of two places only one is accepted
        (
            [
                above(on("a"), waived=True, path="/spec/x"),
                above(on("a"), waived=False, path="/spec/y"),
                below(on("a"), "/spec/x/port"),
                below(on("a"), "/spec/y/port"),
            ],
            ["/spec/x/port"],
        ),
    ],
)
def test_what_is_shown_again(findings: list[Finding], shown: list[str]) -> None:
    after = uncovered(findings)
    assert [msgspec.structs.replace(one, superseded_by=None) for one in after] == [
        msgspec.structs.replace(one, superseded_by=None) for one in findings
    ]
    bare = [one for one in after if one.policy == "host_port" and one.superseded_by is None]
    assert [one.path if one.path.startswith("/spec/x") else one.resource.name for one in bare] == shown
