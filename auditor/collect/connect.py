"""Finds the cluster: kubeconfig as kubectl reads it, else the pod's own service account."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import urllib3

from auditor.collect.kubeconfig import HINT, choose_context, kubeconfig_files
from auditor.errors import SourceError, UsageError

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where every pod finds its token and the certificate authority of its cluster."""


class Connection(msgspec.Struct, frozen=True):
    """A client, and what it is called."""

    client: Any
    """A `kubernetes.client.ApiClient`."""
    context: str
    """Name of the context; `in-cluster` for a service account."""
    server: str


def connect(kubeconfig: str | None, context: str | None, environ: Mapping[str, str]) -> Connection:
    """Return a client for the cluster that kubectl would talk to.

    `kubeconfig` wins over KUBECONFIG (several files are merged), that over ~/.kube/config, and only
    without any of them the service account is used. No request is sent yet, but a credential plugin
    is run. Raises `UsageError` for a context that does not exist, `SourceError` if there is no
    configuration or it is broken.
    """
    files = kubeconfig_files(kubeconfig, environ)
    if files:
        return _by_kubeconfig(files, choose_context(files, context))
    if context:
        raise UsageError(f"--context {context}: there is no kubeconfig", HINT)
    if not environ.get("KUBERNETES_SERVICE_HOST"):
        raise SourceError("no cluster: there is no kubeconfig, and this is no pod", HINT)
    return _by_service_account(environ)


def _by_kubeconfig(files: Sequence[str], context: str) -> Connection:
    from kubernetes.client import Configuration
    from kubernetes.config import kube_config

    configuration = Configuration()
    with _readable(f"{', '.join(files)}: context {context!r}"):
        kube_config.load_kube_config(
            config_file=os.pathsep.join(files),
            context=context,
            client_configuration=configuration,
            persist_config=False,
        )
    return _connection(configuration, context)


def _by_service_account(environ: Mapping[str, str]) -> Connection:
    from kubernetes.client import Configuration
    from kubernetes.config.incluster_config import InClusterConfigLoader

    configuration = Configuration()
    with _readable(f"service account in {SERVICE_ACCOUNT}"):
        InClusterConfigLoader(
            token_filename=SERVICE_ACCOUNT / "token",
            cert_filename=SERVICE_ACCOUNT / "ca.crt",
            environ=environ,
        ).load_and_set(configuration)
    return _connection(configuration, "in-cluster")


def _connection(configuration: Any, context: str) -> Connection:
    from kubernetes.client import ApiClient

    if not configuration.verify_ssl:
        # the kubeconfig says so; one warning for each request would tell nobody anything
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return Connection(ApiClient(configuration), context, str(configuration.host))


@contextmanager
def _readable(what: str) -> Iterator[None]:
    """Turn whatever the client library makes of a configuration into one `SourceError`."""
    from kubernetes.config import ConfigException

    logged = _Logged()
    logging.getLogger().addHandler(logged)
    try:
        yield
    except ConfigException as error:
        raise SourceError(f"{what}: {_line(str(error))}", HINT) from None
    except OSError as error:
        raise SourceError(f"{what}: {error.filename}: {error.strerror}", HINT) from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SourceError(f"{what}: cannot be used: {_line(str(error))}", HINT) from None
    finally:
        logging.getLogger().removeHandler(logged)
    if logged.messages:
        reason = _line(logged.messages[0])
        if not reason.startswith(("exec: ", "[Errno ")):
            # on a terminal the library lets the plugin speak for itself, then misses its words
            reason = "what it says stands above"
        raise SourceError(
            f"{what}: the credential plugin failed: {reason}",
            "run the command of users[].user.exec in the kubeconfig by hand",
        )


class _Logged(logging.Handler):
    """Keeps what the library only logs: that a credential plugin failed. It goes on as nobody."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _line(text: str) -> str:
    return " ".join(text.split())
