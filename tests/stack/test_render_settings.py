"""What a user sets stands in one place, arrives, and is all that is left to be set."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.stack.render import (
    COMPONENT_SETTINGS,
    DEPLOY,
    OVERLAYS,
    SETTINGS,
    complete,
    find,
    overlay,
    own_overlay,
)

UNSET = re.compile(
    r"SET-ME|set-me|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|example\.(?:com|org|test)"
    r"|0{8}(?:-0{4}){3}-0{12}|TODO|FIXME|CHANGEME"
)
"""Whatever stands for something else."""
TO_BE_SET = {
    "SET-ME": {("StatefulSet", "prometheus")},
    "192.0.2.": {("NetworkPolicy", "to-api-server")},
    "198.51.100.": {("NetworkPolicy", "prometheus-to-nodes")},
    "203.0.113.": {("NetworkPolicy", "alertmanager-to-receivers")},
}
ISSUERS = {("ClusterIssuer", f"monitoring-acme-{name}") for name in ("production", "staging")}
GATEWAY = {("Gateway", "monitoring")}
MORE_TO_BE_SET = {
    "azure-mlops": {
        "SET-ME": ISSUERS | GATEWAY,
        "example.com": {
            *ISSUERS,
            *GATEWAY,
            ("HTTPRoute", "thanos-query"),
            ("Certificate", "monitoring-edge"),
        },
        "00000000-0000-0000-0000-000000000000": ISSUERS,
    }
}


@pytest.mark.parametrize("name", OVERLAYS)
def test_only_what_is_to_be_set_is_unset(name: str) -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for one in overlay(name):
        if one["kind"] == "ConfigMap" and one["metadata"]["name"] == "prometheus-rules":
            continue  # prose of annotations; its own tests look at it
        for match in UNSET.finditer(yaml.safe_dump(one)):
            found.setdefault(match[0], set()).add((one["kind"], one["metadata"]["name"]))
    expected = dict(TO_BE_SET)
    for what, where in MORE_TO_BE_SET.get(name, {}).items():
        expected[what] = expected.get(what, set()) | where
    assert found == expected


@pytest.mark.parametrize("components", [[], ["high-availability", "query-tier", "alertmanager-mesh"]])
def test_what_is_set_arrives(components: list[str]) -> None:
    listed = own_overlay(components, SETTINGS)
    assert not UNSET.search("".join(yaml.safe_dump(one) for one in listed if one["kind"] != "ConfigMap"))
    prometheus = find(listed, "StatefulSet", "prometheus")
    spec = prometheus["spec"]["template"]["spec"]
    containers = {one["name"]: one for one in [*spec["initContainers"], *spec["containers"]]}
    for name in ("config-init", "config-reloader"):
        environment = {entry["name"]: entry.get("value") for entry in containers[name]["env"]}
        assert {
            key: environment[key] for key in ("CLUSTER", "ENVIRONMENT", "RETENTION_TIME", "RETENTION_SIZE")
        } == {
            "CLUSTER": "north-1",
            "ENVIRONMENT": "production",
            "RETENTION_TIME": "17d",
            "RETENTION_SIZE": "21GB",
        }
    [claim] = prometheus["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"]["storage"] == "33Gi"
    for kind, key in {"prometheus": "prometheusUrl", "alertmanager": "alertmanagerUrl"}.items():
        [one] = [
            c
            for c in find(listed, "StatefulSet", kind)["spec"]["template"]["spec"]["containers"]
            if c["name"] == kind
        ]
        assert {"name": "EXTERNAL_URL", "value": SETTINGS[key]} in one["env"]
    for policy, key in {
        "to-api-server": "apiServerCidr",
        "prometheus-to-nodes": "nodeCidr",
        "alertmanager-to-receivers": "receiverCidr",
    }.items():
        [rule] = find(listed, "NetworkPolicy", policy)["spec"]["egress"]
        assert rule["to"] == [{"ipBlock": {"cidr": SETTINGS[key]}}]


@pytest.mark.parametrize(
    "components",
    [
        ["gateway-envoy", "auth-proxy", "blackbox-edge", "acme-azure-dns", "azure"],
        ["ingress-traefik", "auth-proxy", "self-managed-control-plane", "thanos-objstore"],
        ["ingress-nginx-compat"],
    ],
    ids=lambda components: components[0],
)
def test_what_components_want_arrives(components: list[str]) -> None:
    """Each setting's value stands somewhere, and nothing that stands for it is left."""
    needed = complete(*components)
    listed = own_overlay(needed, SETTINGS | COMPONENT_SETTINGS)
    printed = "".join(yaml.safe_dump(one) for one in listed if one["kind"] != "ConfigMap")
    assert UNSET.findall(printed) == []
    wanted = {"host", *re.findall(r"fieldPath: data\.(\w+)", settings_of(*needed))}
    assert [key for key in wanted if (SETTINGS | COMPONENT_SETTINGS)[key] not in printed] == []


def settings_of(*components: str) -> str:
    paths = [DEPLOY / "components" / name / "settings.yaml" for name in components]
    return "".join(path.read_text() for path in paths if path.exists())


def test_all_settings_are_tested() -> None:
    wanted = set(
        re.findall(
            r"fieldPath: data\.(\w+)",
            settings_of(*(path.parent.name for path in DEPLOY.glob("components/*/settings.yaml"))),
        )
    )
    assert wanted - set(SETTINGS) == set(COMPONENT_SETTINGS)


def test_settings_of_the_overlays() -> None:
    """Every overlay has those of the base; none has one that nothing wants."""
    for name in OVERLAYS:
        keys = set(yaml.safe_load((DEPLOY / "overlays" / name / "settings.yaml").read_text())["data"])
        assert keys >= set(SETTINGS), name
        assert keys <= set(SETTINGS) | set(COMPONENT_SETTINGS), name


def test_size_of_samples_leaves_room_on_the_volume() -> None:
    for name in OVERLAYS:
        data = yaml.safe_load((DEPLOY / "overlays" / name / "settings.yaml").read_text())["data"]
        [size] = re.fullmatch(r"(\d+)GB", data["retentionSize"]).groups()  # type: ignore[union-attr]
        [volume] = re.fullmatch(r"(\d+)Gi", data["storageSize"]).groups()  # type: ignore[union-attr]
        assert int(size) <= 0.85 * int(volume), name
