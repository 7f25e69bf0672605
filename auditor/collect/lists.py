"""Which lists are read, in which order, and what is kept of their pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain, product
from typing import Any
from urllib.parse import urlencode

import msgspec

from auditor.collect.api import STRANGE, Api, ApiError
from auditor.collect.fetch import Again, Broken, Done, Event, Page, fetch
from auditor.collect.secrets import CONTENTS, METADATA, SELECTORS, LiveSecret
from auditor.collect.yaml import only_value
from auditor.document.keep import LivePod, Pods, keep
from auditor.document.kinds import KINDS, WORKLOADS, Kind
from auditor.document.middle import MIDDLE, Row, resources, row, settled
from auditor.document.secrets import SECRET, TOKEN
from auditor.errors import SourceError
from auditor.model import Body, Gap, Glimpse, Resource, ResourceRef

_REFERRERS = ("Pod", "ReplicaSet", "Job")
"""Read first: what exists when it is listed had its owner before, so that a later list has that too.

The other way round, every pod that a CronJob starts meanwhile would seem to belong to nobody.
"""

_REFERENTS = ("ConfigMap", SECRET, "ServiceAccount", "Node", "Namespace")
"""Read last: others name them."""


class List(msgspec.Struct, frozen=True):
    """One list to read: all objects of a kind, or those in one namespace."""

    name: str
    """The kind."""
    kind: Kind
    namespace: str = ""
    """Empty for all of them."""
    selector: str = ""
    """A field selector: only some of them."""

    @property
    def path(self) -> str:
        """The path of its URL, and what follows it."""
        whole = path(self.kind, self.namespace)
        return f"{whole}?{urlencode({'fieldSelector': self.selector})}" if self.selector else whole

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
            selectors = SELECTORS if name == SECRET else ("",)
            lists += [List(name, kind, *one) for one in product(namespaces or ("",), selectors)]
        elif name != "Namespace":
            reason = "cluster-wide kind, the audit is limited to namespaces"
            gaps.append(Gap(name, reason, effect(name), out_of_reach=True))
    return lists, gaps


def read_lists(
    api: Api, lists: Iterable[List], *, status: bool = False
) -> Iterator[Iterable[Resource] | Gap | Glimpse]:
    """Yield the objects of each list that is complete, or a gap: half of a list is none.

    With `status`, pods come with theirs. They are most of a cluster: what they look like is read last,
    though they are listed first, so that what all others hold is seen meanwhile.
    """
    by_path = {one.path: one for one in lists}
    pods = [path for path, one in by_path.items() if one.name == "Pod"]
    # of one list the state is known as soon as it is begun; of several, that of the first one
    pinned = pods[0] if len(pods) == 1 and not by_path[pods[0]].namespace else ""
    shelves, seen = _Shelves(by_path, status=status), False
    secrets = [path for path, one in by_path.items() if one.name == SECRET]
    types = {**dict.fromkeys(pods, LivePod), **dict.fromkeys(secrets, LiveSecret)}
    accepts = dict.fromkeys(secrets, METADATA)
    with closing(fetch(api, by_path, types, pinned=pinned, accepts=accepts)) as events:
        for event in events:
            shelves.take(event)
            del event  # a page is large
            if pinned and not seen and shelves.all_but(pinned):
                seen = True
                yield shelves.glimpse()
    yield from shelves.contents()


def resource(name: str, kind: Kind, body: Body) -> Resource:
    """Return what is kept of one object; raises `ApiError` if it has no name."""
    try:
        metadata = msgspec.convert(body.get("metadata"), _Metadata)
    except msgspec.ValidationError:
        raise ApiError(0, STRANGE) from None
    ref = ResourceRef(kind.api_version, name, metadata.name, metadata.namespace)
    return keep(ref, body, parse=only_value)


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

    def add(self, items: Sequence[Any]) -> None:
        """Take the objects of one page in."""
        try:
            self._take(items)
        except (msgspec.MsgspecError, ApiError):
            self.fault = STRANGE

    def resources(self) -> Iterable[Resource]:
        """Return what is kept of the list."""
        return self._kept

    def owners(self) -> set[tuple[str, str]]:
        """Return namespace and uid of all that may control others."""
        owning = self._list.name in WORKLOADS and self._list.name != "Pod"
        return {(one.ref.namespace, one.uid) for one in self._kept if owning}

    def _take(self, items: Sequence[Any]) -> None:
        for raw in items:
            body = msgspec.json.decode(raw, type=Body)
            self._kept.append(resource(self._list.name, self._list.kind, body))


class _PodShelf(_Shelf):
    """The same for pods, which are most of a cluster, and mostly alike."""

    def __init__(self, one: List, pods: Pods) -> None:
        super().__init__(one)
        self.pods = pods

    def resources(self) -> Iterable[Resource]:
        return self.pods.resources()

    def _take(self, items: Sequence[Any]) -> None:
        self.pods.add(items)


class _SecretShelf(_Shelf):
    """The same for Secrets, of which only metadata is asked for."""

    def _take(self, items: Sequence[Any]) -> None:
        known = {"type": TOKEN} if self._list.selector else {}
        for one in items:
            body = {"metadata": one.metadata, **known}
            self._kept.append(resource(self._list.name, self._list.kind, body))

    def add(self, items: Sequence[Any]) -> None:
        if all(one.is_bare for one in items):
            super().add(items)
        else:
            self.fault = CONTENTS


class _MiddleShelf(_Shelf):
    """The same for what stands between pods and their owners, ReplicaSets and Jobs.

    Nothing of it is judged where its own controller is there: what it holds waits until that is
    known, undecoded.
    """

    def __init__(self, one: List) -> None:
        super().__init__(one)
        self.rows: list[Row] = []

    def owners(self) -> set[tuple[str, str]]:
        return super().owners() | {(one.resource.ref.namespace, one.resource.uid) for one in self.rows}

    def _take(self, items: Sequence[Any]) -> None:
        for raw in items:
            if one := row(self._list.name, self._list.kind.api_version, raw):
                self.rows.append(one)
            else:
                super()._take((raw,))


class _Shelves:
    """A shelf for each list, and what they must know of each other."""

    def __init__(self, lists: Mapping[str, List], *, status: bool) -> None:
        self._lists = lists
        self._status = status
        self._shelves: dict[str, _Shelf] = {}
        """By path, of lists that are complete or begun."""
        self._ended: dict[str, str] = {}
        """By path: "", or why the list is none."""

    def take(self, event: Event) -> None:
        """Take in what comes of a list."""
        match event:
            case Page(path, items):
                if path not in self._shelves:
                    self._shelves[path] = self._shelf(path)
                self._shelves[path].add(items)
            case Again(path):
                self._forget(path)
            case Done(path):
                self._ended[path] = self._shelves[path].fault
            case Broken(path, error):
                self._forget(path)
                self._ended[path] = cause(error)

    def all_but(self, path: str) -> bool:
        """Tell whether this list is the only one that is still to come."""
        return path not in self._ended and len(self._ended) == len(self._lists) - 1

    def glimpse(self) -> Glimpse:
        """Return what is kept of the lists that have ended, but for what hangs on those to come."""
        complete = [self._shelves[path] for path, fault in self._ended.items() if not fault]
        self._settle(complete)
        gaps = [self._lists[path].gap(fault) for path, fault in self._ended.items() if fault]
        complete = [one for one in complete if not isinstance(one, _SecretShelf)]  # of two lists, one each
        return Glimpse(tuple(chain.from_iterable(one.resources() for one in complete)), tuple(gaps))

    def contents(self) -> Iterator[Iterable[Resource] | Gap]:
        """Yield what is kept of each list; all have ended."""
        complete = {path: self._shelves[path] for path, fault in self._ended.items() if not fault}
        self._settle(complete.values())
        living = set[str]()
        for shelf in complete.values():
            living |= shelf.pods.owners() if isinstance(shelf, _PodShelf) else set()
        for path, fault in self._ended.items():
            if self._lists[path].name != SECRET:
                yield self._lists[path].gap(fault) if fault else complete[path].resources()
        yield from self._secrets(complete)
        for shelf in complete.values():
            if isinstance(shelf, _MiddleShelf):
                yield resources(shelf.rows, living)

    def _secrets(self, complete: Mapping[str, _Shelf]) -> Iterator[Iterable[Resource] | Gap]:
        """The Secrets of each place: where one of its lists is none, nobody knows the types, and none is."""
        places: dict[str, list[str]] = {}
        for path, one in self._lists.items():
            if one.name == SECRET and path in self._ended:
                places.setdefault(one.namespace, []).append(path)
        for paths in places.values():
            fault = next((self._ended[path] for path in paths if self._ended[path]), "")
            found = {one.ref: one for path in paths if not fault for one in complete[path].resources()}
            yield self._lists[paths[0]].gap(fault) if fault else found.values()

    def _shelf(self, path: str) -> _Shelf:
        one = self._lists[path]
        if one.name == SECRET:
            return _SecretShelf(one)
        if one.name == "Pod":
            return _PodShelf(one, Pods(with_status=self._status))
        return _MiddleShelf(one) if one.name in MIDDLE else _Shelf(one)

    def _forget(self, path: str) -> None:
        self._shelves.pop(path, None)
        self._ended.pop(path, None)

    def _settle(self, complete: Collection[_Shelf]) -> None:
        owners = set[tuple[str, str]]().union(*(shelf.owners() for shelf in complete))
        for shelf in complete:
            if isinstance(shelf, _MiddleShelf):
                shelf.rows = settled(shelf.rows, owners)


def _order(name: str) -> tuple[int, int, str]:
    if name in _REFERRERS:
        return 0, _REFERRERS.index(name), name
    return (2, _REFERENTS.index(name), name) if name in _REFERENTS else (1, 0, name)
