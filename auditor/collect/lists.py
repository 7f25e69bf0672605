"""Which lists are read, in which order, and what is kept of their pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing

import msgspec

from auditor.collect.api import Api, ApiError
from auditor.collect.fetch import Again, Broken, Done, Page, fetch
from auditor.document.keep import LivePod, Pods, keep
from auditor.document.kinds import KINDS, WORKLOADS, Kind
from auditor.document.middle import MIDDLE, Middle
from auditor.errors import SourceError
from auditor.model import Body, Gap, Resource, ResourceRef

_REFERRERS = ("Pod", "ReplicaSet", "Job")
"""Read first: what exists when it is listed had its owner before, so that a later list has that too.

The other way round, every pod that a CronJob starts meanwhile would seem to belong to nobody.
"""

_REFERENTS = ("ConfigMap", "ServiceAccount", "Node", "Namespace")
"""Read last: others name them."""

_STRANGE = "the answer holds an object without a name, or something that is no object of this kind"


class List(msgspec.Struct, frozen=True):
    """One list to read: all objects of a kind, or those in one namespace."""

    name: str
    """The kind."""
    kind: Kind
    namespace: str = ""
    """Empty for all of them."""

    @property
    def path(self) -> str:
        """The path of its URL."""
        return path(self.kind, self.namespace)

    def gap(self, reason: str) -> Gap:
        """Say that it could not be read."""
        return Gap(self.name, reason, effect(self.name), namespace=self.namespace or None)


def plan(
    kinds: Collection[str], apis: Collection[str] | None, namespaces: Sequence[str]
) -> tuple[list[List], list[Gap]]:
    """Return what to list, in order, and what is out of reach.

    `apis` are the group-versions that the server offers, None if that is not known: a group that it
    does not have is nothing to judge. `namespaces` limits the audit; empty is the whole cluster.
    """
    groups = None if apis is None else {api.rpartition("/")[0] for api in apis}
    lists: list[List] = []
    gaps: list[Gap] = []
    for name in sorted(kinds, key=_order):
        kind = KINDS[name]
        if groups is not None and kind.group not in groups:
            continue
        if kind.namespaced or not namespaces:
            lists += [List(name, kind, namespace) for namespace in namespaces or ("",)]
        elif name != "Namespace":
            reason = "cluster-wide kind, the audit is limited to namespaces"
            gaps.append(Gap(name, reason, effect(name), out_of_reach=True))
    return lists, gaps


def read_lists(
    api: Api, lists: Iterable[List], *, status: bool = False
) -> Iterator[Iterable[Resource] | Gap]:
    """Yield the objects of each list once it is complete, or a gap: half of a list is none.

    With `status`, pods come with theirs.
    """
    by_path = {one.path: one for one in lists}
    shelves = _Shelves(status=status)
    shelf: _Shelf | None = None
    with closing(fetch(api, by_path)) as events:
        for event in events:
            one = by_path[event.path]
            match event:
                case Page():
                    shelf = shelf or shelves.shelf(one)
                    shelf.add(event.items)
                    del event  # a page is large
                case Again():
                    shelf = None
                case Done():
                    assert shelf, "a list has a page, be it an empty one"  # noqa: S101
                    yield one.gap(shelf.fault) if shelf.fault else shelves.complete(one, shelf)
                    shelf = None
                case Broken():
                    yield one.gap(cause(event.error))
                    shelf = None
    if waited := shelves.postponed():
        yield waited


def resource(name: str, kind: Kind, body: Body) -> Resource:
    """Return what is kept of one object; raises `ApiError` if it has no name."""
    try:
        metadata = msgspec.convert(body.get("metadata"), _Metadata)
    except msgspec.ValidationError:
        raise ApiError(0, _STRANGE) from None
    ref = ResourceRef(kind.api_version, name, metadata.name, metadata.namespace)
    return keep(ref, body)


def path(kind: Kind, namespace: str = "") -> str:
    """Return the path of a list in the API."""
    root = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.api_version}"
    return f"{root}/namespaces/{namespace}/{kind.plural}" if namespace else f"{root}/{kind.plural}"


def cause(error: ApiError | SourceError) -> str:
    """Say why something could not be read, as a gap says it."""
    return f"{error.status}: {error}" if isinstance(error, ApiError) and error.status else str(error)


def effect(name: str) -> str:
    """Say what the audit is blind to without a kind."""
    return f"no {name} is judged, and what refers to one is judged without it, or not at all"


class _Metadata(msgspec.Struct):
    name: str
    namespace: str = ""


class _Shelf:
    """Where the objects of one list are kept until it is complete."""

    fault = ""
    """What was wrong with a page: then the list is none."""

    def __init__(self, one: List) -> None:
        self._list = one
        self._kept: list[Resource] = []

    def add(self, items: msgspec.Raw) -> None:
        """Take the objects of one page in."""
        try:
            self._take(items)
        except (msgspec.MsgspecError, ApiError):
            self.fault = _STRANGE

    def resources(self) -> Iterable[Resource]:
        """Return what is kept of the list."""
        return self._kept

    def _take(self, items: msgspec.Raw) -> None:
        for body in msgspec.json.decode(items, type=list[Body] | None) or ():
            self._kept.append(resource(self._list.name, self._list.kind, body))


class _PodShelf(_Shelf):
    """The same for pods, which are most of a cluster, and mostly alike."""

    def __init__(self, one: List, pods: Pods, living: set[str]) -> None:
        super().__init__(one)
        self._pods = pods
        self._living = living

    def resources(self) -> Iterable[Resource]:
        self._living |= self._pods.owners()
        return self._pods.resources()

    def _take(self, items: msgspec.Raw) -> None:
        self._pods.add(_PODS.decode(items) or ())


class _MiddleShelf(_Shelf):
    """The same for what stands between pods and their owners, ReplicaSets and Jobs.

    Nothing of it is judged where its own controller is there: what it holds waits until that is
    known, undecoded.
    """

    def __init__(self, one: List, middle: Middle) -> None:
        super().__init__(one)
        self._middle = middle
        self._waiting: list[tuple[Resource, bytes]] = []

    def resources(self) -> Iterable[Resource]:
        self._middle.waiting += self._waiting
        return self._kept

    def _take(self, items: msgspec.Raw) -> None:
        for raw in msgspec.json.decode(items, type=list[msgspec.Raw] | None) or ():
            row = self._middle.row(self._list.name, self._list.kind.api_version, raw)
            if row is None:
                body = msgspec.json.decode(raw, type=Body)
                self._kept.append(resource(self._list.name, self._list.kind, body))
            elif row.finished:
                self._kept.append(row)
            else:
                self._waiting.append((row, bytes(raw)))


class _Shelves:
    """A shelf for each list, and what they must know of each other."""

    def __init__(self, *, status: bool) -> None:
        self._status = status
        self._living: set[str] = set()
        self._owners: set[tuple[str, str]] = set()
        self._middle = Middle(self._living)

    def shelf(self, one: List) -> _Shelf:
        """Return an empty shelf for a list."""
        if one.name == "Pod":
            return _PodShelf(one, Pods(with_status=self._status), self._living)
        return _MiddleShelf(one, self._middle) if one.name in MIDDLE else _Shelf(one)

    def complete(self, one: List, shelf: _Shelf) -> Iterable[Resource]:
        """Return what is kept of a list that was read whole."""
        found = shelf.resources()
        if one.name in WORKLOADS and one.name != "Pod":
            found = list(found)
            self._owners.update((resource.ref.namespace, resource.uid) for resource in found)
        return found

    def postponed(self) -> list[Resource]:
        """Return what had to wait until all lists were read."""
        return list(self._middle.resources(self._owners))


_PODS = msgspec.json.Decoder(list[LivePod] | None)


def _order(name: str) -> tuple[int, int, str]:
    if name in _REFERRERS:
        return 0, _REFERRERS.index(name), name
    return (2, _REFERENTS.index(name), name) if name in _REFERENTS else (1, 0, name)
