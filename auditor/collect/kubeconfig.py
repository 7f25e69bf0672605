"""Which kubeconfig files count, and which context of them: as kubectl decides, and checked first.

Read here besides in the client library because that one takes the current context of the last file
where kubectl takes the first one's, and goes on without credentials where a user is missing.
https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import yaml

from auditor.errors import SourceError, UsageError, did_you_mean

HINT = "name a kubeconfig by --kubeconfig or KUBECONFIG, or audit manifests: auditor audit -f PATH"


class _Cluster(msgspec.Struct):
    server: str = ""


class _NamedCluster(msgspec.Struct):
    name: str
    cluster: _Cluster


class _User(msgspec.Struct):
    as_: str = msgspec.field(name="as", default="")


class _NamedUser(msgspec.Struct):
    name: str
    user: _User | None = None


class _Context(msgspec.Struct):
    cluster: str = ""
    user: str = ""


class _NamedContext(msgspec.Struct):
    name: str
    context: _Context


class _File(msgspec.Struct, rename="kebab"):
    clusters: list[_NamedCluster] | None = None
    users: list[_NamedUser] | None = None
    contexts: list[_NamedContext] | None = None
    current_context: str | None = None


def kubeconfig_files(kubeconfig: str | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files to merge, the first one counting most; empty if there are none.

    `kubeconfig` wins over KUBECONFIG, that over ~/.kube/config. Raises `UsageError` or
    `SourceError` for a name without a file behind it.
    """
    if kubeconfig:
        if not Path(kubeconfig).is_file():
            raise UsageError(f"--kubeconfig {kubeconfig}: no such file")
        return (kubeconfig,)
    if listed := environ.get("KUBECONFIG"):
        # like kubectl, names of files that do not exist are passed over
        existing = tuple(name for name in listed.split(os.pathsep) if name and Path(name).is_file())
        if not existing:
            raise SourceError(f"KUBECONFIG={listed}: no such file", HINT)
        return existing
    default = Path(environ.get("HOME") or "~").expanduser() / ".kube" / "config"
    return (str(default),) if default.is_file() else ()


def choose_context(files: Sequence[str], context: str | None) -> str:
    """Return the name of the context to use, by default the current one of the first file with one.

    Raises `UsageError` for a context that does not exist, `SourceError` for files that are no
    kubeconfig, or a context that lacks what it refers to.
    """
    read = [_read(path) for path in files]
    names = ", ".join(files)
    backwards = read[::-1]  # the first file that defines a name wins: it overwrites the others
    contexts = {one.name: one.context for file in backwards for one in file.contexts or ()}
    known = f"known contexts: {', '.join(sorted(contexts)) or 'none'}"
    if context and context not in contexts:
        raise UsageError(f"{names}: no context {context!r}{did_you_mean(context, contexts)}", known)
    name = context or next((file.current_context for file in read if file.current_context), "")
    if not name:
        raise SourceError(f"{names}: no context is the current one", f"choose one by --context; {known}")
    if name not in contexts:
        raise SourceError(f"{names}: the current context {name!r} is missing", known)
    if problem := _problem(contexts[name], backwards):
        raise SourceError(f"{names}: context {name!r}: {problem}", "mend the kubeconfig, or use another one")
    return name


def _problem(context: _Context, backwards: Sequence[_File]) -> str:
    """Say what a context lacks, "" if nothing."""
    clusters = {one.name: one.cluster for file in backwards for one in file.clusters or ()}
    users = {one.name: one.user for file in backwards for one in file.users or ()}
    if context.cluster not in clusters:
        return f"there is no cluster {context.cluster!r}"
    if not clusters[context.cluster].server.startswith(("https://", "http://")):
        return f"cluster {context.cluster!r}: its server is no https:// address"
    if context.user and context.user not in users:
        return f"there is no user {context.user!r}"
    user = users.get(context.user)
    if user and user.as_:
        # read as somebody else than the file asks for, the audit would show what it should not
        return f"user {context.user!r} impersonates {user.as_!r}, which is not supported"
    return ""


def _read(path: str) -> _File:
    try:
        # safe: a subclass of SafeLoader, in C
        found = yaml.load(Path(path).read_bytes(), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}", HINT) from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else path
        problem = getattr(error, "problem", None) or "cannot be read"
        raise SourceError(f"{where}: no kubeconfig: no YAML: {problem}", HINT) from None
    if found is None:
        raise SourceError(f"{path}: no kubeconfig: the file is empty", HINT)
    try:
        return msgspec.convert(found, _File)
    except msgspec.ValidationError as error:
        raise SourceError(f"{path}: no kubeconfig: {error}", HINT) from None
