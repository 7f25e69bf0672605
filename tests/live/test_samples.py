"""The samples of the shipped policies are objects that an API server takes: each is created, for trial only.

A sample that says `# admitted: no, because ...` must be refused. The kinds of operators have a schema
that takes everything: of them only name and metadata are proven.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from auditor.collect.compose import YamlDocument
from auditor.collect.yaml import documents
from auditor.document.kinds import KINDS
from tests.availability.api import THREADS, Api, Object, until
from tests.cluster.custom_kinds import definition
from tools.build import ROOT
from tools.cluster import ControlPlane

SAMPLES = sorted((ROOT / "policies/k8s").glob("*/samples/*.yaml"))
REFUSED = re.compile(r"^# admitted: no, because \S", re.MULTILINE)
DEFAULT = "default"
"""The namespace of what names none, and the service account of what names none."""


class Kind(msgspec.Struct, frozen=True):
    """A kind as the server offers it."""

    plural: str
    namespaced: bool


class Server:
    """An API server without controllers: what is made in it stays as it is."""

    def __init__(self, plane: ControlPlane) -> None:
        self._api = Api(plane)
        self._define_custom_kinds()
        self._kinds: dict[str, Mapping[str, Kind]] = {}

    def _define_custom_kinds(self) -> None:
        custom = {name: kind for name, kind in KINDS.items() if kind.custom}
        base = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for name, kind in custom.items():
            # where two groups have a kind of one name, ours has the group too
            own = name.partition(".")[0]
            body = definition(kind.api_version, own, kind.plural, namespaced=kind.namespaced)
            self._api.ask("POST", base, body)

        def served() -> bool:
            lists = (f"/apis/{kind.api_version}/{kind.plural}" for kind in custom.values())
            return all(self._api.send("GET", path).status == 200 for path in lists)

        until(served)

    def kinds(self, version: str) -> Mapping[str, Kind]:
        """Return the kinds of a version, as `apps/v1`, by name; none if it is not served."""
        if version not in self._kinds:
            body = self._api.send("GET", f"/{_root(version)}").body
            self._kinds[version] = {
                one["kind"]: Kind(one["name"], one["namespaced"])
                for one in body.get("resources", ())
                if "/" not in one["name"]
            }
        return self._kinds[version]

    def refusals(self, sample: Path, number: int) -> list[str]:
        """Return why objects of a sample are refused; `number` is the sample's own.

        Every sample is a cluster of its own, so its namespaces get names of their own. They and the
        service accounts are made, all else is only tried.
        """
        objects = [_object(document) for document in documents(sample.read_bytes())]
        moved = [_moved(body, number) for body in objects]
        made = [one for one in moved if one["kind"] == "Namespace"]
        made += _namespaces(moved, known={one["metadata"]["name"] for one in made})
        made += [one for one in moved if one["kind"] == "ServiceAccount"]
        answers = [self._create(one) for one in made]
        for account in _service_accounts(moved):
            self._create(account)
        answers += [self._create(one, trial=True) for one in moved if one not in made]
        return [answer for answer in answers if answer]

    def _create(self, body: Object, *, trial: bool = False) -> str:
        """Create an object, or only try to; return the server's words if it refuses."""
        version, kind = body["apiVersion"], body["kind"]
        name = f"{kind} {body['metadata'].get('name')}"
        if not (known := self.kinds(version).get(kind)):
            return f"{name}: the server has no {version} {kind}"
        place = f"/namespaces/{body['metadata']['namespace']}" if known.namespaced else ""
        # strict, as kubectl asks for it: a field that does not exist is an error
        flags = "?fieldValidation=Strict" + ("&dryRun=All" if trial else "")
        answer = self._api.send("POST", f"/{_root(version)}{place}/{known.plural}{flags}", body)
        # what has the name of something that ships is valid, or the server would have said that first
        taken = {201, 409} if trial else {201}
        return "" if answer.status in taken else f"{name}: {answer.status} {answer.body.get('message')}"


def _root(version: str) -> str:
    return f"apis/{version}" if "/" in version else f"api/{version}"


def _object(document: object) -> Object:
    assert isinstance(document, YamlDocument), document
    value: Object = document.value
    return value


def _moved(body: Object, number: int) -> Object:
    """Put an object into the sample's own namespace, whatever its kind: others have no use for it."""
    metadata = dict(body["metadata"])
    if body["kind"] == "Namespace":
        metadata["name"] = f"s{number}-{metadata['name']}"
    else:
        metadata["namespace"] = f"s{number}-{metadata.get('namespace', DEFAULT)}"
    return {**body, "metadata": metadata}


def _namespaces(objects: Iterable[Object], known: set[str]) -> list[Object]:
    """The namespaces that objects are in and the sample does not have."""
    names = {one["metadata"]["namespace"] for one in objects if one["kind"] != "Namespace"}
    kind = {"apiVersion": "v1", "kind": "Namespace"}
    return [{**kind, "metadata": {"name": name}} for name in sorted(names - known)]


def _service_accounts(objects: Iterable[Object]) -> Iterator[Object]:
    """The service accounts without which admission refuses every pod."""
    pods = [one for one in objects if one["kind"] == "Pod"]
    places = {(one["metadata"]["namespace"], one["spec"].get("serviceAccountName", DEFAULT)) for one in pods}
    for namespace, name in sorted(places):
        yield {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": namespace},
        }


@pytest.fixture(scope="module")
def refusals() -> Iterator[Mapping[str, list[str]]]:
    """Why the server refuses samples, by their place below policies/k8s."""
    with ControlPlane(nodes=0, controllers=False) as plane, ThreadPoolExecutor(THREADS) as pool:
        server = Server(plane)
        found = pool.map(server.refusals, SAMPLES, range(len(SAMPLES)))
        yield dict(zip(map(_place, SAMPLES), found, strict=True))


def _place(sample: Path) -> str:
    return f"{sample.parent.parent.name}/{sample.name}"


MARKED = {_place(sample) for sample in SAMPLES if REFUSED.search(sample.read_text())}


def test_samples_are_admitted(refusals: Mapping[str, list[str]]) -> None:
    refused = {place: why for place, why in refusals.items() if why and place not in MARKED}
    assert not refused, "\n".join(f"{place}: {'; '.join(why)}" for place, why in refused.items())
    assert len(refusals) > len(MARKED) > 0


def test_what_is_said_to_be_refused_is_refused(refusals: Mapping[str, list[str]]) -> None:
    assert sorted(place for place in MARKED if not refusals[place]) == []
