"""Rules, and parts of rules, that no request can match.

They give nothing, but whoever wrote them believes that they do, or that they limit something. What
cannot be told for sure counts as alive: verbs that are no requests of the API (`bind`, `use`), resources
that only authorisers know (`users`, `nodes/stats`), and any resource of a group that is not Kubernetes' own.
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from auditor.access.resources import Served
from auditor.access.rule import ALL, Rule

REQUESTS = frozenset({"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"})
"""The verbs that requests for resources have, as discovery lists them."""

NAMELESS = frozenset({"create", "deletecollection"})
"""Those whose requests name no object. A list or watch does with the field selector metadata.name=NAME.
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources"""

APPLIES = frozenset({"patch", ALL})
"""What server-side apply needs besides `create`, which then is asked for by name."""

MAX_RIGHTS = 2_000
"""Groups times resources times verbs of a rule that are looked at: one with more counts as alive."""


class Dead(msgspec.Struct, frozen=True, order=True):
    """What gives nothing."""

    path: str
    """JSON pointer into the role."""
    reason: str


class Reach(msgspec.Struct, frozen=True):
    """Where the rules of a role count, and what a server serves there."""

    everywhere: bool
    """Some ClusterRoleBinding binds it; else RoleBindings only."""
    groups: frozenset[str] | None = None
    """The API groups that are served; None if that is not known."""
    served: Served | None = None
    """What is served of Kubernetes' own groups; None if that is not known."""


def dead(rules: Sequence[Rule], reach: Reach) -> tuple[Dead, ...]:
    """Return what of the rules of a bound role can match no request, in order."""
    applies = any(not APPLIES.isdisjoint(rule.verbs) for rule in rules)
    found: list[Dead] = []
    for index, rule in enumerate(rules):
        where = f"/rules/{index}"
        whole = _whole(rule, reach, applies=applies)
        found += [Dead(where, whole)] if whole else _entries(rule, where)
    return tuple(found)


def _entries(rule: Rule, where: str) -> Iterator[Dead]:
    """What is written in a rule beside what lives."""
    for index, resource in enumerate(rule.resources):
        if reason := _no_form(resource):
            yield Dead(f"{where}/resources/{index}", reason)
    for index, name in enumerate(rule.names):
        if name == ALL:
            yield Dead(f"{where}/resourceNames/{index}", _STAR)
    for index, group in enumerate(rule.groups):
        if reason := _no_group(group):
            yield Dead(f"{where}/apiGroups/{index}", reason)


_STAR = "the name * is that of an object called *; without resourceNames a rule is about all"


def _whole(rule: Rule, reach: Reach, *, applies: bool) -> str:
    """Say why no request can match a rule, "" if one can."""
    if not rule.paths and not (rule.verbs and rule.groups and rule.resources):
        return ""  # nothing is written that could be mistaken for a right
    if len(rule.groups) * len(rule.resources) * len(rule.verbs) > MAX_RIGHTS:
        return ""
    if rule.names and all(name == ALL for name in rule.names):
        return _STAR
    reasons: dict[str, None] = {}
    for reason in _reasons(rule, reach, applies=applies):
        if not reason:
            return ""
        reasons[reason] = None
    return "; ".join(list(reasons)[:3])


def _reasons(rule: Rule, reach: Reach, *, applies: bool) -> Iterator[str]:
    """Yield for each right why it is none, "" for one that lives."""
    for _ in rule.paths:
        yield "" if reach.everywhere else "a RoleBinding gives no URLs"
    for group in rule.groups:
        for resource in rule.resources:
            for verb in rule.verbs:
                yield (
                    _no_form(resource)
                    or _no_group(group)
                    or _unserved(group, resource, verb, reach)
                    or _nameless(rule, resource, verb, applies=applies)
                )


def _no_form(resource: str) -> str:
    if not resource.endswith("/*"):
        return ""
    return f"{resource} matches nothing: sub-resources are named, and those of all resources are */NAME"


def _no_group(group: str) -> str:
    return f"the API group {group} is matched letter for letter" if ALL in group and group != ALL else ""


def _nameless(rule: Rule, resource: str, verb: str, *, applies: bool) -> str:
    if not rule.names or verb not in NAMELESS or (verb == "create" and applies):
        return ""
    # what is posted to a sub-resource, as serviceaccounts/token, has the name of the object
    if "/" in resource or resource == ALL:
        return ""
    return f"a request to {verb} {resource} names no object, so that resourceNames never match"


def _unserved(group: str, resource: str, verb: str, reach: Reach) -> str:
    """Say that the server has no such resource, not this verb, or not where the role is bound."""
    if ALL in (group, resource) or resource.startswith(f"{ALL}/"):
        return ""
    if reach.groups is not None and group not in reach.groups:
        return f"the server has no API group {group}"
    served = reach.served
    if served is None or group not in served.groups or (verb not in REQUESTS and verb != ALL):
        return ""
    base, _, subresource = resource.partition("/")
    if subresource == "finalizers" or (group, base, bool(subresource)) == ("", "nodes", True):
        return ""  # asked about by admission, and by the kubelet
    if (group, resource) not in served.verbs:
        return "" if verb == ALL else f"the server has no {resource} in {group or 'the core group'}"
    if not reach.everywhere and not served.namespaced[group, resource] and base != "namespaces":
        return f"{base} are in no namespace: a RoleBinding gives none of them"
    if verb != ALL and verb not in served.verbs[group, resource]:
        return f"the server has no {verb} of {resource}"
    return ""
