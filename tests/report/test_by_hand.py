"""The command that shows the place of a finding: what a shell and kubectl make of it."""

from __future__ import annotations

import shlex

import pytest

from auditor.objects import Place, ResourceEntry
from auditor.report.by_hand import command
from tests.report.records import finding


def told(path: str, kind: str = "Deployment", version: str = "apps/v1", name: str = "web") -> list[str]:
    resource = ResourceEntry(version, kind, "shop", name)
    return shlex.split(command(finding(resource=resource, path=path)))


def test_command_names_the_object_by_its_group() -> None:
    assert told("/spec/replicas") == [
        *("kubectl", "get", "Deployment.v1.apps/web", "--namespace", "shop"),
        *("--output", "jsonpath={.spec.replicas}"),
    ]
    assert told("/spec", "Pod", "v1")[2] == "Pod/web"


def test_cluster_wide_objects_have_no_namespace() -> None:
    resource = ResourceEntry("rbac.authorization.k8s.io/v1", "ClusterRole", "", "system:x")
    found = shlex.split(command(finding(resource=resource, path="")))
    assert found == [
        "kubectl",
        "get",
        "ClusterRole.v1.rbac.authorization.k8s.io/system:x",
        "--output",
        "yaml",
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/spec/containers/0/image", "jsonpath={.spec.containers[0].image}"),
        (
            "/metadata/annotations/example.org~1owner",
            "jsonpath={.metadata.annotations['example\\.org/owner']}",
        ),
        ("/data/0", "jsonpath={.data['0']}"),
        ("/data/a b", "yaml"),
        ("/data/it's", "yaml"),
        ("", "yaml"),
    ],
)
def test_pointers_become_paths_where_they_can(path: str, expected: str) -> None:
    assert told(path, "ConfigMap", "v1")[-1] == expected


def test_hostile_names_stay_one_word() -> None:
    name = "x; rm -rf ~ $(id) 'y' \n --all"
    assert told("/spec", name=name)[2] == f"Deployment.v1.apps/{name}"
    assert len(told("/spec", name="--all")) == 7


def test_what_no_cluster_has_has_no_command() -> None:
    of_file = ResourceEntry("apps/v1", "Deployment", "shop", "web", source=Place("a.yaml", 1, 1))
    assert command(finding(resource=of_file)) == ""
    assert command(finding(resource=ResourceEntry("auditor.dev/v1", "Waiver", "", "w-1"))) == ""
