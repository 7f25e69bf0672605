"""What a policy reads, from `opa deps`: the parts of the document, the library, its parameters.

A verdict depends on nothing else, so this is what a cache may key it by; and what a policy reads
without saying so in its METADATA is a load error.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from auditor.document.relations.table import INPUTS
from auditor.errors import BundleError, did_you_mean
from auditor.evaluate.dependencies import Dependencies
from auditor.rules import Policy

PARTS = frozenset({"meta", "spec", "status", "pod", "containers", "cluster"})
"""Parts that every policy may read; `now` and relations only if its METADATA says so."""


class Reads(msgspec.Struct, frozen=True):
    """The read set of one policy."""

    parts: tuple[str, ...]
    """Names of document parts; relations as `related.<name>`."""
    library: tuple[str, ...]
    """Library packages, as `lib.pod_security`."""


def read_set(found: Dependencies, policy: Policy, where: str) -> Reads:
    """Return what a policy reads, held against its METADATA; `found` is what it depends on.

    `policy` has its parameters. Raises `BundleError` if it has no `fail` rule, reads the document as a
    whole, a part or a relation that it may not, a parameter that it does not declare, or data of others.
    """
    own = ("data", "k8s", policy.id)
    if (*own, "fail") not in [rule[:4] for rule in found.virtual]:
        raise BundleError(f"{where}: has no rule `fail`", "fail contains finding if { ... }")
    parts: set[str] = set()
    for reference in found.base:
        if reference[0] == "input":
            parts.add(_part(reference, policy, where))
        elif reference[:3] != ("data", "parameters", policy.id):
            raise BundleError(
                f"{where}: reads {'.'.join(reference)}; a policy reads its document, its own rules and "
                f"parameters, and data.lib"
            )
        elif len(reference) > 3 and reference[3] not in policy.parameters:
            hint = did_you_mean(reference[3], policy.parameters)
            raise BundleError(f"{where}: reads parameter {reference[3]!r}, which it does not declare{hint}")
    libraries = {".".join(rule[1:3]) for rule in found.virtual if rule[:2] == ("data", "lib")}
    return Reads(tuple(sorted(parts)), tuple(sorted(libraries)))


def _part(reference: Sequence[str], policy: Policy, where: str) -> str:
    names = reference[1:]
    if names[:1] == ("related",) and len(names) > 1:
        if names[1] not in policy.joins:
            raise BundleError(
                f"{where}: reads input.related.{names[1]} without naming it in METADATA `needs`, `wants` or "
                f"`excuses`"
            )
        return f"related.{names[1]}"
    if names and names[0] in PARTS:
        return names[0]
    if names and names[0] in INPUTS:
        if names[0] not in policy.needs:
            raise BundleError(f"{where}: reads input.{names[0]} without naming it in METADATA `needs`")
        return names[0]
    raise BundleError(
        f"{where}: reads {'.'.join(reference)}; a policy names the part of the document that it reads: "
        f"{', '.join(sorted(PARTS))} or related.<relation>"
    )
