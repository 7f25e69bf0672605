"""Reads a live cluster: only the kinds that are needed, each once, in pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from urllib.parse import quote

import msgspec

from auditor.collect.api import Api, ApiError
from auditor.collect.connect import Connection
from auditor.collect.lists import List, cause, effect, path, plan, read_lists, resource
from auditor.collect.patience import Patience
from auditor.document.kinds import KINDS, Kind
from auditor.errors import SourceError, UsageError
from auditor.model import Body, Gap, Glimpse, Resource, ResourceRef, SourceFacts

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""What a namespace may be called: RFC 1123."""

MAX_CONFIRMED = 10
"""Objects of a kind that are asked for by name; where more are missing, a page of the list costs less."""

_REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


# What discovery must hold is required: any other JSON in its place would be a server without kinds.


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


class _Versions(msgspec.Struct):
    versions: list[str]


class _GroupVersion(msgspec.Struct, rename="camel"):
    group_version: str


class _Group(msgspec.Struct):
    versions: list[_GroupVersion]


class _Groups(msgspec.Struct):
    groups: list[_Group]


class _Named(msgspec.Struct):
    name: str


class _Resources(msgspec.Struct):
    resources: list[_Named]


class _User(msgspec.Struct):
    username: str = ""
    groups: list[str] = []


class _ReviewStatus(msgspec.Struct, rename="camel"):
    user_info: _User = msgspec.field(default_factory=_User)


class _SelfReview(msgspec.Struct):
    status: _ReviewStatus = msgspec.field(default_factory=_ReviewStatus)


class ClusterSource:
    """The `Source` port over the API server of a cluster."""

    def __init__(
        self, connection: Connection, namespaces: Sequence[str] = (), patience: Patience | None = None
    ) -> None:
        """`namespaces` limits the audit; empty is the whole cluster.

        Raises `UsageError` for what can be no namespace.
        """
        for name in namespaces:
            if not _LABEL.fullmatch(name):
                raise UsageError(f"--namespace {name!r}: no namespace can be called so")
        self._api = Api(connection, patience)
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
            insecure=self._connection.insecure,
            clock_skew=self._api.skew,
        )

    def read(self, kinds: frozenset[str], *, status: bool = False) -> Iterator[Resource | Gap | Glimpse]:
        """Yield every object of the kinds, and of a whole cluster a glimpse before its pods are read.

        Raises `SourceError` if no kind at all could be read.
        """
        installed, unknown = self._installed(kinds)
        lists, gaps = plan(installed, self._apis, self._namespaces)
        gaps += unknown
        readable = False
        for part in chain(read_lists(self._api, lists, status=status), self._named(kinds)):
            if isinstance(part, Gap):
                gaps.append(part)
            elif isinstance(part, Glimpse):
                yield part
            else:
                readable = True
                yield from part
        failed = [gap for gap in gaps if not gap.out_of_reach]
        if failed and not readable:
            raise self._nothing(failed[0].reason)
        yield from gaps

    def confirm(self, refs: Iterable[ResourceRef]) -> Iterator[Resource | Gap]:
        """Ask for single objects: yield those that exist, and a gap for what could not be asked for.

        Of a kind that misses many, as where bindings name accounts that were deleted long ago, the list
        is read once more instead: it says the same, in fewer requests.
        """
        missing: dict[tuple[str, str], list[ResourceRef]] = {}
        for ref in refs:
            if self._namespaces and ref.kind == "Namespace":
                continue
            place = ref.namespace if self._namespaces else ""
            missing.setdefault((ref.kind, place), []).append(ref)
        for (name, place), wanted in sorted(missing.items()):
            if len(wanted) <= MAX_CONFIRMED:
                yield from chain.from_iterable(map(self._confirm, wanted))
            else:
                yield from self._list_again(List(name, KINDS[name], place), wanted)

    def _confirm(self, ref: ResourceRef) -> Iterator[Resource | Gap]:
        kind = KINDS[ref.kind]
        try:
            body = self._api.get(f"{path(kind, ref.namespace)}/{quote(ref.name)}", Body)
            yield resource(ref.kind, kind, body)
        except (ApiError, SourceError) as error:
            if not (isinstance(error, ApiError) and error.status == 404):
                reason = f"{ref} is not in the list, and cannot be asked for: {cause(error)}"
                yield Gap(ref.kind, reason, effect(ref.kind), namespace=ref.namespace or None)

    def _list_again(self, again: List, wanted: Collection[ResourceRef]) -> Iterator[Resource | Gap]:
        """Yield those that a later list holds; a list that cannot be read confirms nothing."""
        sought = frozenset(wanted)
        for part in read_lists(self._api, [again]):
            if isinstance(part, Gap):
                reason = f"{len(wanted)} are not in the list, and it cannot be read again: {part.reason}"
                yield again.gap(reason)
            elif not isinstance(part, Glimpse):
                yield from (one for one in part if one.ref in sought)

    def _installed(self, kinds: frozenset[str]) -> tuple[frozenset[str], list[Gap]]:
        """The kinds without those that the server does not have, and those of which it cannot be told.

        Discovery, and not the list, decides: an answer 404 to a list is a gap, as where a kind is served
        in another version only.
        """
        gone: set[str] = set()
        gaps = []
        asked: dict[str, frozenset[str] | ApiError | SourceError] = {}
        for name in sorted(name for name in kinds if KINDS[name].custom or KINDS[name].recent):
            versions = self._versions(KINDS[name])
            for version in versions:
                if version not in asked:
                    asked[version] = self._plurals(version)
            faults = [one for one in map(asked.__getitem__, versions) if not isinstance(one, frozenset)]
            found = [one for one in map(asked.__getitem__, versions) if isinstance(one, frozenset)]
            if faults:
                gaps.append(Gap(name, cause(faults[0]), effect(name)))
            if faults or (found and not any(KINDS[name].plural in one for one in found)):
                gone.add(name)
        return kinds - gone, gaps

    def _versions(self, kind: Kind) -> list[str]:
        """The version in which a kind is read, if the server has it, else all others of its group."""
        served = self._apis or frozenset()
        if kind.api_version in served:
            return [kind.api_version]
        return sorted(one for one in served if one.rpartition("/")[0] == kind.group)

    def _plurals(self, version: str) -> frozenset[str] | ApiError | SourceError:
        """The resources that a version has, or why that cannot be told."""
        try:
            return frozenset(one.name for one in self._api.get(f"/apis/{version}", _Resources).resources)
        except (ApiError, SourceError) as error:
            return error

    def _named(self, kinds: frozenset[str]) -> Iterator[list[Resource] | Gap]:
        """The namespaces that the audit is limited to: a request on one is authorised inside it."""
        kind = KINDS["Namespace"]
        for namespace in self._namespaces if "Namespace" in kinds else ():
            try:
                body = self._api.get(f"{path(kind)}/{namespace}", Body)
                yield [resource("Namespace", kind, body)]
            except (ApiError, SourceError) as error:
                yield Gap("Namespace", cause(error), effect("Namespace"), namespace=namespace)

    def _group_versions(self) -> frozenset[str]:
        core = self._api.get("/api", _Versions).versions
        groups = self._api.get("/apis", _Groups).groups
        return frozenset(core).union(one.group_version for group in groups for one in group.versions)

    def _identity(self) -> _User:
        """Who the server takes us for; unknown where it does not offer the review, or does not answer."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        try:
            return self._api.review(_REVIEW, body, _SelfReview).status.user_info
        except (ApiError, SourceError):
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
            f"{server}: no API server, or not ready: {cause(error)}",
            f"check the address in context {context!r}; kubectl version shows whether it answers",
        )

    def _nothing(self, reason: str) -> SourceError:
        hint = "the audit needs get and list on the kinds it judges; another --context may have them"
        if not self._namespaces:
            hint += ", or with --namespace the rights in one namespace are enough"
        return SourceError(f"{self._connection.server}: nothing could be read: {reason}", hint)
