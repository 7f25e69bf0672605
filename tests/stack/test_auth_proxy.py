"""The real oauth2-proxy, as it is rendered, lets in who has signed in and is in the group, and nobody else.

The identity provider and what stands behind the proxy are the test's own, on loopback.
"""

from __future__ import annotations

import base64
import http.cookiejar
import json
import os
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.stack.loopback import certificates, container
from tests.stack.provider import CLIENT, GROUP, SECRET, Handler, Provider, served
from tests.stack.render import COMPONENT_SETTINGS, SETTINGS, Object, complete, find, own_overlay
from tools import build
from tools.cluster import processes


class Proxy:
    """One that runs, with the provider, and what has arrived behind it."""

    def __init__(self, address: str, provider: Provider, arrived: list[str], tls: dict[str, Path]) -> None:
        self.address = address
        self.provider = provider
        self.arrived = arrived
        self.tls = tls
        self.log = Path()

    def browser(self) -> urllib.request.OpenerDirector:
        """A browser that follows redirects and keeps cookies."""
        context = ssl.create_default_context(cafile=str(self.tls["auth-proxy"] / "ca.crt"))
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), jar)

    def get(
        self, path: str, browser: urllib.request.OpenerDirector | None = None, **headers: str
    ) -> tuple[int, str]:
        """Ask; return the status of what came in the end, and its text."""
        request = urllib.request.Request(f"https://{self.address}{path}", headers=headers)
        try:
            with (browser or self.browser()).open(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


@contextmanager
def proxy(folder: Path, upstream_tls: Path | None = None) -> Iterator[Proxy]:
    """Run the proxy with what is rendered for it; only addresses and folders are changed."""
    parts = ("monitoring/auth-proxy", "monitoring/thanos-query", "monitoring/provider")
    tls = certificates(folder / "tls", *parts)
    arrived: list[str] = []

    class Behind(Handler):
        def do_GET(self) -> None:
            arrived.append(self.path)
            self.send(200, b"what Thanos shows")

    folder.mkdir(exist_ok=True)
    provider = Provider(folder)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [one.getsockname()[1], other.getsockname()[1]]
    its = Proxy(f"127.0.0.1:{ports[0]}", provider, arrived, tls)
    with (
        served(provider.handler(), tls["provider"]) as provider.address,
        served(Behind, upstream_tls or tls["thanos-query"]) as behind,
    ):
        listed = own_overlay(complete("auth-proxy", "gateway-api"), SETTINGS | COMPONENT_SETTINGS)
        values = {"HOST": its.address, "OIDC_ISSUER": f"https://{provider.address}"}
        values |= {"OIDC_CLIENT": CLIENT, "OIDC_GROUP": GROUP}
        etc = folder / "etc"
        args = container(listed, ("Deployment", "auth-proxy"), "auth-proxy", etc, tls["auth-proxy"], values)
        changed = {
            "--https-address=:8443": f"--https-address={its.address}",
            "--metrics-secure-address=:8444": f"--metrics-secure-address=127.0.0.1:{ports[1]}",
            "--upstream=https://thanos-query.monitoring.svc:10902": f"--upstream=https://{behind}",
        }
        assert changed.keys() <= set(args)
        args = [changed.get(argument, argument) for argument in args]
        (etc / "login").mkdir()
        (etc / "login/client-secret").write_text(SECRET)
        (etc / "login/cookie-secret").write_text(base64.urlsafe_b64encode(os.urandom(32)).decode())
        spec = find(listed, "Deployment", "auth-proxy")["spec"]["template"]["spec"]["containers"][0]
        [trusted] = [entry["value"] for entry in spec["env"] if entry["name"] == "SSL_CERT_DIR"]
        environment = {"SSL_CERT_DIR": trusted.replace("/etc/auth-proxy", str(etc))}
        its.log = folder / "log"
        program = build.tool_bin("oauth2-proxy") / "oauth2-proxy"
        command: list[str | Path] = [
            "/usr/bin/env",
            *(f"{k}={v}" for k, v in environment.items()),
            program,
            *args,
        ]
        process = processes.spawn("oauth2-proxy", command, its.log, die_with_parent=True)

        def up() -> bool:
            try:
                return its.get("/ready")[0] == 200
            except OSError:
                return False

        try:
            processes.wait_for("being ready", up, process, its.log, 60)
            yield its
        finally:
            processes.stop(process)


@pytest.fixture(scope="module", name="its")
def _its(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxy(tmp_path_factory.mktemp("auth-proxy")) as one:
        yield one


@pytest.fixture(autouse=True)
def _as_before(its: Proxy) -> None:
    """Ann, of the group, is who signs in; nothing has arrived."""
    its.provider.user, its.provider.groups = "ann", [GROUP]
    its.arrived.clear()


class Halt(urllib.request.HTTPRedirectHandler):
    """Follow nothing."""

    def redirect_request(self, *_: Any) -> None:
        """Stay."""


def test_people_are_sent_to_sign_in(its: Proxy) -> None:
    context = ssl.create_default_context(cafile=str(its.tls["auth-proxy"] / "ca.crt"))
    browser = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), Halt())
    with pytest.raises(urllib.error.HTTPError) as caught:
        browser.open(f"https://{its.address}/graph", timeout=20)
    caught.value.close()
    assert caught.value.code == 302
    where, _, query = caught.value.headers["Location"].partition("?")
    assert where == f"https://{its.provider.address}/authorize"
    asked = dict(urllib.parse.parse_qsl(query))
    assert asked["redirect_uri"] == f"https://{its.address}/oauth2/callback"
    assert (asked["code_challenge_method"], asked["client_id"]) == ("S256", CLIENT)
    assert asked["nonce"]
    assert its.arrived == []


def test_who_has_signed_in_is_let_in(its: Proxy) -> None:
    browser = its.browser()
    assert its.get("/graph?g0.expr=up", browser) == (200, "what Thanos shows")
    assert its.get("/api/v1/query?query=up", browser) == (200, "what Thanos shows")
    assert its.arrived == ["/graph?g0.expr=up", "/api/v1/query?query=up"]


def test_who_is_not_in_the_group_is_not(its: Proxy) -> None:
    its.provider.user, its.provider.groups = "bob", ["another"]
    browser = its.browser()
    assert its.get("/graph", browser)[0] == 403
    assert its.get("/api/v1/query?query=up", browser)[0] in (401, 403)
    assert its.get("/api/v1/query", Authorization=f"Bearer {its.provider.token()}")[0] in (401, 403)
    assert its.arrived == []


def test_programs_are_told_so(its: Proxy) -> None:
    assert its.get("/api/v1/query?query=up")[0] == 401
    assert its.arrived == []
    said = its.get("/api/v1/query?query=up", Authorization=f"Bearer {its.provider.token()}")
    assert said == (200, "what Thanos shows")


def test_tokens_that_are_not_meant_for_it_open_nothing(its: Proxy, tmp_path: Path) -> None:
    forger = Provider(tmp_path)
    forger.address = its.provider.address
    past = int(time.time()) - 60
    shown = [
        forger.token(),
        its.provider.token(aud="another-client"),
        its.provider.token(iss="https://another.internal"),
        its.provider.token(exp=past),
        "made-up",
    ]
    for token in shown:
        assert its.get("/api/v1/query", Authorization=f"Bearer {token}")[0] in (401, 403)
    assert its.get("/api/v1/query", Cookie="__Host-monitoring=made-up")[0] == 401
    assert its.arrived == []


def test_only_that_it_runs_is_told_to_everybody(its: Proxy) -> None:
    assert its.get("/-/healthy")[0] == 200
    assert its.arrived == ["/-/healthy"]
    for path in ("/-/healthy/../../api/v1/query", "//-/healthy", "/api/v1/query?x=/-/healthy", "/-/reload"):
        its.arrived.clear()
        assert its.get(f"/api{path}")[0] == 401
        assert its.arrived == []


def test_nothing_below_tls_1_3(its: Proxy) -> None:
    context = ssl.create_default_context(cafile=str(its.tls["auth-proxy"] / "ca.crt"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    host, _, port = its.address.rpartition(":")
    with (
        socket.create_connection((host, int(port)), timeout=20) as connection,
        pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"),
    ):
        context.wrap_socket(connection, server_hostname=host)


def test_the_log_says_who_asked_what(its: Proxy) -> None:
    browser = its.browser()
    its.get("/graph", browser)
    its.get('/api/v1/query?query=up{job="a"}'.replace('"', "%22"), browser)
    lines = [json.loads(line) for line in its.log.read_text().splitlines() if "TLS handshake" not in line]
    asked = [one for one in lines if one.get("uri", "").startswith("/api/v1/query?query=up{job=")]
    assert asked[-1]["user"] == "ann@north.internal"
    assert (asked[-1]["status"], asked[-1]["method"]) == (200, "GET")
    assert {"standard", "authentication"} & {one["msg"] for one in lines}
    assert SECRET not in its.log.read_text()


def test_what_stands_behind_it_must_be_thanos(tmp_path: Path) -> None:
    """Not whoever answers at its address: here a certificate of another CA."""
    foreign = certificates(tmp_path / "foreign", "monitoring/thanos-query")["thanos-query"]
    with proxy(tmp_path / "own", foreign) as other:
        assert other.get("/graph")[0] == 502
        assert other.arrived == []


@pytest.mark.parametrize("edge", ["gateway-envoy", "ingress-traefik", "ingress-nginx-compat"])
def test_every_edge_leads_here_and_to_nothing_else(edge: str) -> None:
    without, listed = own_overlay(complete(edge)), own_overlay(complete(edge, "auth-proxy"))
    [route] = [one for one in listed if one["kind"] in ("HTTPRoute", "Ingress")]
    [before] = [one for one in without if one["kind"] in ("HTTPRoute", "Ingress")]
    assert backends(before) == [("thanos-query", 10902 if before["kind"] == "HTTPRoute" else "https")]
    assert backends(route) == [("auth-proxy", 8443 if route["kind"] == "HTTPRoute" else "https")]
    # By which certificate the edge knows it, wherever that is said.
    for one in listed:
        if one["kind"] in ("BackendTLSPolicy", "Ingress", "ServersTransport"):
            text = json.dumps([one["spec"], one["metadata"].get("annotations", {})])
            assert "thanos-query" not in text
            assert "auth-proxy" in text
    opened = {
        one["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for one in listed
        if one["kind"] == "NetworkPolicy"
        for rule in one["spec"].get("ingress", ())
        if any("namespaceSelector" in peer for peer in rule["from"])
    }
    assert opened == {"auth-proxy"}


def backends(route: Object) -> list[tuple[str, Any]]:
    """Where a route or an Ingress leads: Services with their ports."""
    if route["kind"] == "HTTPRoute":
        found = [one for rule in route["spec"]["rules"] for one in rule["backendRefs"]]
        return [(one["name"], one["port"]) for one in found]
    paths = [path for rule in route["spec"]["rules"] for path in rule["http"]["paths"]]
    services = [path["backend"]["service"] for path in paths]
    return [(one["name"], one["port"]["name"]) for one in services]
