"""Policies that name others: what they supersede, whose results they count, and the ids that they had."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from auditor.errors import BundleError, did_you_mean
from auditor.rules import Policy


def check_names(policies: Mapping[str, Policy], wheres: Mapping[str, str]) -> None:
    """Hold the policies, by id, against each other; `wheres` are their files, for messages.

    Raises `BundleError` for a superseded policy that does not exist or ships with auditor, for a
    policy that supersedes itself, and for a former id that belongs to two.
    """
    former: dict[str, str] = dict.fromkeys(policies, "a policy in use")
    for policy in policies.values():
        where = wheres[policy.id]
        for name in policy.supersedes:
            if name not in policies:
                hint = did_you_mean(name, policies)
                raise BundleError(f"{where}: supersedes unknown policy {name!r}{hint}")
            if policy.custom and not policies[name].custom:
                raise BundleError(
                    f"{where}: supersedes {name}, whose findings it would hide; that one ships with auditor",
                    f"auditor.yaml switches a policy off: policies.{name}.enabled: false",
                )
        if policy.id in _superseded(policy, policies):
            raise BundleError(f"{where}: supersedes itself, by way of {', '.join(policy.supersedes)}")
        for name in policy.retired_ids:
            if name in former:
                raise BundleError(f"{where}: retired id {name!r} is also that of {former[name]}")
            former[name] = policy.id


def check_counts(
    policies: Mapping[str, Policy], frameworks: Collection[str], wheres: Mapping[str, str]
) -> None:
    """Check that the frameworks exist whose results policies count. Raises `BundleError`."""
    for policy in policies.values():
        for name in policy.counts:
            if name not in frameworks:
                hint = did_you_mean(name, frameworks)
                raise BundleError(
                    f"{wheres[policy.id]}: counts the results of unknown framework {name!r}{hint}"
                )


def _superseded(policy: Policy, policies: Mapping[str, Policy]) -> set[str]:
    found: set[str] = set()
    waiting = [*policy.supersedes]
    while waiting:
        name = waiting.pop()
        if name not in found and name in policies:
            found.add(name)
            waiting += policies[name].supersedes
    return found
