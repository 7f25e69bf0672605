"""The table of kinds."""

from __future__ import annotations

import pytest

from auditor.document.kinds import KIND_SETS, KINDS, WORKLOADS, pod_pointer, same_group


@pytest.mark.parametrize(
    ("api_version", "kind", "same"),
    [
        ("apps/v1", "Deployment", True),
        ("apps/v1beta1", "Deployment", True),
        ("v1", "Pod", True),
        ("batch.volcano.example/v1", "Job", False),
        ("serving.example/v1", "Service", False),
        ("example.dev/v1", "Unheard", True),
    ],
)
def test_a_kind_of_another_group_is_another_kind(api_version: str, kind: str, same: bool) -> None:
    assert same_group(api_version, kind) is same


def test_groups() -> None:
    assert (KINDS["Pod"].group, KINDS["Deployment"].group) == ("", "apps")


def test_named_sets_are_of_kinds_that_exist() -> None:
    assert set(KIND_SETS["workload"]) == set(WORKLOADS)
    assert all(set(kinds) <= set(WORKLOADS) for kinds in KIND_SETS.values())
    assert not {"Job", "CronJob"} & set(KIND_SETS["long_running"])


def test_pod_pointers() -> None:
    assert pod_pointer("CronJob") == "/spec/jobTemplate/spec/template/spec"
    assert pod_pointer("Service") == pod_pointer("Unheard") == ""
