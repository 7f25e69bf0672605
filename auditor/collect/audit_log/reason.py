"""Which binding allowed a request, from the words that the API server notes with it.

As `plugin/pkg/auth/authorizer/rbac/rbac.go` and `pkg/registry/rbac/validation/rule.go` of Kubernetes write
them: `RBAC: allowed by RoleBinding "NAME/NAMESPACE" of Role "NAME" to User "NAME"`, names quoted as `%q` of
Go does it. A name may hold anything but `/` and `%`.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

_QUOTED = r'"((?:[^"\\]|\\.)*)"'

_REASON = re.compile(
    rf"RBAC: allowed by (ClusterRoleBinding|RoleBinding) {_QUOTED} of (?:Cluster)?Role {_QUOTED} to [A-Z].*"
)

_ESCAPE = re.compile(r"\\(?:(x[0-9a-f]{2})|(u[0-9a-f]{4})|(U[0-9a-f]{8})|(.))")

_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}


class Allowed(msgspec.Struct, frozen=True):
    """The binding that allowed a request."""

    kind: str
    namespace: str
    """"" of a ClusterRoleBinding."""
    name: str


@lru_cache(maxsize=16384)
def allowed(reason: str) -> Allowed | None:
    """Return the binding that a reason names; None if it names none, as those of other authorisers."""
    found = _REASON.fullmatch(reason)
    if not found:
        return None
    kind, quoted, _ = found.groups()
    try:
        name = _unquoted(quoted)
    except ValueError:
        return None
    if kind == "ClusterRoleBinding":
        return Allowed(kind, "", name)
    name, slash, namespace = name.rpartition("/")
    return Allowed(kind, namespace, name) if slash else None


def _unquoted(text: str) -> str:
    """What `strconv.Quote` of Go made this of; raises `ValueError` for what it never writes.

    https://pkg.go.dev/strconv#Quote
    """

    def character(found: re.Match[str]) -> str:
        byte, short, long, letter = found.groups()
        if letter:
            if letter not in _LETTERS:
                raise ValueError(letter)
            return _LETTERS[letter]
        code = int((byte or short or long)[1:], 16)
        # above 0x7f it stands for a byte that is no UTF-8: no name has one
        if byte and code > 0x7F:
            raise ValueError(byte)
        return chr(code)

    return _ESCAPE.sub(character, text)
