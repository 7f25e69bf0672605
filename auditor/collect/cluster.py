"""Reads a live cluster: only the kinds that are needed, each once, in pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.collect.api import Api, ApiError
from auditor.collect.connect import Connection
from auditor.document.kinds import KINDS, Kind
from auditor.errors import SourceError
from auditor.model import Body, Gap, Resource, ResourceRef, SourceFacts


class ClusterSource:
    """The `Source` port over the API server of a cluster."""

    def __init__(self, connection: Connection, namespaces: Sequence[str] = ()) -> None:
        """`namespaces` limits the audit; empty is the whole cluster."""
        self._api = Api(connection)
        self._connection = connection
        self._namespaces = tuple(namespaces)
        self._apis: frozenset[str] | None = None

    def facts(self) -> SourceFacts:
        """Ask for version, API groups and who we are; raises `SourceError` if nobody answers."""
        try:
            version = self._api.get("/version").get("gitVersion", "")
            self._apis = frozenset(self._group_versions())
        except ApiError as error:
            raise self._refused(error) from None
        user, groups = self._identity()
        return SourceFacts(
            kind="cluster",
            name=self._connection.context,
            server=self._connection.server,
            user=user,
            groups=groups,
            namespaces=self._namespaces,
            version=version,
            apis=tuple(sorted(self._apis)),
        )

    def read(self, kinds: frozenset[str]) -> Iterator[Resource | Gap]:
        """Yield every object of the kinds; raises `SourceError` if no kind at all may be read."""
        gaps: list[Gap] = []
        for name in sorted(kinds):
            for item in self._kind(name, KINDS[name]):
                if isinstance(item, Gap):
                    gaps.append(item)
                else:
                    yield item
        unread = {gap.kind for gap in gaps}
        if kinds and unread == kinds:
            raise SourceError(
                f"{self._connection.server}: nothing may be read: {gaps[0].reason}",
                "the audit needs get and list on the kinds it judges; another --context may have them",
            )
        yield from gaps

    def _kind(self, name: str, kind: Kind) -> Iterator[Resource | Gap]:
        if self._apis is not None and kind.api_version not in self._apis:
            return  # the server does not have it: nothing to judge
        if not self._namespaces:
            yield from self._list(name, kind, "")
        elif kind.namespaced:
            for namespace in self._namespaces:
                yield from self._list(name, kind, namespace)
        elif name == "Namespace":
            # may be read in namespace mode: a request on a Namespace is authorised inside it
            for namespace in self._namespaces:
                yield from self._one(name, kind, namespace)
        else:
            yield Gap(
                name,
                "cluster-wide kind, the audit is limited to namespaces",
                _effect(name),
                out_of_reach=True,
            )

    def _list(self, name: str, kind: Kind, namespace: str) -> Iterator[Resource | Gap]:
        path = _path(kind, namespace)
        try:
            # all pages before the first is used: a list that breaks off must not look complete
            items = [item for page in self._api.pages(path) for item in page]
        except (ApiError, SourceError) as error:
            if getattr(error, "status", 0) != 404:
                yield Gap(name, _reason(error), _effect(name), namespace=namespace or None)
            return
        yield from (_resource(name, kind, item) for item in items)

    def _one(self, name: str, kind: Kind, namespace: str) -> Iterator[Resource | Gap]:
        try:
            yield _resource(name, kind, self._api.get(f"{_path(kind, '')}/{namespace}"))
        except (ApiError, SourceError) as error:
            yield Gap(name, _reason(error), _effect(name), namespace=namespace)

    def _group_versions(self) -> Iterable[str]:
        yield from self._api.get("/api").get("versions", ())
        for group in self._api.get("/apis").get("groups", ()):
            yield from (version["groupVersion"] for version in group.get("versions", ()))

    def _identity(self) -> tuple[str, tuple[str, ...]]:
        """Who the server takes us for; unknown where it does not offer the review."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        try:
            answer = self._api.review("/apis/authentication.k8s.io/v1/selfsubjectreviews", body)
        except ApiError:
            return "", ()
        user = answer.get("status", {}).get("userInfo", {})
        return str(user.get("username", "")), tuple(user.get("groups", ()))

    def _refused(self, error: ApiError) -> SourceError:
        server = self._connection.server
        if error.status == 401:
            return SourceError(
                f"{server}: not logged in: {error}",
                f"the credentials of {self._connection.context} are wrong or have expired; log in again",
            )
        return SourceError(
            f"{server}: refused: {_reason(error)}", "kubectl version shows whether the server answers"
        )


def _path(kind: Kind, namespace: str) -> str:
    root = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.api_version}"
    return f"{root}/namespaces/{namespace}/{kind.plural}" if namespace else f"{root}/{kind.plural}"


def _resource(name: str, kind: Kind, body: Body) -> Resource:
    metadata = body.get("metadata", {})
    # items of a list carry neither of the two
    body = {**body, "apiVersion": kind.api_version, "kind": name}
    ref = ResourceRef(kind.api_version, name, metadata.get("name", ""), metadata.get("namespace", ""))
    return Resource(ref, body)


def _reason(error: ApiError | SourceError) -> str:
    return f"{error.status}: {error}" if isinstance(error, ApiError) and error.status else str(error)


def _effect(name: str) -> str:
    return f"no {name} is judged, nor what depends on it"
