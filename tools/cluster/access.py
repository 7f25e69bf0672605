"""Who may log in to the cluster: users, their tokens, and the kubeconfig files that carry them."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

CLUSTER = "auditor-test"


@dataclass(frozen=True)
class User:
    """A user of the API server; what it may do is what RBAC gives to its name and groups."""

    name: str
    groups: tuple[str, ...] = ()


ADMIN = User("admin", ("system:masters",))
NOBODY = User("nobody")
CONTROLLERS = User("system:kube-controller-manager")
SCHEDULER = User("system:kube-scheduler")
KWOK = User("kwok", ("system:masters",))


def write_tokens(path: Path, tokens: Mapping[User, str]) -> None:
    """Write the file for `--token-auth-file`: token, user, uid, and groups if there are any.

    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
    """
    text = io.StringIO()
    rows = ([token, user.name, user.name, *_joined(user.groups)] for user, token in tokens.items())
    csv.writer(text, lineterminator="\n").writerows(rows)
    _write(path, text.getvalue())


def _joined(groups: tuple[str, ...]) -> list[str]:
    # An empty column would make the user a member of the group "".
    return [",".join(groups)] if groups else []


def write_kubeconfig(path: Path, url: str, ca: Path, tokens: Mapping[User, str]) -> None:
    """Write a kubeconfig with one context for each user, named as the user; the first one is current."""
    authority = base64.b64encode(ca.read_bytes()).decode()
    names = [user.name for user in tokens]
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CLUSTER, "cluster": {"server": url, "certificate-authority-data": authority}}],
        "users": [{"name": user.name, "user": {"token": token}} for user, token in tokens.items()],
        "contexts": [{"name": name, "context": {"cluster": CLUSTER, "user": name}} for name in names],
        "current-context": names[0],
    }
    _write(path, yaml.safe_dump(config, sort_keys=False))


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    path.touch(mode=0o600)
    path.write_text(text)
