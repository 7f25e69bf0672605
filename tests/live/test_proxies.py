"""Ways through a proxy: by the kubeconfig, by the environment; each compared with the real kubectl."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import connect
from auditor.errors import SourceError
from tests.live.as_kubectl import kubectl, status, whoami
from tests.live.live import cluster_of, write_kubeconfig
from tests.live.proxy import Asked, Proxy, proxy
from tests.live.recorder import recorder
from tools.cluster import ControlPlane

EVERYWHERE = {"HTTPS_PROXY": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"}
"""Nobody listens there."""


@pytest.fixture
def through(control_plane: ControlPlane) -> Iterator[Proxy]:
    """A proxy that leads to the API server."""
    with proxy(control_plane.url) as running:
        yield running


def test_proxy_of_the_kubeconfig(control_plane: ControlPlane, tmp_path: Path, through: Proxy) -> None:
    """It is asked for every server, this machine too, and whatever the environment says."""
    user = {"token": control_plane.token("admin")}
    cluster = cluster_of(control_plane, **{"proxy-url": f"http://{through.address}"})
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster, user)
    target = control_plane.url.removeprefix("https://")
    for environ in ({}, {"NO_PROXY": "*"}, EVERYWHERE):
        through.asked.clear()
        assert ClusterSource(connect(str(file), None, environ)).facts().user == "admin"
        assert through.asked == [Asked(target, "")]  # one connection does it all
        through.asked.clear()
        assert whoami(tmp_path, f"--kubeconfig={file}", environ=environ)["username"] == "admin"
        assert set(through.asked) == {Asked(target, "")}


def test_server_that_only_the_proxy_knows(
    control_plane: ControlPlane, tmp_path: Path, through: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is not looked up here; the certificate must still fit; the environment does not count."""
    user = {"token": control_plane.token("admin")}
    known = {"tls-server-name": "localhost"}
    cluster = cluster_of(control_plane, **{"proxy-url": f"http://{through.address}"})
    cluster["server"] = "https://cluster.invalid:6443"
    file = write_kubeconfig(tmp_path / "kubeconfig", {**cluster, **known}, user)
    assert whoami(tmp_path, f"--kubeconfig={file}", environ=EVERYWHERE)["username"] == "admin"
    look_up = socket.getaddrinfo

    def here_only(host: str, *more: object) -> object:
        assert host == "127.0.0.1"
        return look_up(host, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", here_only)
    assert ClusterSource(connect(str(file), None, EVERYWHERE)).facts().user == "admin"
    assert set(through.asked) == {Asked("cluster.invalid:6443", "")}
    write_kubeconfig(file, cluster, user)
    assert "not cluster.invalid" in kubectl(tmp_path, "get", "ns", f"--kubeconfig={file}").stderr
    with pytest.raises(SourceError, match="TLS failed: Hostname mismatch"):
        ClusterSource(connect(str(file), None, {})).facts()


ENVIRONMENTS: dict[str, tuple[dict[str, str], bool]] = {
    "none": ({}, False),
    "upper case": ({"HTTPS_PROXY": "http://{proxy}"}, True),
    "lower case": ({"https_proxy": "http://{proxy}"}, True),
    "upper case wins": ({"https_proxy": "http://127.0.0.1:1", "HTTPS_PROXY": "http://{proxy}"}, True),
    "empty": ({"HTTPS_PROXY": "", "https_proxy": "http://{proxy}"}, True),
    "without scheme": ({"HTTPS_PROXY": "{proxy}"}, True),
    "for http only": ({"HTTP_PROXY": "http://{proxy}"}, False),
    "for all": ({"ALL_PROXY": "http://{proxy}", "all_proxy": "http://{proxy}"}, False),
    "exempt address": ({"HTTPS_PROXY": "{proxy}", "NO_PROXY": "a.example, 0.0.0.0"}, False),
    "exempt range": ({"HTTPS_PROXY": "{proxy}", "no_proxy": "10.0.0.0/8,0.0.0.0/8"}, False),
    "exempt port": ({"HTTPS_PROXY": "{proxy}", "NO_PROXY": "0.0.0.0:{port}"}, False),
    "exempt all": ({"HTTPS_PROXY": "{proxy}", "NO_PROXY": "*"}, False),
    "other address": ({"HTTPS_PROXY": "{proxy}", "NO_PROXY": "0.0.0.1,10.0.0.0/8,0.0.0.0/32:1,"}, True),
    "other port": ({"HTTPS_PROXY": "{proxy}", "NO_PROXY": "0.0.0.0:1"}, True),
    "netmask": ({"HTTPS_PROXY": "{proxy}", "NO_PROXY": "0.0.0.0/255.0.0.0"}, True),
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_proxy_of_the_environment(
    control_plane: ControlPlane, tmp_path: Path, through: Proxy, name: str
) -> None:
    """0.0.0.0 leads to this machine and is yet no loopback address: those are never reached by a proxy."""
    texts, proxied = ENVIRONMENTS[name]
    port = urlsplit(control_plane.url).port
    environ = {key: text.format(proxy=through.address, port=port) for key, text in texts.items()}
    cluster = cluster_of(control_plane, **{"tls-server-name": "localhost"})
    cluster["server"] = f"https://0.0.0.0:{port}"
    file = write_kubeconfig(tmp_path / "kubeconfig", cluster, {"token": control_plane.token("admin")})
    assert status(connect(str(file), None, environ)) == 200
    assert [one.target for one in through.asked] == [f"0.0.0.0:{port}"] * proxied
    through.asked.clear()
    run = kubectl(tmp_path, "get", "--raw", "/version", f"--kubeconfig={file}", environ=environ)
    assert run.returncode == 0, run.stderr
    assert [one.target for one in through.asked] == [f"0.0.0.0:{port}"] * proxied


def test_this_machine_is_reached_without(control_plane: ControlPlane, tmp_path: Path) -> None:
    file = control_plane.kubeconfig
    assert status(connect(str(file), None, EVERYWHERE)) == 200
    assert kubectl(tmp_path, "get", "ns", f"--kubeconfig={file}", environ=EVERYWHERE).returncode == 0


def test_service_account_through_a_proxy(
    control_plane: ControlPlane, tmp_path: Path, through: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.collect.connect.SERVICE_ACCOUNT", tmp_path)
    (tmp_path / "token").write_text(control_plane.token("admin"))
    (tmp_path / "ca.crt").write_bytes(control_plane.ca.read_bytes())
    port = str(urlsplit(control_plane.url).port)
    pod = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "0.0.0.0", "KUBERNETES_SERVICE_PORT": port}
    with pytest.raises(SourceError, match="TLS failed: IP address mismatch"):
        ClusterSource(connect(None, None, {**pod, "HTTPS_PROXY": through.address})).facts()
    assert [one.target for one in through.asked][:1] == [f"0.0.0.0:{port}"]


SECRET = "p@s:s/w?rd"


def test_proxy_that_wants_a_password(control_plane: ControlPlane, tmp_path: Path) -> None:
    user = {"token": control_plane.token("admin")}
    with proxy(control_plane.url, login=f"me@corp:{SECRET}") as running:
        url = f"http://me%40corp:p%40s%3as%2Fw%3frd@{running.address}"
        file = write_kubeconfig(tmp_path / "k", cluster_of(control_plane, **{"proxy-url": url}), user)
        connection = connect(str(file), None, {})
        assert status(connection) == 200
        assert SECRET not in repr(connection.pool.__dict__.get("proxy"))
        assert kubectl(tmp_path, "get", "ns", f"--kubeconfig={file}").returncode == 0
        assert {one.login for one in running.asked} == {f"me@corp:{SECRET}"}

        wrong = {"proxy-url": f"http://me:n0tthis@{running.address}"}
        write_kubeconfig(file, cluster_of(control_plane, **wrong), user)
        with pytest.raises(SourceError, match=r"the proxy does not connect: .*407") as refused:
            ClusterSource(connect(str(file), None, {})).facts()
        assert "n0tthis" not in f"{refused.value} {refused.value.hint}"
        assert kubectl(tmp_path, "get", "ns", f"--kubeconfig={file}").returncode != 0


def test_proxy_that_is_down(control_plane: ControlPlane, tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://me:n0tthis@127.0.0.1:{held.getsockname()[1]}"
        cluster = cluster_of(control_plane, **{"proxy-url": url})
        file = write_kubeconfig(tmp_path / "kubeconfig", cluster, {})
        with pytest.raises(SourceError, match="the proxy does not connect: Connection refused") as down:
            ClusterSource(connect(str(file), None, {})).facts()
    assert "n0tthis" not in f"{down.value} {down.value.hint}"


def test_proxy_with_tls(tmp_path: Path) -> None:
    """It is verified by the authority of the cluster, as for kubectl."""
    with recorder(tmp_path / "made") as server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(server.made.server, server.made.server_key)
        with proxy(server.url, tls=context) as running:
            url = f"https://{running.address}"
            file = write_kubeconfig(
                tmp_path / "kubeconfig", server.cluster(**{"proxy-url": url}), {"token": "t"}
            )
            assert status(connect(str(file), None, {})) == 200
            assert len(running.asked) == 1
            run = kubectl(tmp_path, "get", "--raw", "/version", f"--kubeconfig={file}")
            assert run.returncode == 0, run.stderr
            assert len(running.asked) == 2
        assert server.callers[0] == server.callers[1]


def test_server_without_tls(tmp_path: Path) -> None:
    """The proxy reads every word: no credentials are sent, but repeated headers arrive one by one."""
    user = {"token": "t", "username": "", "as": "u", "as-groups": ["a", "b, c"]}
    with proxy("http://192.0.2.1") as running:
        cluster = {"server": "http://cluster.invalid:8080/base/", "proxy-url": f"http://{running.address}"}
        file = write_kubeconfig(tmp_path / "kubeconfig", cluster, user)
        assert status(connect(str(file), None, {}), "/version") == 200
        run = kubectl(tmp_path, "get", "--raw", "/version", f"--kubeconfig={file}")
        assert run.returncode == 0, run.stderr
        ours, kubectls = running.asked
    assert ours.headers == kubectls.headers
    assert ours.target == "http://cluster.invalid:8080/base/version"
    expected = [("impersonate-group", "a"), ("impersonate-group", "b, c"), ("impersonate-user", "u")]
    assert list(ours.headers) == expected


NO_PROXIES = [
    ("socks5://me:n0tthis@127.0.0.1:1", "is a SOCKS proxy, which is not supported"),
    ("ftp://me:n0tthis@h", "is no http:// or https:// address"),
    ("http://me:n0tthis@[", "is no http:// or https:// address"),
    ("http://me:n0tthis@h:p", "is no http:// or https:// address"),
    ("http://me:n0tthis@h:99999", "is no http:// or https:// address"),
    ("http://me:n0tthis@\u2100", "is no http:// or https:// address"),
    ("http://me:n0tthis@", "is no http:// or https:// address"),
]


@pytest.mark.parametrize(("url", "message"), NO_PROXIES)
def test_proxy_that_is_none(tmp_path: Path, url: str, message: str) -> None:
    cluster = {"server": "https://cluster.invalid"}
    named = {**cluster, "proxy-url": url}
    file = write_kubeconfig(tmp_path / "kubeconfig", named, {"token": "t"})
    with pytest.raises(SourceError, match=f"context 'only': cluster 'c': its proxy-url {message}") as refused:
        connect(str(file), None, {})
    write_kubeconfig(file, cluster, {"token": "t"})
    with pytest.raises(SourceError, match=f"HTTPS_PROXY {message}") as other:
        connect(str(file), None, {"https_proxy": url})
    assert "n0tthis" not in f"{refused.value} {refused.value.hint} {other.value} {other.value.hint}"


@pytest.mark.parametrize("url", ["me:n0tthis@h:1", "h:1", "http://"])
def test_proxy_of_the_kubeconfig_needs_a_scheme(tmp_path: Path, url: str) -> None:
    named = {"server": "https://cluster.invalid", "proxy-url": url}
    file = write_kubeconfig(tmp_path / "kubeconfig", named, {"token": "t"})
    with pytest.raises(SourceError, match="its proxy-url is no http:// or https:// address"):
        connect(str(file), None, {})
    assert kubectl(tmp_path, "get", "ns", f"--kubeconfig={file}").returncode != 0
