"""Runs a credential plugin, the program under `exec` in a kubeconfig, as kubectl does.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
The client library's own runner takes stdout for the terminal, hands on our stdin in any case, keeps
back what the plugin says (a code to log in with, perhaps), and runs it in the kubeconfig's folder.
"""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec

from auditor.collect.compose import YamlError
from auditor.collect.entries import Cluster, Plugin
from auditor.collect.yaml import documents
from auditor.errors import SourceError

HINT = "run the command of users[].user.exec in the kubeconfig by hand"

_CLUSTER_CONFIG = "client.authentication.k8s.io/exec"
"""The extension of a cluster that is meant for plugins."""


class Credential(msgspec.Struct, frozen=True, rename="camel"):
    """What a plugin gives out: a token, a certificate with its key, or both."""

    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class _Answer(msgspec.Struct, rename="camel"):
    api_version: str
    kind: str
    status: Credential


def run_plugin(
    plugin: Plugin, cluster: Cluster, authority: bytes, environ: Mapping[str, str], origin: str
) -> Credential:
    """Run a plugin and return its credential; `authority` is the PEM text of the cluster's authority.

    It writes to our stderr, and has our stdin if it may ask questions. Like kubectl we wait as long
    as it takes: somebody may have to log in; Ctrl-C ends both. Raises `SourceError`, which begins
    with `origin`.
    """
    failed = f"{origin}: the credential plugin {plugin.command!r}"
    interactive = plugin.interactive_mode != "Never" and os.isatty(0)
    if plugin.interactive_mode == "Always" and not interactive:
        raise SourceError(f"{failed} needs a terminal: standard input is none", "run it in a terminal")
    told = _told(plugin, cluster, authority, interactive=interactive)
    own = {variable.name: variable.value for variable in plugin.env}
    try:
        run = subprocess.run(
            [plugin.command, *plugin.args],
            env={**environ, **own, "KUBERNETES_EXEC_INFO": told},
            stdin=None if interactive else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=False,
        )
    except FileNotFoundError:
        raise SourceError(f"{failed} is not installed", plugin.install_hint or HINT) from None
    except (OSError, ValueError) as error:
        raise SourceError(f"{failed} cannot be run: {getattr(error, 'strerror', error)}", HINT) from None
    if run.returncode:
        ended = f"failed with exit code {run.returncode}" if run.returncode > 0 else "was killed"
        raise SourceError(f"{failed} {ended}; what it says stands above", HINT)
    try:
        return _credential(run.stdout, plugin)
    except ValueError as error:
        raise SourceError(f"{failed} failed: {error}", HINT) from None


def _told(plugin: Plugin, cluster: Cluster, authority: bytes, *, interactive: bool) -> str:
    """Return what the plugin finds in KUBERNETES_EXEC_INFO."""
    spec: dict[str, Any] = {"interactive": interactive}
    if plugin.provide_cluster_info:
        named = {one.name: one.extension for one in cluster.extensions}
        facts = {
            "tls-server-name": cluster.tls_server_name,
            "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
            "certificate-authority-data": base64.b64encode(authority).decode(),
            "proxy-url": cluster.proxy_url,
            "disable-compression": cluster.disable_compression,
        }
        spec["cluster"] = {
            "server": cluster.server,
            **{key: value for key, value in facts.items() if value},
            "config": named.get(_CLUSTER_CONFIG),
        }
    told = {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec}
    return msgspec.json.encode(told).decode()


def _credential(output: bytes, plugin: Plugin) -> Credential:
    """Decode what a plugin printed, JSON or YAML; raises `ValueError`, whose text quotes none of it."""
    read = next(documents(output), None)
    if read is None or isinstance(read, YamlError):
        raise ValueError("what it printed is no ExecCredential")
    try:
        answer = msgspec.convert(read.value, _Answer)
    except msgspec.ValidationError as error:
        raise ValueError(f"what it printed is no ExecCredential: {error}") from None
    if answer.kind != "ExecCredential" or answer.api_version != plugin.api_version:
        raise ValueError(f"it did not answer with an ExecCredential of {plugin.api_version}")
    given = answer.status
    if bool(given.client_certificate_data) != bool(given.client_key_data):
        raise ValueError("it gave only one of certificate and key")
    if not given.token and not given.client_certificate_data:
        raise ValueError("it gave neither a token nor a certificate")
    return given
