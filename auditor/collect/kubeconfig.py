"""Which kubeconfig files count, which context of them, and what it names: as kubectl decides.

Read here and not by the client library, which differs: it takes the current context of the last
file, finds a user's certificates beside the cluster's file, never reads a token file again, knows no
impersonation, and still runs the login helpers that kubectl has given up. tests/live/test_as_kubectl.py
compares with kubectl itself.
https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
https://github.com/kubernetes/client-go/tree/master/tools/clientcmd (loader.go, validation.go)
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from auditor.collect.compose import YamlError
from auditor.collect.entries import Cluster, Context, User, cluster_problem, located, user_problem
from auditor.collect.yaml import documents
from auditor.errors import SourceError, UsageError, did_you_mean

HINT = "name a kubeconfig by --kubeconfig or KUBECONFIG, or audit manifests: auditor audit -f PATH"


class Chosen(msgspec.Struct, frozen=True):
    """A context and what it names, with every path absolute."""

    context: str
    cluster: Cluster
    user: User
    origin: str
    """The files and the context, as errors name them."""


class _NamedCluster(msgspec.Struct, frozen=True):
    name: str
    cluster: Cluster = Cluster()


class _NamedUser(msgspec.Struct, frozen=True):
    name: str
    user: User = User()


class _NamedContext(msgspec.Struct, frozen=True):
    name: str
    context: Context = Context()


class _File(msgspec.Struct, rename="kebab"):
    kind: str = "Config"
    clusters: list[_NamedCluster] = []
    users: list[_NamedUser] = []
    contexts: list[_NamedContext] = []
    current_context: str = ""


_Named = TypeVar("_Named", _NamedCluster, _NamedUser, _NamedContext)


def kubeconfig_files(kubeconfig: str | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files to merge, the first one counting most; empty if there are none.

    `kubeconfig` wins over KUBECONFIG, that over ~/.kube/config. Raises `UsageError` or
    `SourceError` for a name without a file behind it.
    """
    if kubeconfig:
        # a pipe will do: `--kubeconfig <(...)`
        if not os.path.exists(kubeconfig) or Path(kubeconfig).is_dir():
            raise UsageError(f"--kubeconfig {kubeconfig}: no such file")
        return (kubeconfig,)
    if listed := environ.get("KUBECONFIG"):
        # like kubectl, names of files that do not exist are passed over
        existing = tuple(name for name in listed.split(os.pathsep) if name and os.path.exists(name))
        if not existing:
            raise SourceError(f"KUBECONFIG={listed}: no such file", HINT)
        return existing
    default = Path(environ.get("HOME") or "~").expanduser() / ".kube" / "config"
    return (str(default),) if default.is_file() else ()


def choose_context(files: Sequence[str], context: str | None) -> Chosen:
    """Return the context to use, by default the current one of the first file that names one.

    Each file is read once. Raises `UsageError` for a context that does not exist, `SourceError` for
    files that are no kubeconfig, or a context that cannot be used.
    """
    read = {path: file for path in files if (file := _read(path))}
    names = ", ".join(files)
    if not read:
        raise SourceError(f"{names}: no kubeconfig: the file is empty", HINT)
    contexts = _merged({path: file.contexts for path, file in read.items()})
    known = f"known contexts: {', '.join(sorted(contexts)) or 'none'}"
    if context and context not in contexts:
        raise UsageError(f"{names}: no context {context!r}{did_you_mean(context, contexts)}", known)
    name = context or next((file.current_context for file in read.values() if file.current_context), "")
    if not name:
        raise SourceError(f"{names}: no context is the current one", f"choose one by --context; {known}")
    if name not in contexts:
        raise SourceError(f"{names}: the current context {name!r} is missing", known)
    origin = f"{names}: context {name!r}"
    cluster, user, problem = _named(contexts[name][1].context, read)
    if problem:
        raise SourceError(f"{origin}: {problem}", "mend the kubeconfig, or use another one")
    return Chosen(name, cluster, user, origin)


def _named(context: Context, read: Mapping[str, _File]) -> tuple[Cluster, User, str]:
    """Return cluster and user of a context, and what is wrong with them, "" if nothing."""
    clusters = _merged({path: file.clusters for path, file in read.items()})
    users = _merged({path: file.users for path, file in read.items()})
    if context.cluster not in clusters:
        return Cluster(), User(), f"there is no cluster {context.cluster!r}"
    # without a user it is anonymous; kubectl is so too where the user that is named is missing
    if context.user and context.user not in users:
        return Cluster(), User(), f"there is no user {context.user!r}"
    path, named_cluster = clusters[context.cluster]
    cluster = located(named_cluster.cluster, path)
    path, named_user = users.get(context.user, ("", _NamedUser("")))
    user = located(named_user.user, path)
    if problem := cluster_problem(cluster):
        return cluster, user, f"cluster {context.cluster!r}: {problem}"
    if problem := user_problem(user):
        return cluster, user, f"user {context.user!r}: {problem}"
    return cluster, user, ""


def _merged(files: Mapping[str, Sequence[_Named]]) -> dict[str, tuple[str, _Named]]:
    """Return by name what the first file that defines it says, and which file that is."""
    found: dict[str, tuple[str, _Named]] = {}
    for path, entries in files.items():
        for entry in entries:
            found.setdefault(entry.name, (path, entry))
    return found


def _read(path: str) -> _File | None:
    """Return what a file holds, None if it is empty."""
    values = []
    try:
        for document in documents(Path(path).read_bytes()):
            if isinstance(document, YamlError):
                raise SourceError(f"{path}:{document.line}: no kubeconfig: {document}", HINT)
            values.append(document.value)
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}", HINT) from None
    if not values:
        return None
    if len(values) > 1:
        raise SourceError(f"{path}: no kubeconfig: it holds {len(values)} documents", HINT)
    try:
        file = msgspec.convert(_without_nulls(values[0]), _File)
        _check(file)
    except (msgspec.ValidationError, ValueError) as error:
        raise SourceError(f"{path}: no kubeconfig: {error}", HINT) from None
    return file


def _check(file: _File) -> None:
    """Raise `ValueError` for what kubectl refuses in a file as a whole."""
    if file.kind not in ("", "Config"):
        raise ValueError(f"its kind is {file.kind!r}")
    for key, entries in (("clusters", file.clusters), ("users", file.users), ("contexts", file.contexts)):
        names = [entry.name for entry in entries]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"{twice[0]!r} stands twice under {key}")


def _without_nulls(value: Any) -> Any:
    """Return a value in which null is absent, as Go reads it; what an extension holds is not ours."""
    if isinstance(value, dict):
        given = {key: one for key, one in value.items() if one is not None}
        return {key: one if key == "extension" else _without_nulls(one) for key, one in given.items()}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value
