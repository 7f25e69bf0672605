"""The way of a request to the API server: TLS, proxy, and who it comes from.

Servers are verified as Go does it, and so kubectl: an authority need not be a root, nor have the
extensions that `ssl.create_default_context` insists on since Python 3.13.
"""

from __future__ import annotations

import base64
import ssl
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3

from auditor.collect.identity import Authorization, Header

CONNECTIONS = 8
"""Connections that are kept open for the next request."""


class IdentifiedPool(urllib3.PoolManager):
    """Connections whose requests all say whom they come from, and follow no redirect."""

    authorization: Authorization
    impersonation: Sequence[Header] = ()

    def urlopen(  # type: ignore[override]  # as in urllib3 itself
        self, method: str, url: str, redirect: bool = False, **options: Any
    ) -> urllib3.BaseHTTPResponse:
        """Send a request; raises `ValueError` if a token can be no header, and `urllib3`'s errors."""
        del redirect  # the token is for this server alone
        # may stand there several times: a dict would join the values with commas
        headers = urllib3.HTTPHeaderDict(options.pop("headers", None) or {})
        if authorization := self.authorization():
            if not authorization.isprintable():  # http.client lets folded lines pass
                raise ValueError("the token holds a control character")
            headers["Authorization"] = authorization
        for name, value in self.impersonation:
            headers.add(name, value)
        return super().urlopen(method, url, redirect=False, headers=headers, **options)


class _ProxiedPool(urllib3.ProxyManager, IdentifiedPool):
    """The same through a proxy."""


def pool(
    authorization: Authorization,
    impersonation: Sequence[Header] = (),
    *,
    context: ssl.SSLContext | None = None,
    server_name: str = "",
    proxy: str = "",
) -> urllib3.PoolManager:
    """Return the connections to one server: `context` for https://, `server_name` if it is not the host's.

    `proxy` is an http:// or https:// URL, "" for none; name and password in it are sent to the proxy.
    """
    options: dict[str, Any] = {"maxsize": CONNECTIONS}
    if context:
        options["ssl_context"] = context
    if server_name:
        options["server_hostname"] = server_name
    made: IdentifiedPool
    if proxy:
        url, headers = _proxy(proxy)
        # like kubectl, an https:// proxy is verified as the server is
        made = _ProxiedPool(url, proxy_headers=headers, proxy_ssl_context=context, **options)
    else:
        made = IdentifiedPool(**options)
    made.authorization, made.impersonation = authorization, impersonation
    return made


def tls(authority: bytes, *, insecure: bool) -> ssl.SSLContext:
    """Return how to verify a server: by an authority, PEM, or those of the system if it is empty.

    Raises `ValueError` if it holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.hostname_checks_common_name = False
    if insecure:
        # one warning for each request would tell nobody anything
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif authority:
        try:
            context.load_verify_locations(cadata=authority.decode("ascii", "ignore"))
        except ssl.SSLError:
            raise ValueError("the certificate authority is no certificate in PEM") from None
    else:
        context.load_default_certs()
    return context


def show_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Log in with a client certificate, PEM; raises `ValueError` if certificate and key are no pair."""
    # OpenSSL takes files only; they are gone before the first request
    with tempfile.NamedTemporaryFile() as one, tempfile.NamedTemporaryFile() as other:
        for file, data in ((one, certificate), (other, key)):
            file.write(data)
            file.flush()
        try:
            context.load_cert_chain(one.name, other.name, password=_no_password)
        except _EncryptedError:
            raise ValueError("the key of the client certificate has a pass phrase") from None
        except ssl.SSLError as error:
            pair = error.reason == "KEY_VALUES_MISMATCH"
            reason = "they do not belong together" if pair else "one of them is not in PEM"
            raise ValueError(f"client certificate and key cannot be used: {reason}") from None


class _EncryptedError(Exception):
    """The key has a pass phrase."""


def _no_password() -> str:
    """Instead of OpenSSL's question on the terminal; kubectl cannot use such a key either."""
    raise _EncryptedError


def _proxy(proxy: str) -> tuple[str, Mapping[str, str]]:
    """Return the address of a proxy without credentials, and the headers that carry them."""
    parsed = urlsplit(proxy)
    address = f"{parsed.scheme}://{parsed.netloc.rpartition('@')[2]}"
    if parsed.username is None:
        return address, {}
    login = f"{unquote(parsed.username)}:{unquote(parsed.password or '')}".encode()
    return address, {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode()}"}


def pem(data: str, file: str, field: str) -> bytes:
    """Return what stands under `field`-data in base64, else in a file, else nothing.

    Raises `OSError`, or `ValueError` for what is no base64.
    """
    if not data:
        return Path(file).read_bytes() if file else b""
    try:
        return base64.b64decode(data.replace("\r", "").replace("\n", ""), validate=True)
    except ValueError:
        raise ValueError(f"{field}-data is not base64") from None
