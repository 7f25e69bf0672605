"""Who a request comes from: the headers that carry a token, a password, an impersonation.

What kubectl sends: https://github.com/kubernetes/client-go/blob/master/transport/round_trippers.go
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from auditor.collect.entries import User
from auditor.collect.plugin import Credential

Header = tuple[str, str]

Authorization = Callable[[], str]
"""Gives the value of the header Authorization, asked before each request; "" for none."""

_ESCAPED = re.compile(r"[^!#$&'*+\-.^_`|~0-9A-Za-z]")
"""What cannot stand in the name of a header, and the sign that escapes it."""


def nobody() -> str:
    """Send no credentials."""
    return ""


def fixed(token: str) -> Authorization:
    """Send a token that stays the same."""
    return lambda: f"Bearer {token}"


def basic(name: str, password: str) -> Authorization:
    """Send name and password. Kubernetes 1.19 and newer refuses them, what stands before it may not."""
    encoded = base64.b64encode(f"{name}:{password}".encode()).decode()
    return lambda: f"Basic {encoded}"


class TokenFile:
    """Sends the token that stands in a file now.

    The kubelet replaces a service account's token long before it expires. Of the client library's
    loaders (version 37), the one for service accounts reads the file again once it is a minute old,
    and fails where that is impossible; the one for kubeconfigs never reads a `tokenFile` again. kubectl
    reads both once a minute and goes on with the last token that it could read. So do we, but for each
    request, since it takes 30 microseconds: no old token is sent where a new one lies ready.
    """

    def __init__(self, path: str, token: str = "") -> None:
        """`token` counts until the file can be read; without it, the file must be readable now.

        Raises `OSError`, or `ValueError` for a file without a token.
        """
        self._path = Path(path)
        self._token = token or self._read()

    def __call__(self) -> str:
        """Return the header's value."""
        with suppress(OSError, ValueError):  # it may be in the middle of being replaced
            self._token = self._read()
        return f"Bearer {self._token}"

    def _read(self) -> str:
        token = self._path.read_bytes().decode("latin-1").strip()
        if not token:
            raise ValueError(f"{self._path}: the token file is empty")
        return token


class PluginToken:
    """Sends the token of a credential plugin, which is run again when its token has expired."""

    def __init__(self, run: Callable[[], Credential], first: Credential) -> None:
        """`first` is what the plugin answered already."""
        self._run = run
        self._credential = first
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """Return the header's value; raises as the plugin does."""
        with self._lock:
            expires = self._credential.expiration_timestamp
            if expires and expires < datetime.now(UTC):
                self._credential = self._run()
            return f"Bearer {self._credential.token}" if self._credential.token else ""


def impersonation(user: User) -> tuple[Header, ...]:
    """Return the headers that ask to be taken for somebody else; empty if nobody is named.

    https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
    """
    if not user.as_:
        return ()
    headers = [("Impersonate-User", user.as_)]
    if user.as_uid:
        headers.append(("Impersonate-Uid", user.as_uid))
    headers += [("Impersonate-Group", group) for group in user.as_groups]
    for key, values in user.as_user_extra.items():
        name = _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", _bytes(key))
        headers += [(f"Impersonate-Extra-{name}", value) for value in values]
    return tuple((name, _bytes(value)) for name, value in headers)


def _bytes(text: str) -> str:
    """Return the text whose Latin-1 bytes, which HTTP sends, are the UTF-8 ones of the text."""
    return text.encode().decode("latin-1")
