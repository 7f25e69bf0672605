"""The nouns of the rules: policies, the frameworks that they answer, and the bundle of both."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for critical up to 4 for info: sorts worst first."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Parameter(msgspec.Struct, frozen=True):
    """What a policy declares of one of its parameters."""

    default: Any
    description: str = ""
    pattern: str = ""
    """Regular expression that a string must match as a whole."""
    choices: tuple[Any, ...] = ()

    @property
    def type(self) -> str:
        """The type of its values, in words: that of the default."""
        if isinstance(self.default, list) and self.default:
            return f"list of {type_name(self.default[0])}s"
        return type_name(self.default)


def type_name(value: Any) -> str:
    """Return the type of a value of YAML or JSON in words."""
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "mapping"}
    return "null" if value is None else names.get(type(value), type(value).__name__)


class Policy(msgspec.Struct, frozen=True):
    """One automated check in Rego, as its METADATA describes it."""

    id: str
    title: str
    description: str
    severities: tuple[Severity, ...]
    """The declared set; the first one applies where a finding names none."""
    category: str
    kinds: tuple[str, ...]
    """Kinds it judges, with the named sets resolved."""
    remediation: str
    references: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    excuses: tuple[str, ...] = ()
    """Relations without which it misses no fault, or says `unknown` itself.

    They only take findings back: without them it judges, and the evidence says so.
    """
    about: tuple[str, ...] = ()
    """What it judges of a relation, as `grants.powers.node_proxy`; empty if that is all of it.

    Where the relation files nothing of that, the policy is shown `{}` in its place.
    """
    counts: tuple[str, ...] = ()
    """Frameworks whose policies it needs the `results` of, whether they are selected or not."""
    none_found: str = ""
    """Why it has no verdict where it applies to nothing in a whole cluster; empty if that is none."""
    enabled: bool = True
    supersedes: tuple[str, ...] = ()
    retired_ids: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    declared: Mapping[str, Parameter] = {}
    """Its parameters as METADATA declares them, by name."""
    parameters: Mapping[str, Any] = {}
    """The values in force, by name."""
    namespaces: Mapping[str, Mapping[str, Any]] = {}
    """What is other in single namespaces, by pattern; empty where no namespace has its own parameters."""
    override: Severity | None = None
    """What auditor.yaml makes of the severity of every finding."""
    reads: tuple[str, ...] = ()
    """Parts of the document that the module reads, from `opa deps`."""
    code: str = ""
    """sha256 of the module and the library modules it imports."""
    digest: str = ""
    """sha256 of all that its verdicts depend on: `code`, and the parameters, of namespaces too."""
    custom: bool = False

    @property
    def severity(self) -> Severity:
        """The severity of a finding that names none."""
        return self.override or self.severities[0]

    @property
    def joins(self) -> tuple[str, ...]:
        """All relations and inputs that it may read."""
        return (*self.needs, *self.wants, *self.excuses)

    @property
    def judges_pods(self) -> bool:
        """It looks at what runs in pods, and so at live pods that differ from their owner's template."""
        return not {"pod", "containers"}.isdisjoint(self.reads)

    @property
    def decides_everywhere(self) -> bool:
        """Its verdicts about system namespaces decide controls too: there is no control plane elsewhere."""
        return self.category == "control_plane"

    @property
    def first_id(self) -> str:
        """The id it was born with: fingerprints survive a renaming."""
        return self.retired_ids[0] if self.retired_ids else self.id


class ByHand(msgspec.Struct, frozen=True):
    """What a person does for a control, or for the part of it that no policy answers."""

    instructions: str
    """What to look at, and what to find there."""
    evidence: str
    """What shows to others that it was done."""
    command: str = ""
    """Shows it on a terminal; empty where no command does."""


class Control(msgspec.Struct, frozen=True):
    """One requirement of a framework."""

    id: str
    title: str
    policies: tuple[str, ...] = ()
    """Empty: a person has to answer it."""
    partial: bool = False
    """The policies answer only a part of the requirement."""
    manual: ByHand | None = None
    level: str = ""
    """The profile of the framework that it belongs to; empty where there are none."""
    assessment: str = ""
    """How the framework itself says that it is assessed: automated or manual; empty where it does not."""


class Framework(msgspec.Struct, frozen=True):
    """A versioned set of controls."""

    id: str
    title: str
    version: str
    controls: tuple[Control, ...]
    references: tuple[str, ...] = ()
    source: str = ""
    """The address of what others wrote and the controls stand for; empty if the framework is our own."""
    licence_note: str = ""
    """What of the source may be repeated, and how."""
    notice: str = ""
    """Whose words these are, and what a score says of the source."""
    default: bool = True
    """It is judged by an audit that asks for no framework."""


class Bundle(msgspec.Struct, frozen=True):
    """Policies, library, frameworks and parameters in one archive with one digest."""

    archive: str
    """Path of the private archive that OPA runs."""
    digest: str
    """`sha256:` and the hexadecimal digest of the archive."""
    policies: Mapping[str, Policy]
    frameworks: Mapping[str, Framework]
    patterns: tuple[str, ...] = ()
    """Patterns of namespaces whose documents are judged with parameters of their own."""
