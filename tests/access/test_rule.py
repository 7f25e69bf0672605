"""One rule against one request: the forms that people, and other tools, take for something else."""

from __future__ import annotations

import pytest

from auditor.access.attributes import Attributes
from auditor.access.rule import Rule

GET_PODS = Attributes("get", "", "pods", namespace="shop")
EXEC = Attributes("create", "", "pods", "exec", "web", "shop")
SCALE = Attributes("update", "apps", "deployments", "scale", "web", "shop")


def rule(verbs: str, groups: str, resources: str, names: str = "") -> Rule:
    """Return a rule of words; a group `-` is the core group."""
    apis = tuple("" if group == "-" else group for group in groups.split())
    return Rule(tuple(verbs.split()), apis, tuple(resources.split()), tuple(names.split()))


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        (rule("get", "-", "pods"), GET_PODS),
        (rule("*", "*", "*"), GET_PODS),
        (rule("*", "*", "*"), EXEC),
        (rule("create", "-", "pods/exec"), EXEC),
        (rule("create", "-", "*/exec"), EXEC),
        (rule("update", "apps extensions", "*/scale"), SCALE),
        (rule("create", "-", "pods/exec", "db web"), EXEC),
        # `*` covers the verbs that RBAC alone knows.
        (
            rule("*", "rbac.authorization.k8s.io", "roles"),
            Attributes("bind", "rbac.authorization.k8s.io", "roles"),
        ),
    ],
)
def test_allows(written: Rule, asked: Attributes) -> None:
    assert written.allows(asked)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        (rule("create", "-", "pods"), EXEC),
        (rule("create", "-", "pods/*"), EXEC),
        (rule("create", "-", "*/*"), EXEC),
        (rule("create", "-", "exec"), EXEC),
        (rule("get", "-", "*/exec"), GET_PODS),
        (rule("Get", "-", "pods"), GET_PODS),
        (rule("get", "apps", "pods"), GET_PODS),
        (rule("get", "", "pods"), GET_PODS),
        (rule("update", "*.k8s.io ap", "deployments/scale"), SCALE),
        # A star is no wildcard among names, and a request without a name matches no rule with some.
        (rule("get", "-", "pods", "*"), GET_PODS),
        (rule("create", "-", "pods/exec", "*"), EXEC),
        (rule("get", "-", "pods", "web"), GET_PODS),
    ],
)
def test_does_not_allow(written: Rule, asked: Attributes) -> None:
    assert not written.allows(asked)


@pytest.mark.parametrize(
    ("pattern", "path", "allowed"),
    [
        ("*", "/metrics", True),
        ("/metrics", "/metrics", True),
        ("/metrics", "/metrics/slis", False),
        ("/metrics/*", "/metrics/slis", True),
        ("/metrics/*", "/metrics", False),
        ("/healthz*", "/healthz/etcd", True),
        ("/a**", "/ab", True),
        ("/a*b", "/axb", False),
        ("/*/x", "/y/x", False),
    ],
)
def test_paths(pattern: str, path: str, allowed: bool) -> None:
    written = Rule(("get",), ("*",), (), (), (pattern,))
    assert written.allows(Attributes("get", path=path)) is allowed


def test_a_rule_for_resources_allows_no_path() -> None:
    assert not rule("*", "*", "*").allows(Attributes("get", path="/metrics"))


def test_a_rule_for_paths_allows_no_resource() -> None:
    assert not Rule(("*",), (), (), (), ("*",)).allows(GET_PODS)
