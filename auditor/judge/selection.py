"""Which policies and frameworks an audit is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from auditor.document.relations.table import OBSERVED, relation_kinds
from auditor.document.secrets import SECRET
from auditor.errors import UsageError, did_you_mean
from auditor.judge.namespaces import Namespaces
from auditor.model import Observation, SourceFacts
from auditor.rules import Bundle, Framework, Policy


class Selection(msgspec.Struct, frozen=True):
    """What was asked for, resolved."""

    policies: Mapping[str, Policy]
    frameworks: tuple[Framework, ...]
    declined: tuple[Policy, ...]
    """Switched off, by their own METADATA or by the configuration."""
    unreachable: tuple[Policy, ...] = ()
    """They judge what this source does not have."""
    unobserved: tuple[Policy, ...] = ()
    """They judge what running programs say, or an audit log, and none was asked or read."""
    counted: Mapping[str, Policy] = {}
    """They judge only for those of `policies` that count their results, and were not asked for themselves."""
    confidential: tuple[Policy, ...] = ()
    """They read Secrets, if only their metadata, and nobody allowed it."""
    namespaces: Namespaces = Namespaces()
    """In which of them something is judged."""
    owner_label: str = ""
    """The label that says whose an object is; empty if nobody asks."""

    @property
    def judging(self) -> Mapping[str, Policy]:
        """All policies that judge something, whether they were asked for or are only counted."""
        return {**self.counted, **self.policies}


def within_reach(
    selection: Selection,
    facts: SourceFacts,
    observations: Iterable[Observation] = (),
    asked: Iterable[str] = (),
) -> Selection:
    """Take out the policies that judge what nobody could see.

    Live status and how old something is, where the source is manifests; what running programs say, or an
    audit log, where none was asked or read: `asked` are programs that will be, so that there are no
    `observations` yet.
    """
    chosen = selection.judging.values()
    blind = [
        one.id for one in chosen if facts.kind != "cluster" and not {"status", "now"}.isdisjoint(one.reads)
    ]
    heard = {*asked, *(one.program for one in observations)}
    unasked = {name for name, program in OBSERVED.items() if program not in heard}
    deaf = [one.id for one in chosen if one.id not in blind and unasked.intersection(one.needs)]
    out = {*blind, *deaf}
    return msgspec.structs.replace(
        selection,
        policies={name: one for name, one in selection.policies.items() if name not in out},
        counted={name: one for name, one in selection.counted.items() if name not in out},
        unreachable=tuple(selection.policies[name] for name in blind if name in selection.policies),
        unobserved=tuple(selection.policies[name] for name in deaf if name in selection.policies),
    )


def select(
    bundle: Bundle,
    frameworks: Sequence[str] = (),
    policies: Sequence[str] = (),
    attested: Collection[str] = (),
    *,
    secrets: bool = False,
) -> Selection:
    """Resolve the ids of --framework and --policy; none of both means all that is enabled.

    Policies that read Secrets are taken with `secrets` only.

    Where no framework is asked for, those are judged that are so by default, and those of `attested`:
    who answers controls of a framework wants it judged.
    A policy named by --policy is taken even if it is switched off. With a policy that counts the results
    of frameworks come their policies, as far as they are enabled: unless they are asked for too, they
    only judge for it. Raises `UsageError` for an id that does not exist, naming the nearest one, and for a
    policy named by --policy that reads Secrets without `secrets`.
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
        if not secrets and reads_secrets(bundle.policies[name]):
            raise UsageError(f"policy {name} reads the metadata of Secrets", "allow it with --with-secrets")
    asked = [
        policy for name in frameworks for one in bundle.frameworks[name].controls for policy in one.policies
    ]
    wanted = dict.fromkeys((*policies, *asked)) if policies or frameworks else dict.fromkeys(bundle.policies)
    chosen = {
        name: bundle.policies[name] for name in wanted if name in policies or bundle.policies[name].enabled
    }
    declined = tuple(bundle.policies[name] for name in wanted if name not in chosen)
    confidential = tuple(one for one in chosen.values() if not secrets and reads_secrets(one))
    chosen = {name: one for name, one in chosen.items() if one not in confidential}
    shown = [bundle.frameworks[name] for name in dict.fromkeys(frameworks)] or [
        framework
        for framework in bundle.frameworks.values()
        if (framework.default or framework.id in attested)
        and any(policy in chosen for control in framework.controls for policy in control.policies)
    ]
    counted = _counted(bundle, chosen)
    if not secrets:
        counted = {name: one for name, one in counted.items() if not reads_secrets(one)}
    return Selection(chosen, tuple(shown), declined, counted=counted, confidential=confidential)


def reads_secrets(policy: Policy) -> bool:
    """Tell whether a policy makes an audit read Secrets."""
    joined = (kind for name in policy.joins for kind in relation_kinds(name))
    return SECRET in policy.kinds or SECRET in joined


def _counted(bundle: Bundle, chosen: Mapping[str, Policy]) -> dict[str, Policy]:
    """The enabled policies that some chosen one counts the results of, and that are not chosen themselves."""
    frameworks = dict.fromkeys(name for policy in chosen.values() for name in policy.counts)
    named = (
        name for one in frameworks for control in bundle.frameworks[one].controls for name in control.policies
    )
    return {
        name: bundle.policies[name] for name in named if name not in chosen and bundle.policies[name].enabled
    }
