"""Reads a live cluster: only the kinds that are needed, each once, in pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from auditor.collect.api import Api, ApiError
from auditor.collect.connect import Connection
from auditor.document.kinds import KINDS, Kind
from auditor.errors import SourceError, UsageError
from auditor.model import Body, Gap, Resource, ResourceRef, SourceFacts

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""What a namespace may be called: RFC 1123."""

_BOTTOM_UP = ("Pod", "ReplicaSet", "Job")
"""Read first: what exists when it is listed had its owner before, so that a later list has that too.

The other way round, every pod that a CronJob starts meanwhile would seem to belong to nobody.
"""

_REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


class _Version(msgspec.Struct, rename="camel"):
    git_version: str = ""


class _Versions(msgspec.Struct):
    versions: list[str] = []


class _GroupVersion(msgspec.Struct, rename="camel"):
    group_version: str


class _Group(msgspec.Struct):
    versions: list[_GroupVersion] = []


class _Groups(msgspec.Struct):
    groups: list[_Group] = []


class _User(msgspec.Struct):
    username: str = ""
    groups: list[str] = []


class _ReviewStatus(msgspec.Struct, rename="camel"):
    user_info: _User = msgspec.field(default_factory=_User)


class _SelfReview(msgspec.Struct):
    status: _ReviewStatus = msgspec.field(default_factory=_ReviewStatus)


class _Metadata(msgspec.Struct):
    name: str
    namespace: str = ""


class ClusterSource:
    """The `Source` port over the API server of a cluster."""

    def __init__(self, connection: Connection, namespaces: Sequence[str] = ()) -> None:
        """`namespaces` limits the audit; empty is the whole cluster.

        Raises `UsageError` for what can be no namespace.
        """
        for name in namespaces:
            if not _LABEL.fullmatch(name):
                raise UsageError(f"--namespace {name!r}: no namespace can be called so")
        self._api = Api(connection)
        self._connection = connection
        self._namespaces = tuple(dict.fromkeys(namespaces))
        self._apis: frozenset[str] | None = None

    def facts(self) -> SourceFacts:
        """Ask for version, API groups and who we are.

        Raises `SourceError` if nobody answers, `UsageError` if a namespace does not exist.
        """
        try:
            version = self._api.get("/version", _Version).git_version
            self._apis = self._group_versions()
        except ApiError as error:
            raise self._refused(error) from None
        user = self._identity()
        for namespace in self._namespaces:
            self._check_exists(namespace)
        return SourceFacts(
            kind="cluster",
            name=self._connection.context,
            server=self._connection.server,
            user=user.username,
            groups=tuple(user.groups),
            namespaces=self._namespaces,
            version=version,
            apis=tuple(sorted(self._apis)),
        )

    def read(self, kinds: frozenset[str]) -> Iterator[Resource | Gap]:
        """Yield every object of the kinds; raises `SourceError` if no kind at all could be read."""
        gaps: list[Gap] = []
        readable = False
        for name in sorted(kinds, key=_bottom_up):
            for part in self._parts(name, KINDS[name]):
                if isinstance(part, Gap):
                    gaps.append(part)
                else:
                    readable = True
                    yield from part
        failed = [gap for gap in gaps if not gap.out_of_reach]
        if failed and not readable:
            raise self._nothing(failed[0].reason)
        yield from gaps

    def _parts(self, name: str, kind: Kind) -> Iterator[list[Resource] | Gap]:
        """The lists that make up one kind: one, or one for each namespace."""
        if self._apis is not None and kind.group not in {api.rpartition("/")[0] for api in self._apis}:
            return  # the server does not have it: nothing to judge
        if not self._namespaces:
            yield self._list(name, kind, "")
        elif kind.namespaced:
            for namespace in self._namespaces:
                yield self._list(name, kind, namespace)
        elif name == "Namespace":
            # may be read in namespace mode: a request on a Namespace is authorised inside it
            for namespace in self._namespaces:
                yield self._one(name, kind, namespace)
        else:
            yield Gap(
                name,
                "cluster-wide kind, the audit is limited to namespaces",
                _effect(name),
                out_of_reach=True,
            )

    def _list(self, name: str, kind: Kind, namespace: str) -> list[Resource] | Gap:
        try:
            # all pages before the first is used: a list that breaks off must not look complete
            items = [item for page in self._api.pages(_path(kind, namespace)) for item in page]
            return [_resource(name, kind, item) for item in items]
        except (ApiError, SourceError) as error:
            return Gap(name, _reason(error), _effect(name), namespace=namespace or None)

    def _one(self, name: str, kind: Kind, namespace: str) -> list[Resource] | Gap:
        try:
            return [_resource(name, kind, self._api.get(f"{_path(kind, '')}/{namespace}", Body))]
        except (ApiError, SourceError) as error:
            return Gap(name, _reason(error), _effect(name), namespace=namespace)

    def _group_versions(self) -> frozenset[str]:
        core = self._api.get("/api", _Versions).versions
        groups = self._api.get("/apis", _Groups).groups
        return frozenset(core).union(one.group_version for group in groups for one in group.versions)

    def _identity(self) -> _User:
        """Who the server takes us for; unknown where it does not offer the review."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        try:
            return self._api.review(_REVIEW, body, _SelfReview).status.user_info
        except ApiError:
            return _User()

    def _check_exists(self, namespace: str) -> None:
        """Refuse a namespace that is not there: it would be a clean one, with a misspelt name."""
        try:
            self._api.get(f"/api/v1/namespaces/{namespace}", Body)
        except ApiError as error:
            if error.status == 404:
                raise UsageError(
                    f"--namespace {namespace}: context {self._connection.context!r} has no such namespace",
                    "kubectl get namespaces lists them",
                ) from None

    def _refused(self, error: ApiError) -> SourceError:
        server, context = self._connection.server, self._connection.context
        if error.status == 401 or "system:anonymous" in str(error):
            return SourceError(
                f"{server}: not logged in: {error}",
                f"the credentials of context {context!r} are missing, wrong or expired; log in again",
            )
        if error.status == 403:
            return SourceError(
                f"{server}: refused: {error}", "the ClusterRole system:discovery grants what is needed here"
            )
        return SourceError(
            f"{server}: no API server, or not ready: {_reason(error)}",
            f"check the address in context {context!r}; kubectl version shows whether it answers",
        )

    def _nothing(self, reason: str) -> SourceError:
        hint = "the audit needs get and list on the kinds it judges; another --context may have them"
        if not self._namespaces:
            hint += ", or with --namespace the rights in one namespace are enough"
        return SourceError(f"{self._connection.server}: nothing could be read: {reason}", hint)


def _bottom_up(name: str) -> tuple[int, str]:
    return (_BOTTOM_UP.index(name) if name in _BOTTOM_UP else len(_BOTTOM_UP)), name


def _path(kind: Kind, namespace: str) -> str:
    root = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.api_version}"
    return f"{root}/namespaces/{namespace}/{kind.plural}" if namespace else f"{root}/{kind.plural}"


def _resource(name: str, kind: Kind, body: Body) -> Resource:
    """One object as the rest of the program expects it; raises `ApiError` if it has no name."""
    try:
        metadata = msgspec.convert(body.get("metadata"), _Metadata)
    except msgspec.ValidationError:
        raise ApiError(0, "the answer holds an object without a name") from None
    # items of a list carry neither of the two
    body = {**body, "apiVersion": kind.api_version, "kind": name}
    return Resource(ResourceRef(kind.api_version, name, metadata.name, metadata.namespace), body)


def _reason(error: ApiError | SourceError) -> str:
    return f"{error.status}: {error}" if isinstance(error, ApiError) and error.status else str(error)


def _effect(name: str) -> str:
    return f"no {name} is judged, and what refers to one is judged without it, or not at all"
