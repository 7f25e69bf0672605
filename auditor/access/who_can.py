"""Who may do one thing, through which bindings, and how to ask the API server the same."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import msgspec

from auditor.access.attributes import Attributes
from auditor.access.authoriser import Authoriser
from auditor.access.identity import MASTERS
from auditor.access.resources import resource
from auditor.access.roles import Grant, Subject, SubjectKind
from auditor.errors import UsageError, did_you_mean

VERBS = (
    *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
    *("bind", "escalate", "impersonate", "approve", "sign", "attest", "use", "*"),
)
"""What is asked of resources; RBAC takes any other word too, and no request ever has it."""

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "*")
"""What is asked of URLs."""


BESIDE = f"members of {MASTERS} may do everything; Node, webhook and ABAC authorisers may allow more"
"""What stands outside of RBAC."""


class Via(msgspec.Struct, frozen=True):
    """One way in which somebody has a right."""

    binding: str
    """As `RoleBinding shop/readers`."""
    role: str
    """As `ClusterRole view`."""
    rule: int
    """Position in the rules of the role, counted from 0."""


class Holder(msgspec.Struct, frozen=True, omit_defaults=True):
    """One who may do it."""

    kind: str
    name: str
    via: tuple[Via, ...]
    check: str
    """The command that asks the API server."""
    namespace: str = ""
    """Of a ServiceAccount."""

    def __str__(self) -> str:
        """Kind and name as people write them."""
        return str(Subject(self.kind, self.name, self.namespace))


class Unread(msgspec.Struct, frozen=True):
    """What could not be read, so that somebody may be missing from the answer."""

    kind: str
    reason: str


class WhoCan(msgspec.Struct, frozen=True):
    """The answer to `auditor who-can`."""

    asked: Attributes
    subjects: tuple[Holder, ...]
    """Users, groups and ServiceAccounts that bindings give it to, in order."""
    dangling: tuple[str, ...]
    """Bindings that give nothing because their role does not exist, in order."""
    unread: tuple[Unread, ...] = ()
    beside: str = BESIDE
    """What stands outside of RBAC."""


def attributes(verb: str, what: str, name: str, namespace: str) -> tuple[Attributes, list[str]]:
    """Return what is asked and how it was understood; `what` is RESOURCE[.GROUP][/SUB], or a path with `/`.

    Raises `UsageError` for an unknown resource, and for a path with a name or a namespace.
    """
    if what.startswith("/"):
        if name or namespace:
            raise UsageError(f"{what}: a URL has no name and no namespace")
        return Attributes(verb, path=what), _odd(verb, METHODS)
    found = resource(what)
    notes = _odd(verb, VERBS)
    if (found.name, found.group) == ("namespaces", "") and name:
        namespace = name  # so does the API server: a RoleBinding in it counts
    elif found.namespaced is False and namespace:
        notes.append(f"{found.name} are in no namespace: -n {namespace} makes no difference")
        namespace = ""
    elif found.namespaced and not namespace:
        notes.append("without -n: in all namespaces at once, which no RoleBinding gives")
    return Attributes(verb, found.group, found.name, found.subresource, name, namespace), notes


def who_can(authoriser: Authoriser, asked: Attributes, unread: Sequence[Unread] = ()) -> WhoCan:
    """Return whom bindings give it to."""
    return WhoCan(
        asked,
        tuple(_holder(subject, grants, asked) for subject, grants in authoriser.holders(asked).items()),
        tuple(sorted(f"{one.ref} -> {one.role}" for one in authoriser.dangling)),
        tuple(unread),
    )


def _holder(subject: Subject, grants: Sequence[Grant], asked: Attributes) -> Holder:
    ways = tuple(dict.fromkeys(Via(str(one.binding), str(one.role), one.rule) for one in grants))
    return Holder(subject.kind, subject.name, ways, command(subject, asked), subject.namespace)


def command(subject: Subject, asked: Attributes) -> str:
    """Return the kubectl command that asks the API server whether a subject may."""
    words = ["kubectl", "auth", "can-i", asked.verb]
    if asked.path:
        words.append(asked.path)
    else:
        group = f".{asked.group}" if asked.group not in ("", "*") else ""
        words.append(f"{asked.resource}{group}" + (f"/{asked.name}" if asked.name else ""))
        words += [f"--subresource={asked.subresource}"] if asked.subresource else []
        words += [f"--namespace={asked.namespace}"] if asked.namespace else ["--all-namespaces"]
    return shlex.join([*words, *impersonated(subject)])


def impersonated(subject: Subject) -> list[str]:
    """Return the flags with which kubectl asks as a subject."""
    if subject.kind == SubjectKind.GROUP:
        return ["--as=nobody", f"--as-group={subject.name}"]
    return [f"--as={subject.user}"]


def _odd(verb: str, known: Sequence[str]) -> list[str]:
    if verb in known or ":" in verb:  # impersonate:user-info and its like
        return []
    return [f"no request has the verb {verb!r}{did_you_mean(verb, known)}"]
