"""What stands in a kubeconfig about a cluster and a user, and what kubectl finds wrong with it.

https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import urllib3

from auditor.collect.proxy import proxy_problem

PLUGIN_APIS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
"""What kubectl speaks with credential plugins."""

_REMOVED = {
    "gcp": "use the credential plugin gke-gcloud-auth-plugin",
    "azure": "use the credential plugin kubelogin",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Extension(msgspec.Struct, frozen=True):
    """Whatever a plugin wants to know about a cluster."""

    name: str = ""
    extension: Any = None


class Cluster(msgspec.Struct, frozen=True, rename="kebab"):
    """How to reach a cluster."""

    server: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    certificate_authority: str = ""
    certificate_authority_data: str = ""
    proxy_url: str = ""
    disable_compression: bool = False
    """Told to plugins; we never ask for compression."""
    extensions: tuple[Extension, ...] = ()


class Variable(msgspec.Struct, frozen=True):
    """One environment variable of a plugin."""

    name: str = ""
    value: str = ""


class Plugin(msgspec.Struct, frozen=True, rename="camel"):
    """A credential plugin."""

    command: str = ""
    args: tuple[str, ...] = ()
    env: tuple[Variable, ...] = ()
    api_version: str = ""
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = ""


class Provider(msgspec.Struct, frozen=True):
    """A login helper of former days."""

    name: str = ""
    config: dict[str, str] = {}


class User(msgspec.Struct, frozen=True, rename="kebab"):
    """Who to be."""

    client_certificate: str = ""
    client_certificate_data: str = ""
    client_key: str = ""
    client_key_data: str = ""
    token: str = ""
    token_file: str = msgspec.field(name="tokenFile", default="")
    as_: str = msgspec.field(name="as", default="")
    as_uid: str = ""
    as_groups: tuple[str, ...] = ()
    as_user_extra: dict[str, tuple[str, ...]] = {}
    username: str = ""
    password: str = ""
    auth_provider: Provider | None = None
    exec: Plugin | None = None


class Context(msgspec.Struct, frozen=True):
    """Which cluster, as whom."""

    cluster: str = ""
    user: str = ""


_Entry = TypeVar("_Entry", Cluster, User)


def located(entry: _Entry, file: str) -> _Entry:
    """Return the entry with absolute paths: they are relative to the file that it stands in."""

    def beside(path: str) -> str:
        return os.path.normpath(Path(file).absolute().parent / path) if path else ""

    if isinstance(entry, Cluster):
        return msgspec.structs.replace(entry, certificate_authority=beside(entry.certificate_authority))
    plugin = entry.exec
    if plugin and os.sep in plugin.command:  # else it is looked up in PATH
        plugin = msgspec.structs.replace(plugin, command=beside(plugin.command))
    return msgspec.structs.replace(
        entry,
        client_certificate=beside(entry.client_certificate),
        client_key=beside(entry.client_key),
        token_file=beside(entry.token_file),
        exec=plugin,
    )


def cluster_problem(cluster: Cluster) -> str:
    """Say why a cluster cannot be reached so, "" if it can."""
    authority = cluster.certificate_authority or cluster.certificate_authority_data
    if not _is_address(cluster.server):
        return "its server is no https:// address"
    if "@" in cluster.server:
        return "its server holds a user name; credentials belong under users"
    if cluster.proxy_url and (problem := proxy_problem(cluster.proxy_url)):
        return f"its proxy-url {problem}"
    if cluster.certificate_authority and cluster.certificate_authority_data:
        return "both certificate-authority and certificate-authority-data are given"
    if authority and cluster.insecure_skip_tls_verify and urlsplit(cluster.server).scheme == "https":
        return "certificate-authority together with insecure-skip-tls-verify is not allowed"
    return ""


def user_problem(user: User) -> str:
    """Say why nobody can log in so, "" if it is possible."""
    certificate = user.client_certificate or user.client_certificate_data
    if (user.token or user.token_file) and (user.username or user.password):
        return "token and username are both given; only one is allowed"
    if user.client_certificate and user.client_certificate_data:
        return "both client-certificate and client-certificate-data are given"
    if certificate and user.client_key and user.client_key_data:
        return "both client-key and client-key-data are given"
    if certificate and not (user.client_key or user.client_key_data):
        return "client-certificate is given without client-key"
    if (user.as_uid or user.as_groups or user.as_user_extra) and not user.as_:
        return "as-uid, as-groups and as-user-extra need as"
    values = [
        user.as_,
        user.as_uid,
        *user.as_groups,
        *(v for some in user.as_user_extra.values() for v in some),
    ]
    if any(map(_CONTROL.search, values)):
        return "what it impersonates holds a control character"
    if user.exec and user.auth_provider:
        return "exec and auth-provider are both given; only one is allowed"
    if user.exec:
        return _plugin_problem(user.exec)
    return _provider_problem(user.auth_provider) if user.auth_provider else ""


def _plugin_problem(plugin: Plugin) -> str:
    if not plugin.command:
        return "exec: command is missing"
    if plugin.api_version not in PLUGIN_APIS:
        return f"exec: apiVersion {plugin.api_version!r} is none of {', '.join(PLUGIN_APIS)}"
    if any(not variable.name for variable in plugin.env):
        return "exec: a variable under env has no name"
    # v1 wants it said, v1beta1 does not
    optional = ("",) if plugin.api_version == PLUGIN_APIS[1] else ()
    if plugin.interactive_mode not in ("Never", "IfAvailable", "Always", *optional):
        return f"exec: interactiveMode {plugin.interactive_mode!r} is none of Never, IfAvailable, Always"
    return ""


def _provider_problem(provider: Provider) -> str:
    if provider.name in _REMOVED:
        return f"auth-provider {provider.name!r} is no longer supported; {_REMOVED[provider.name]}"
    if provider.name != "oidc":
        return f"auth-provider {provider.name!r} is unknown; use a credential plugin (exec)"
    if not provider.config.get("id-token"):
        return "auth-provider oidc: there is no id-token; let kubectl fetch one, or use a credential plugin"
    return ""


def _is_address(text: str) -> bool:
    try:
        return urlsplit(text).scheme in ("https", "http") and bool(urllib3.util.parse_url(text).host)
    except ValueError:  # urllib3's is one too
        return False
