"""Finds the cluster: kubeconfig as kubectl reads it, else the pod's own service account."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec
import urllib3

from auditor.collect.identity import (
    Authorization,
    PluginToken,
    TokenFile,
    basic,
    fixed,
    impersonation,
    nobody,
)
from auditor.collect.kubeconfig import HINT, Chosen, choose_context, kubeconfig_files
from auditor.collect.plugin import run_plugin
from auditor.collect.proxy import is_this_machine, proxy_from_environment
from auditor.collect.transport import pem, pool, show_certificate, tls
from auditor.errors import SourceError, UsageError

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where every pod finds its token and the certificate authority of its cluster."""

IN_CLUSTER = "in-cluster"
"""The name of a service account instead of a context's."""


class Connection(msgspec.Struct, frozen=True):
    """The way to one API server, as one user."""

    pool: urllib3.PoolManager
    """Sends requests: certificates, proxy, token and impersonation are taken care of."""
    context: str
    """Name of the context; `in-cluster` for a service account."""
    server: str
    """The URL of the API server, without a slash at its end."""
    renew: Callable[[], Connection]
    """Connects again to the same context: files are read anew, a credential plugin is run again.

    For a 401 in the middle of an audit. Raises as `connect`, and `SourceError` if the context now
    names another server.
    """
    insecure: bool = False
    """Nobody knows who answers: the kubeconfig says not to verify the certificate, or there is none."""


def connect(kubeconfig: str | None, context: str | None, environ: Mapping[str, str]) -> Connection:
    """Return the way to the cluster that kubectl would talk to.

    `kubeconfig` wins over KUBECONFIG (several files are merged), that over ~/.kube/config, and only
    without any of them the service account is used. No request is sent yet, but a credential plugin
    is run. Raises `UsageError` for a context that does not exist, `SourceError` if there is no
    configuration or it is broken.
    """
    files = kubeconfig_files(kubeconfig, environ)
    if files:
        return _by_kubeconfig(kubeconfig, choose_context(files, context), environ)
    if context:
        raise UsageError(f"--context {context}: there is no kubeconfig", HINT)
    if not environ.get("KUBERNETES_SERVICE_HOST"):
        raise SourceError("no cluster: there is no kubeconfig, and this is no pod", HINT)
    return _by_service_account(environ)


def _by_kubeconfig(kubeconfig: str | None, chosen: Chosen, environ: Mapping[str, str]) -> Connection:
    cluster = chosen.cluster
    server = _without_query(cluster.server)
    secure = server.startswith("https:")
    with _usable(chosen.origin):
        authority = pem(
            cluster.certificate_authority_data, cluster.certificate_authority, "certificate-authority"
        )
        context = tls(authority, insecure=cluster.insecure_skip_tls_verify) if secure else None
        # kubectl sends no credentials in clear; within this machine it does no harm
        send = secure or is_this_machine(server)
        found = pool(
            _log_in(chosen, authority, context, environ) if send else nobody,
            impersonation(chosen.user),
            context=context,
            server_name=cluster.tls_server_name,
            proxy=cluster.proxy_url or proxy_from_environment(server, environ),
        )
    renew = partial(_renewed, partial(connect, kubeconfig, chosen.context, environ), server)
    insecure = cluster.insecure_skip_tls_verify if secure else not is_this_machine(server)
    return Connection(found, chosen.context, server, renew, insecure)


def _log_in(
    chosen: Chosen, authority: bytes, context: ssl.SSLContext | None, environ: Mapping[str, str]
) -> Authorization:
    """Return the credentials that count of all that a user has; certificates go into the context."""
    user = chosen.user
    certificate = pem(user.client_certificate_data, user.client_certificate, "client-certificate")
    if certificate and context:
        show_certificate(context, certificate, pem(user.client_key_data, user.client_key, "client-key"))
    if user.token_file:
        return TokenFile(user.token_file, user.token)
    if user.token:
        return fixed(user.token)
    if user.username:
        return basic(user.username, user.password)
    if user.auth_provider:
        # kubectl renews it in the file; we only read
        return fixed(user.auth_provider.config["id-token"])
    if not user.exec or certificate:
        return nobody
    run = partial(run_plugin, user.exec, chosen.cluster, authority, environ, chosen.origin)
    given = run()
    if given.client_certificate_data and context:
        show_certificate(context, given.client_certificate_data.encode(), given.client_key_data.encode())
    return PluginToken(run, given)


def _by_service_account(environ: Mapping[str, str]) -> Connection:
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ.get("KUBERNETES_SERVICE_PORT")
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    with _usable(f"service account in {SERVICE_ACCOUNT}"):
        if not port:
            raise ValueError("KUBERNETES_SERVICE_PORT is not set")
        authorization = TokenFile(str(SERVICE_ACCOUNT / "token"))
        authority = (SERVICE_ACCOUNT / "ca.crt").read_bytes()
        if not authority:
            raise ValueError(f"{SERVICE_ACCOUNT / 'ca.crt'} is empty")
        found = pool(
            authorization,
            context=tls(authority, insecure=False),
            proxy=proxy_from_environment(server, environ),
        )
    return Connection(found, IN_CLUSTER, server, partial(_by_service_account, environ))


def _renewed(connect_again: Callable[[], Connection], server: str) -> Connection:
    found = connect_again()
    if found.server != server:
        # an audit of two clusters would be one of none
        raise SourceError(
            f"context {found.context!r}: its server was {server} and is now {found.server}",
            "the kubeconfig was changed while the audit ran: start it again",
        )
    return found


@contextmanager
def _usable(what: str) -> Iterator[None]:
    """Turn whatever is wrong with a file or a value into a `SourceError` that begins with `what`."""
    try:
        yield
    except OSError as error:
        file = f"{error.filename}: " if error.filename else ""
        raise SourceError(f"{what}: {file}{error.strerror or error}", HINT) from None
    except ValueError as error:
        raise SourceError(f"{what}: {error}", HINT) from None


def _without_query(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
