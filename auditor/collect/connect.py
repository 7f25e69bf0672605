"""Finds the cluster: kubeconfig as kubectl reads it, else the pod's own service account."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from auditor.errors import SourceError, UsageError, did_you_mean

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

HINT = "name a kubeconfig by --kubeconfig or KUBECONFIG, or audit manifests: auditor audit -f PATH"


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
    without any of them the service account is used. No request is sent yet. Raises `UsageError`
    for a context that does not exist, `SourceError` if there is no configuration or it is broken.
    """
    from kubernetes.client import ApiClient, Configuration
    from kubernetes.config import ConfigException, kube_config, load_incluster_config

    configuration = Configuration()
    files = _files(kubeconfig, environ)
    try:
        if files:
            contexts, current = kube_config.list_kube_config_contexts(files)
            names = [one["name"] for one in contexts]
            if context and context not in names:
                hint = f"known contexts: {', '.join(names)}"
                raise UsageError(f"{files}: no context {context!r}{did_you_mean(context, names)}", hint)
            kube_config.load_kube_config(
                config_file=files, context=context, client_configuration=configuration, persist_config=False
            )
            return _connection(ApiClient(configuration), context or current["name"])
        if not environ.get("KUBERNETES_SERVICE_HOST"):
            raise SourceError("no cluster: there is no kubeconfig, and this is no pod", HINT)
        load_incluster_config(client_configuration=configuration)
        return _connection(ApiClient(configuration), "in-cluster")
    except ConfigException as error:
        raise SourceError(f"{files or 'service account'}: {error}", HINT) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{files or 'service account'}: not a usable kubeconfig: {error}", HINT) from None
    except Exception as error:
        # PyYAML's and the exec plugins' errors share no base class with the others
        if type(error).__module__.partition(".")[0] not in ("yaml", "kubernetes"):
            raise
        raise SourceError(f"{files}: not a usable kubeconfig: {_first_line(error)}", HINT) from None


def _connection(client: ApiClient, context: str) -> Connection:
    return Connection(client, context, str(client.configuration.host))


def _files(kubeconfig: str | None, environ: Mapping[str, str]) -> str:
    """The kubeconfig files to read, joined as KUBECONFIG joins them; "" if there are none."""
    if kubeconfig:
        if not Path(kubeconfig).is_file():
            raise UsageError(f"--kubeconfig {kubeconfig}: no such file")
        return kubeconfig
    if listed := environ.get("KUBECONFIG"):
        # like kubectl, names of files that do not exist are passed over
        existing = [name for name in listed.split(os.pathsep) if name and Path(name).is_file()]
        if not existing:
            raise SourceError(f"KUBECONFIG={listed}: no such file", HINT)
        return os.pathsep.join(existing)
    default = Path(environ.get("HOME") or "~").expanduser() / ".kube" / "config"
    return str(default) if default.is_file() else ""


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
