"""Where a running program is asked, and as whom; read from flags and from auditor.yaml."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

Program = Literal["prometheus", "alertmanager"]

_WORKLOAD = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
"""Namespace and name. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/"""

FORM = "NAMESPACE/NAME=URL"
"""How a flag says it."""


FILES = ("token_file", "certificate_authority", "client_certificate", "client_key")
"""The keys that name files; what they hold is for https:// alone."""


def _says(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The address of one running program."""

    workload: Annotated[
        str, _says("NAMESPACE/NAME of the workload, or of the operator's object, that it runs for.")
    ]
    url: Annotated[str, _says("http:// or https://, with the path that it is served under, if any.")]
    token_file: Annotated[str | None, _says("A file with the bearer token; for https:// alone.")] = None
    certificate_authority: Annotated[
        str | None, _says("A file with the certificates, PEM, that the server is verified by.")
    ] = None
    client_certificate: Annotated[str | None, _says("A file with the certificate, PEM, to log in with.")] = (
        None
    )
    client_key: Annotated[str | None, _says("A file with its key, PEM.")] = None

    @property
    def address(self) -> tuple[str, str]:
        """Whose address it is, and which."""
        return self.workload, self.url.rstrip("/")

    @property
    def namespace(self) -> str:
        """The namespace of the workload."""
        return self.workload.partition("/")[0]

    @property
    def name(self) -> str:
        """The name of the workload."""
        return self.workload.partition("/")[2]


def endpoint(text: str) -> Endpoint:
    """Read what a flag says; raises `ValueError` with what is wrong with it."""
    workload, separator, url = text.partition("=")
    if not separator:
        raise ValueError(f"is not {FORM}")
    found = Endpoint(workload, url)
    for _, reason in faults(found):
        raise ValueError(reason)
    return found


def faults(one: Endpoint) -> list[tuple[str, str]]:
    """Return what is wrong with an endpoint: the key, and the reason."""
    found = []
    if not _WORKLOAD.fullmatch(one.workload):
        found.append(("workload", f"{one.workload!r} is not NAMESPACE/NAME of an object"))
    if reason := _url_fault(one.url):
        found.append(("url", reason))
    elif one.url.startswith("http://"):
        # what is sent over http:// anybody on the way may read
        found += [(key, "is for https:// alone") for key in FILES if getattr(one, key)]
    for key, other in (("client_certificate", "client_key"), ("client_key", "client_certificate")):
        if getattr(one, key) and not getattr(one, other):
            found.append((key, f"needs {other}"))
    return found


def _url_fault(url: str) -> str:
    """Say why this is no address to ask; what it holds is not repeated if that may be a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL"
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password, which would stand in reports: use token_file"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "is no URL that begins with http:// or https:// and names a host"
    if parts.query or parts.fragment or not url.isprintable() or " " in url or not url.isascii():
        return "may have a path, but no query, fragment, blank or letter outside ASCII"
    return ""
