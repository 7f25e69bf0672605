"""Which policies and frameworks an audit is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from auditor.errors import UsageError, did_you_mean
from auditor.judge.namespaces import Namespaces
from auditor.model import SourceFacts
from auditor.rules import Bundle, Framework, Policy


class Selection(msgspec.Struct, frozen=True):
    """What was asked for, resolved."""

    policies: Mapping[str, Policy]
    frameworks: tuple[Framework, ...]
    declined: tuple[Policy, ...]
    """Switched off, by their own METADATA or by the configuration."""
    unreachable: tuple[Policy, ...] = ()
    """They judge what this source does not have."""
    namespaces: Namespaces = Namespaces()
    """In which of them something is judged."""
    owner_label: str = ""
    """The label that says whose an object is; empty if nobody asks."""


def within_reach(selection: Selection, facts: SourceFacts) -> Selection:
    """Take out the policies that judge live status, where the source is manifests."""
    if facts.kind == "cluster":
        return selection
    blind = tuple(policy for policy in selection.policies.values() if "status" in policy.reads)
    seeing = {name: one for name, one in selection.policies.items() if one not in blind}
    return msgspec.structs.replace(selection, policies=seeing, unreachable=blind)


def select(bundle: Bundle, frameworks: Sequence[str] = (), policies: Sequence[str] = ()) -> Selection:
    """Resolve the ids of --framework and --policy; none of both means all that is enabled.

    A policy named by --policy is taken even if it is switched off. Raises `UsageError` for an id
    that does not exist, naming the nearest one.
    """
    for name in frameworks:
        if name not in bundle.frameworks:
            raise UsageError(
                f"unknown framework {name!r}{did_you_mean(name, bundle.frameworks)}",
                f"known: {', '.join(bundle.frameworks)}",
            )
    for name in policies:
        if name not in bundle.policies:
            raise UsageError(
                f"unknown policy {name!r}{did_you_mean(name, bundle.policies)}", "auditor policies list"
            )
    asked = [
        policy for name in frameworks for one in bundle.frameworks[name].controls for policy in one.policies
    ]
    wanted = dict.fromkeys((*policies, *asked)) if policies or frameworks else dict.fromkeys(bundle.policies)
    chosen = {
        name: bundle.policies[name] for name in wanted if name in policies or bundle.policies[name].enabled
    }
    declined = tuple(bundle.policies[name] for name in wanted if name not in chosen)
    shown = [bundle.frameworks[name] for name in dict.fromkeys(frameworks)] or [
        framework
        for framework in bundle.frameworks.values()
        if any(policy in chosen for control in framework.controls for policy in control.policies)
    ]
    return Selection(chosen, tuple(shown), declined)
