"""Every overlay renders; nothing is double, forgotten, unlabelled, or left to be filled in unseen."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.stack.render import (
    COMPONENTS,
    DEPLOY,
    OVERLAYS,
    Object,
    RenderError,
    complete,
    find,
    identity,
    labels,
    overlay,
    own_overlay,
    selects,
    text,
    workloads,
)
from tools import build

LABELS = {f"app.kubernetes.io/{name}" for name in ("name", "component", "instance", "part-of", "managed-by")}
SELECTED_BY = {"app.kubernetes.io/name", "app.kubernetes.io/component"}
"""What selectors may name: they can never change, so nothing that a user may."""
PROBES = {"startupProbe", "livenessProbe", "readinessProbe"}


def every_overlay_and_component() -> Iterator[Any]:
    for name in OVERLAYS:
        yield pytest.param(([], name), id=name)
    for name in COMPONENTS:
        yield pytest.param(([name], ""), id=f"base+{name}")


@pytest.fixture(params=every_overlay_and_component(), name="listed", scope="module")
def _listed(request: pytest.FixtureRequest) -> list[Object]:
    components, name = request.param
    return list(overlay(name)) if name else own_overlay(complete(*components))


def test_there_are_the_overlays() -> None:
    assert {"ha", "minimal"} <= set(OVERLAYS)


@pytest.mark.parametrize("name", OVERLAYS)
def test_renders_the_same_bytes_each_time(name: str) -> None:
    folder = DEPLOY / "overlays" / name
    assert text(folder) == text(folder)


@pytest.mark.parametrize("name", OVERLAYS)
def test_kubectl_renders_the_same(name: str) -> None:
    """What a user without kustomize gets: kubectl has a version of its own built in."""
    folder = DEPLOY / "overlays" / name
    command = [str(build.tool_bin("kubernetes") / "kubectl"), "kustomize", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == text(folder)


def test_no_object_twice(listed: list[Object]) -> None:
    assert len(listed) > 20
    assert [one for one, count in Counter(map(identity, listed)).items() if count > 1] == []


def test_settings_are_not_applied(listed: list[Object]) -> None:
    assert "stack-settings" not in {one["metadata"]["name"] for one in listed}


def test_labels_are_complete(listed: list[Object]) -> None:
    for one in listed:
        assert labels(one).keys() >= LABELS, identity(one)
    for one, template in workloads(listed):
        assert labels(template).keys() >= LABELS, identity(one)


def test_selectors_select_what_they_mean(listed: list[Object]) -> None:
    templates = [(one, template) for one, template in workloads(listed)]
    for one, template in templates:
        if one["kind"] == "CronJob":  # which has none: its Jobs choose theirs
            continue
        selector = one["spec"]["selector"]
        assert selector["matchLabels"].keys() <= SELECTED_BY
        assert selects(selector, labels(template)), identity(one)
        others = [other for other, its in templates if selects(selector, labels(its))]
        assert others == [one], f"{identity(one)} selects the pods of others"


def pod_selectors(one: Object) -> Iterator[dict[str, Any]]:
    """Every selector of pods of this stack in a Service, a budget, a NetworkPolicy or a constraint."""
    spec = one.get("spec", {})
    match one["kind"]:
        case "Service":
            yield {"matchLabels": spec["selector"]}
        case "PodDisruptionBudget":
            yield spec["selector"]
        case "NetworkPolicy":
            yield spec["podSelector"]
            peers = [peer for rule in spec.get("ingress", ()) for peer in rule.get("from", ())]
            peers += [peer for rule in spec.get("egress", ()) for peer in rule.get("to", ())]
            yield from (peer["podSelector"] for peer in peers if peer.keys() == {"podSelector"})


def test_selectors_reach_pods_of_the_stack(listed: list[Object]) -> None:
    pods = [(one["metadata"]["namespace"], labels(template)) for one, template in workloads(listed)]
    looked_at = 0
    for one in listed:
        for selector in pod_selectors(one):
            if not selector or selector == {"matchLabels": {}}:
                continue
            looked_at += 1
            found = [carried for where, carried in pods if where == one["metadata"]["namespace"]]
            assert any(selects(selector, carried) for carried in found), f"{identity(one)}: {selector}"
    assert looked_at > 20


def test_network_is_closed_in_both_directions(listed: list[Object]) -> None:
    namespaces = {one["metadata"]["namespace"] for one, _ in workloads(listed)}
    closed = {
        one["metadata"]["namespace"]
        for one in listed
        if one["kind"] == "NetworkPolicy"
        and one["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    }
    assert closed == namespaces
    for one in listed:
        if one["kind"] == "NetworkPolicy":
            for rule in [*one["spec"].get("ingress", ()), *one["spec"].get("egress", ())]:
                assert rule.get("ports"), f"{identity(one)} opens every port"
                peers = rule.get("from") or rule.get("to")
                assert peers, f"{identity(one)} is open to everybody"
                assert all(peer not in ({"podSelector": {}}, {"namespaceSelector": {}}) for peer in peers)
                assert all(not one.get("ipBlock", {}).get("cidr", "").endswith("/0") for one in peers)


def test_containers_are_probed_and_bounded(listed: list[Object]) -> None:
    for one, template in workloads(listed):
        once = one["kind"] in ("CronJob", "Job")
        for container in template["spec"]["containers"]:
            where = (*identity(one), container["name"])
            assert once or container.keys() >= PROBES, where
            assert container["resources"]["requests"].keys() >= {"cpu", "memory"}, where
            assert "memory" in container["resources"]["limits"], where
            ports = {port["name"] for port in container.get("ports", ())}
            for probe in PROBES & container.keys():
                [action] = container[probe].keys() & {"httpGet", "tcpSocket"}
                assert container[probe][action]["port"] in ports, where


def test_images_are_named_in_one_place(listed: list[Object]) -> None:
    component = yaml.safe_load((DEPLOY / "components/images/kustomization.yaml").read_text())
    known = set()
    for image in component["images"]:
        digest = f"@{image['digest']}" if "digest" in image else ""
        known.add(f"{image['newName']}:{image['newTag']}{digest}")
    for one, template in workloads(listed):
        spec = template["spec"]
        for container in [*spec["containers"], *spec.get("initContainers", ())]:
            assert container["image"] in known, (*identity(one), container["image"])
            assert not re.search(r":(latest|main|master)$", container["image"])


def test_autoscaled_workloads_set_no_replicas(listed: list[Object]) -> None:
    for one in listed:
        if one["kind"] == "HorizontalPodAutoscaler":
            target = one["spec"]["scaleTargetRef"]
            assert "replicas" not in find(listed, target["kind"], target["name"])["spec"]


def mounted(
    one: Object, spec: Object, container: Object, maps: dict[tuple[str, str], Object]
) -> dict[str, Any]:
    """The folders of a container: for each the keys that it holds, or None where nobody can tell."""
    volumes = {volume["name"]: volume for volume in spec.get("volumes", ())}
    folders: dict[str, Any] = {}
    for mount in container.get("volumeMounts", ()):
        assert "subPath" not in mount, "what is mounted so never changes"
        volume = volumes.get(mount["name"], {})
        held = None
        if "configMap" in volume and volume["configMap"]["name"] != "kube-root-ca.crt":
            held = maps[one["metadata"]["namespace"], volume["configMap"]["name"]]
        elif volume.get("secret", {}).get("secretName", "").endswith("-tls"):
            held = dict.fromkeys(("ca.crt", "tls.crt", "tls.key"), "")
        folders[mount["mountPath"]] = held
    return folders


def test_files_that_programs_are_told_of_are_mounted(listed: list[Object]) -> None:
    """A path below /etc in arguments is mounted in the container; one in a mounted file, in the pod."""
    maps = {identity(one)[2:]: one["data"] for one in listed if one["kind"] == "ConfigMap"}
    looked_at = 0
    for one, template in workloads(listed):
        spec = template["spec"]
        containers = [*spec["containers"], *spec.get("initContainers", ())]
        folders = {container["name"]: mounted(one, spec, container, maps) for container in containers}
        of_pod = {path: held for its in folders.values() for path, held in its.items()}
        for container in containers:
            values = [entry.get("value", "") for entry in container.get("env", ())]
            read = [held for held in folders[container["name"]].values() if held]
            texts = [content for held in read for content in held.values()]
            for told, where in (
                ([*container.get("args", ()), *values], folders[container["name"]]),
                (texts, of_pod),
            ):
                for path in re.findall(r"/etc/[\w./-]+\.(?:ya?ml|crt|key)\b", " ".join(told)):
                    looked_at += 1
                    folder, _, file = path.rpartition("/")
                    assert folder in where, f"{identity(one)} {container['name']}: {path} is not mounted"
                    assert where[folder] is None or file in where[folder], f"{identity(one)}: no {path}"
    assert looked_at > 20


def test_edges_exclude_each_other() -> None:
    with pytest.raises(RenderError, match="thanos-query"):
        own_overlay(["query-tier", "ingress-traefik", "ingress-nginx-compat"])
