"""One rule of a role, and which requests it allows.

As `RuleAllows` and `evaluation_helpers.go` of the API server do it:
https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authorizer/rbac/rbac.go
"""

from __future__ import annotations

import msgspec

from auditor.access.attributes import Attributes

ALL = "*"


class Rule(msgspec.Struct, frozen=True):
    """A PolicyRule. Nothing is folded, trimmed or expanded: what is written is what is compared."""

    verbs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """`apiGroups`: `*` or a whole name; `*.k8s.io` is the name of no group."""
    resources: tuple[str, ...] = ()
    """`*` (sub-resources too), `pods`, `pods/exec`, or `*/exec`. `pods/*` allows nothing."""
    names: tuple[str, ...] = ()
    """`resourceNames`; none is any. `*` is the name of an object like others."""
    paths: tuple[str, ...] = ()
    """`nonResourceURLs`: `*`, a whole path, or the beginning of one with `*` after it."""

    def allows(self, asked: Attributes) -> bool:
        """Tell whether this rule alone allows a request, wherever it is bound."""
        if not _verb_matches(self, asked.verb):
            return False
        if asked.path:
            return any(_path_matches(path, asked.path) for path in self.paths)
        return (
            (ALL in self.groups or asked.group in self.groups)
            and _resource_matches(self, asked)
            and (not self.names or asked.name in self.names)
        )


def _verb_matches(rule: Rule, verb: str) -> bool:
    return ALL in rule.verbs or verb in rule.verbs


def _resource_matches(rule: Rule, asked: Attributes) -> bool:
    if ALL in rule.resources or asked.combined in rule.resources:
        return True
    return bool(asked.subresource) and f"{ALL}/{asked.subresource}" in rule.resources


def _path_matches(pattern: str, path: str) -> bool:
    if pattern in (ALL, path):
        return True
    # All stars at its end are cut off: `/a**` is `/a*`. A star elsewhere is a character of the path.
    return pattern.endswith(ALL) and path.startswith(pattern.rstrip(ALL))
