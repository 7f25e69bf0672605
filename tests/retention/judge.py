"""What policies say of workloads whose running programs have been asked: the whole way, with the real OPA."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from auditor.collect.manifests import ManifestSource
from auditor.judge.selection import select, within_reach
from auditor.model import Observation, Result, SourceFacts
from auditor.pipeline import collect, judge
from auditor.ports import Engine
from auditor.rules import Bundle
from tests import factories as make
from tests.retention.times import now

Object = dict[str, Any]

NAMESPACE = "monitoring"

IMAGES = {
    "prometheus": "quay.io/prometheus/prometheus:v3.16.0",
    "alertmanager": "quay.io/prometheus/alertmanager:v0.28.1",
}


class _Runtime:
    """What was observed."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        self._observations = tuple(observations)

    def observe(self) -> tuple[Observation, ...]:
        return self._observations


class _Cluster(ManifestSource):
    """Objects that have owners, a status and an age."""

    def facts(self) -> SourceFacts:
        return msgspec.structs.replace(super().facts(), kind="cluster")


class Judge:
    """Judges objects and observations by our policies."""

    def __init__(self, bundle: Bundle, engine: Engine) -> None:
        self._bundle = bundle
        self._engine = engine

    def __call__(
        self, folder: Path, policy: str, objects: Iterable[Object], observations: Iterable[Observation]
    ) -> Mapping[str, Result]:
        """Return the results of a policy by the name of the object; `folder` is for the objects."""
        file = folder / "objects.json"
        file.write_bytes(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": list(objects)}))
        source = _Cluster([str(file)], io.BytesIO())
        selection = select(self._bundle, policies=[policy])
        at = now().isoformat().replace("+00:00", "Z")
        snapshot = collect(source, selection, now=at, runtime=_Runtime(observations))
        assert not snapshot.gaps, snapshot.gaps
        within = within_reach(selection, snapshot.facts, snapshot.observations)
        _, found = judge(snapshot, self._engine, within)
        return {one.document.ref.name: one for one in make.each(found, within.policies)}


def messages(result: Result) -> str:
    """Return all that a result says."""
    told = [*(one.message for one in result.violations), *result.reasons]
    return f"{result.status}: {' '.join(told)}"


def of(observation: Observation, name: str) -> Observation:
    """Return the same of another workload."""
    return msgspec.structs.replace(observation, name=name)


def workload(name: str, program: str, flags: Sequence[str], configuration: str | None = None) -> list[Object]:
    """Return a Deployment that runs a program with these flags, and the ConfigMap that it mounts."""
    place = "/etc/configuration"
    container: Object = {
        "name": program,
        "image": IMAGES[program],
        "args": [f"--config.file={place}/configuration.yml", *flags],
        "volumeMounts": [{"name": "configuration", "mountPath": place}],
    }
    volumes = [{"name": "configuration", "configMap": {"name": name}}]
    labels = {"app": name}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container], "volumes": volumes}},
    }
    meta = {"name": name, "namespace": NAMESPACE}
    made: list[Object] = [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}]
    if configuration is not None:
        data = {"configuration.yml": configuration}
        made.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data})
    return made
