"""Who sends a request: a name and its groups, with those that everybody of its sort is in.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/ says which groups are given to whom.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
MASTERS = "system:masters"
"""May do everything: the API server asks no authoriser about its members."""
SERVICE_ACCOUNTS = "system:serviceaccounts"

_ACCOUNT = "system:serviceaccount:"


class Identity(msgspec.Struct, frozen=True):
    """One name and all of its groups."""

    user: str
    groups: frozenset[str] = frozenset()


ANONYMOUS = Identity("system:anonymous", frozenset({UNAUTHENTICATED}))
"""Who has not logged in."""


def account_name(namespace: str, name: str) -> str:
    """Return the user name of a ServiceAccount."""
    return f"{_ACCOUNT}{namespace}:{name}"


def account_of(user: str) -> tuple[str, str] | None:
    """Return namespace and name of the ServiceAccount that a user name is that of; None for other users."""
    namespace, colon, name = user.removeprefix(_ACCOUNT).partition(":")
    if not user.startswith(_ACCOUNT) or not (namespace and colon and name) or ":" in name:
        return None
    return namespace, name


def user(name: str, groups: Iterable[str] = ()) -> Identity:
    """Return who has logged in under a name: a ServiceAccount, if it is the name of one."""
    given = frozenset(groups)
    if name == ANONYMOUS.user:
        return Identity(name, given | ANONYMOUS.groups)
    account = account_of(name)
    if account:
        given |= {SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{account[0]}"}
    return Identity(name, given | {AUTHENTICATED})


def service_account(namespace: str, name: str) -> Identity:
    """Return as whom the pods of a ServiceAccount log in."""
    return user(account_name(namespace, name))
