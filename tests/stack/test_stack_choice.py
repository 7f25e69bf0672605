"""What may be wanted, and the one clear error for what may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.errors import AuditorError, UsageError
from auditor.stack import kinds
from auditor.stack.choice import Request, choose, ignored, read_settings
from tests.stack.render import COMPONENTS, DEPLOY, REGISTRY, SETTINGS, find
from tests.stack.shipped import chosen, rendered, shipped

EDGE = {"host": "watch.north.internal", "allowCidr": "10.4.0.0/16"}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"profile": "hal"}, "--profile hal: unknown profile; did you mean 'ha'?"),
        ({"more": ("grafna",)}, "--with grafna: unknown component; did you mean 'grafana'?"),
        ({"less": ("query",)}, "--without query: unknown component"),
        ({"less": ("images",)}, "--without images: it is part of everything"),
        ({"less": ("grafana",)}, "--without grafana: the profile ha does not have it"),
        ({"more": ("mlops",), "less": ("mlops",)}, "mlops is wanted --with and --without"),
        ({"more": ("azure",)}, "azure requires gateway-api"),
        ({"more": ("auth-proxy",)}, "auth-proxy requires one of gateway-api, ingress-traefik"),
        ({"profile": "azure-mlops", "less": ("query-tier",)}, "grafana requires query-tier"),
        (
            {"profile": "azure-mlops", "more": ("ingress-traefik",), "settings": EDGE},
            "gateway-api and ingress-traefik exclude each other",
        ),
        ({"more": ("ingress-traefik",)}, "the component ingress-traefik needs host"),
        ({"settings": EDGE}, "--set host: no chosen component has the setting host"),
        ({"settings": {"hsot": "x"}}, "--set hsot: unknown setting; did you mean 'host'?"),
        ({"settings": {"retentionSize": "86GB"}}, "86GB of samples are more than 85% of the volume of 100Gi"),
        ({"settings": {"storageSize": "40Gi"}}, "40GB of samples are more than 85% of the volume of 40Gi"),
    ],
)
def test_what_may_not_be_wanted(wanted: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as raised:
        chosen(**wanted)
    assert str(raised.value).startswith(words) or words in str(raised.value)
    assert raised.value.hint or "--with and --without" in words


@pytest.mark.parametrize(
    ("less", "advice"),
    [((), "add --with gateway-api"), (("gateway-api",), "leave it out too: --without acme-azure-dns")],
)
def test_advice_fits_how_it_came_about(less: tuple[str, ...], advice: str) -> None:
    profile = "azure-mlops" if less else "ha"
    with pytest.raises(UsageError) as raised:
        chosen(profile, more=() if less else ("azure",), less=less)
    assert raised.value.hint == advice


GOOD = {
    "cidr": ["10.0.0.0/8", "10.0.0.1/32", "fd00::/8", "0.0.0.0/0"],
    "cidrs": ["10.0.0.0/8", "10.0.0.0/8,192.168.1.0/24"],
    "duration": ["30d", "2w", "1d12h", "15m", "1y"],
    "email": ["ann@north.internal"],
    "host": ["watch.north.internal", "a", "x1-y.z"],
    "name": ["approuting-istio", "istio.io"],
    "quantity": ["100Gi", "1.5Ti", "500G", "107374182400"],
    "size": ["40GB", "512MB", "1.5TB", "40GiB", "1024B"],
    "text": ["rg dns", "subnet/1"],
    "url": ["https://metrics.north.internal", "http://10.0.0.1:9090/prometheus", "https://[fd00::1]:9090"],
    "uuid": ["11111111-0000-0000-0000-000000000000"],
    "word": ["north-1", "eu_west.2", "1", "true"],
}
BAD = {
    "cidr": ["10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "", "x/8", "10.0.0.0/8,10.1.0.0/16"],
    "cidrs": ["", "10.0.0.0/8,", "10.0.0.0/8, 192.168.1.0/24", "10.0.0.0"],
    "duration": ["", "30", "30 d", "d", "1h1d", "0d", "1.5d", "-1d"],
    "email": ["ann", "ann@", "@x", "a b@c"],
    "host": ["", "Watch.north", "-a", "a.", "*.north", "a..b", "x" * 64, "a\n"],
    "name": ["", "A", "a/b"],
    "quantity": ["", "0Gi", "100GB", "-1Gi", "1e3", "100 Gi"],
    "size": ["", "40", "40G", "40Gi", "0GB", "-1GB", "40gb"],
    "text": ["", " a", "a\nb", "a\x1b"],
    "url": [
        "",
        "metrics",
        "ftp://x",
        "https://x/?q=1",
        "https://x y",
        "https://x/$(A)",
        'https://"',
        "https://x:99999",
    ],
    "uuid": ["", "1111"],
    "word": ["", "a b", "-a", "a" * 64, "$(X)", "null", 'a"b', "a: b", "ä"],
}


def test_every_kind_has_good_and_bad_values() -> None:
    assert set(GOOD) == set(BAD) == set(kinds.KINDS)
    assert {one.kind for one in REGISTRY.settings.values()} <= set(kinds.KINDS)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in GOOD for value in GOOD[kind]])
def test_good_values(kind: str, value: str) -> None:
    assert kinds.KINDS[kind](value) == ""


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in BAD for value in BAD[kind]])
def test_bad_values(kind: str, value: str) -> None:
    assert kinds.KINDS[kind](value).startswith("must be ")


def test_a_bad_value_is_told_with_where_it_was_said() -> None:
    with pytest.raises(UsageError, match=r"--set retentionTime: must be a duration .*, not '30'"):
        chosen(settings={"retentionTime": "30"})


@pytest.mark.parametrize(("size", "bytes_"), [("40GB", 40 * 2**30), ("40GiB", 40 * 2**30), ("512B", 512)])
def test_sizes_are_powers_of_1024(size: str, bytes_: int) -> None:
    """As Prometheus reads them; the alert of a full disk goes by it."""
    assert kinds.size_bytes(size) == bytes_


@pytest.mark.parametrize(("quantity", "bytes_"), [("1Gi", 2**30), ("1G", 10**9), ("1.5k", 1500), ("7", 7)])
def test_quantities(quantity: str, bytes_: int) -> None:
    assert kinds.quantity_bytes(quantity) == bytes_


def test_what_only_stands_for_a_value_is_known() -> None:
    """All that tests of the overlays find unset, and nothing that a user would say."""
    for profile, said in shipped().profiles.items():
        expected = {key for key, value in said.settings.items() if "SET-ME" in value or "example" in value}
        expected |= {"apiServerCidr", "nodeCidr", "receiverCidr"}
        expected |= {key for key, value in said.settings.items() if value.startswith("0000")}
        assert set(chosen(profile).unset) == expected, profile
    assert chosen(settings=SETTINGS).unset == []


def test_settings_arrive() -> None:
    choice = chosen("ha", more=("ingress-traefik",), settings=SETTINGS | EDGE)
    text = rendered(choice).text
    for key, value in (SETTINGS | EDGE).items():
        assert value in text, key
    assert not kinds.PLACEHOLDER.search(text)


def test_several_ranges_are_several_entries() -> None:
    two = {"host": "a.b", "allowCidr": "10.4.0.0/16,10.5.0.0/16"}
    traefik = rendered(chosen(more=("ingress-traefik",), settings=two)).objects
    assert find(traefik, "Middleware", "allow-list")["spec"]["ipAllowList"]["sourceRange"] == [
        "10.4.0.0/16",
        "10.5.0.0/16",
    ]
    nodes = rendered(chosen(settings={"nodeCidr": "10.4.0.0/16,10.5.0.0/16"})).objects
    [rule] = find(nodes, "NetworkPolicy", "prometheus-to-nodes")["spec"]["egress"]
    assert rule["to"] == [{"ipBlock": {"cidr": "10.4.0.0/16"}}, {"ipBlock": {"cidr": "10.5.0.0/16"}}]
    nginx = rendered(chosen(more=("ingress-nginx-compat",), settings=two)).objects
    [annotation] = [
        value
        for key, value in find(nginx, "Ingress", "thanos-query")["metadata"]["annotations"].items()
        if key.endswith("whitelist-source-range")
    ]
    assert annotation == "10.4.0.0/16,10.5.0.0/16"


def test_replicas_and_storage_class() -> None:
    listed = rendered(chosen("ha", replicas=4, storage_class="fast")).objects
    assert find(listed, "StatefulSet", "prometheus")["spec"]["replicas"] == 4
    claims = [claim for one in listed for claim in one.get("spec", {}).get("volumeClaimTemplates", ())]
    assert len(claims) >= 2
    assert {claim["spec"]["storageClassName"] for claim in claims} == {"fast"}


def test_replicas_are_not_said_twice() -> None:
    with pytest.raises(UsageError, match="an autoscaler decides"):
        rendered(chosen("ha", more=("hpa-prometheus-literal",), replicas=4))


def test_a_settings_file_may_hold_more_than_is_used() -> None:
    """That of azure-mlops on ha: what has no component is told, and not used."""
    file = DEPLOY / "overlays/azure-mlops/settings.yaml"
    said = read_settings(file)
    request = Request("ha", settings=said)
    choice = choose(shipped(), request)
    assert "host" not in choice.settings
    told = ignored(shipped(), request, choice)
    assert len(told) == len(set(said) - set(choice.settings)) > 5
    line = 1 + [one.partition(":")[0] for one in file.read_text().splitlines()].index("  host")
    assert f"{file}:{line}: host" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "data: {cluster: 1}",
            r":1: data.cluster: must be text, not a whole number; put it in quotation marks",
        ),
        ("data: {clutser: x}", r":1: clutser: unknown setting; did you mean 'cluster'\?"),
        ("metadata: {name: other}\ndata: {}", r":1: metadata.name: must be stack-settings"),
        ("data: {cluster: a, cluster: b}", ":1: the key stands twice"),
        ("cluster: north", ":1: cluster: unknown key"),
    ],
)
def test_settings_files_that_are_wrong(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    with pytest.raises(AuditorError, match=words):
        choose(shipped(), Request("ha", settings=read_settings(file)))


def test_the_registry_says_what_the_readmes_say() -> None:
    """What a README requires and sets, the program does too."""
    for name in COMPONENTS:
        readme = (DEPLOY / "components" / name / "README.md").read_text()
        row = REGISTRY.components[name]
        required = readme.partition("**Requires**")[2].partition("\n- **")[0]
        linked = {one for one in COMPONENTS if f"](../{one}/README" in required}
        assert linked >= {*row.requires, *row.requires_one_of}, name
        assert [key for key in row.settings if f"`{key}`" not in readme] == [], name


def test_the_profiles_are_the_overlays() -> None:
    for path in DEPLOY.glob("overlays/*/settings.yaml"):
        profile = shipped().profiles[path.parent.name]
        assert profile.settings == yaml.safe_load(path.read_text())["data"]
