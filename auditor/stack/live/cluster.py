"""The API server, as the stack asks it: by objects instead of paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from auditor.collect.fault import ApiError
from auditor.collect.write import WritingApi
from auditor.errors import IncompleteError
from auditor.stack.patches import Object

MANAGER = "auditor"
"""Who owns the fields of what is applied."""

_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class Resource(msgspec.Struct, frozen=True):
    """How a kind is called in paths."""

    name: str
    kind: str
    namespaced: bool


class _Resources(msgspec.Struct):
    resources: list[Resource]


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


class _Allowed(msgspec.Struct):
    allowed: bool = False


class _Review(msgspec.Struct):
    status: _Allowed


class UnknownKindError(Exception):
    """The server does not have a kind."""


class Cluster:
    """One cluster; all methods raise `ApiError` or `SourceError` where they get no answer."""

    def __init__(self, api: WritingApi) -> None:
        """Nothing is asked yet."""
        self._api = api
        self._resources: dict[str, dict[str, Resource]] = {}

    def version(self) -> str:
        """Return the version of the server."""
        return self._api.get("/version", _Version).git_version

    def resource(self, api_version: str, kind: str) -> Resource | None:
        """Return how a kind is asked for; None where the server does not have it."""
        if api_version not in self._resources:
            try:
                listed = self._api.get(_root(api_version), _Resources).resources
            except ApiError as error:
                if error.status != 404:
                    raise
                listed = []
            self._resources[api_version] = {one.kind: one for one in listed if "/" not in one.name}
        return self._resources[api_version].get(kind)

    def path(self, one: Mapping[str, Any]) -> str:
        """Return the path of an object; raises `UnknownKindError`."""
        metadata = one["metadata"]
        within = self._list(one["apiVersion"], one["kind"], metadata.get("namespace", ""))
        return f"{within}/{quote(metadata['name'], safe='')}"

    def find(self, one: Mapping[str, Any]) -> Object | None:
        """Return an object as it is, None where there is none; raises `UnknownKindError`."""
        return self._api.find(self.path(one))

    def holds(self, one: Mapping[str, Any]) -> bool:
        """Tell whether an object is there without reading what is in it."""
        return self._api.find(self.path(one), metadata_only=True) is not None

    def list(self, api_version: str, kind: str, namespace: str = "") -> Iterator[Object]:
        """Yield all objects of a kind, or those in a namespace; none where the server does not have it."""
        if self.resource(api_version, kind) is None:
            return
        path, token = self._list(api_version, kind, namespace), ""
        while True:
            page = self._api.page(path, token)
            for raw in page.items:
                yield {"apiVersion": api_version, "kind": kind, **msgspec.json.decode(raw)}
            token = page.token
            if not token:
                return

    def apply(
        self, one: Object, *, manager: str = MANAGER, force: bool = False, dry_run: bool = False
    ) -> Object:
        """Apply an object; raises `UnknownKindError`, and `ApiError` 409 where others own its fields."""
        return self._api.apply(self.path(one), one, manager, force=force, dry_run=dry_run)

    def create(self, one: Object) -> Object:
        """Create an object; `ApiError` 409 if it is there."""
        return self._api.create(self.path(one).rpartition("/")[0], one)

    def replace(self, one: Object) -> Object:
        """Replace an object; `ApiError` 409 if somebody else was faster."""
        return self._api.replace(self.path(one), one)

    def delete(self, one: Mapping[str, Any], uid: str, *, dry_run: bool = False) -> bool:
        """Delete the object of this uid; tell whether it was there."""
        return self._api.delete(self.path(one), uid, dry_run=dry_run)

    def may(self, verb: str, api_version: str, kind: str, namespace: str = "") -> bool:
        """Ask whether we may do something; raises `UnknownKindError`."""
        found = self.resource(api_version, kind)
        if found is None:
            raise UnknownKindError(f"the cluster has no {kind} in {api_version}")
        attributes = {
            "group": api_version.rpartition("/")[0],
            "resource": found.name,
            "verb": verb,
            "namespace": namespace,
        }
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        return self._api.review(_REVIEW, body, _Review).status.allowed

    def _list(self, api_version: str, kind: str, namespace: str) -> str:
        found = self.resource(api_version, kind)
        if found is None:
            raise UnknownKindError(f"the cluster has no {kind} in {api_version}")
        within = f"/namespaces/{quote(namespace, safe='')}" if found.namespaced and namespace else ""
        return f"{_root(api_version)}{within}/{found.name}"


def said(error: ApiError) -> str:
    """Return what the server said, with its status."""
    return f"{error} (HTTP {error.status})" if error.status else str(error)


def failed(what: str, error: ApiError, hint: str = "") -> IncompleteError:
    """Return the error that ends a command because the server refused something."""
    return IncompleteError(f"{what}: {said(error)}", hint)


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
