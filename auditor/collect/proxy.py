"""Which proxy the environment asks for: as Go reads it, and so kubectl.

The rules are those of https://pkg.go.dev/golang.org/x/net/http/httpproxy: this machine is never
reached by a proxy; an entry of NO_PROXY is `*`, an address, a CIDR, or a domain that counts for what
is below it too, with a port if need be. The client library reads them otherwise. Variables in upper
case win, as in Go up to 1.26, which kubectl 1.36 is built with; newer ones look at lower case first.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from auditor.errors import SourceError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_CIDR = re.compile(r"[0-9a-f.:]+/[0-9]{1,3}")  # `ipaddress` would take a netmask after the slash too
_PORTS = {"http": "80", "https": "443"}


def proxy_from_environment(server: str, environ: Mapping[str, str]) -> str:
    """Return the URL of the proxy for a server, "" for none. `server` is an http:// or https:// URL.

    Raises `SourceError` for a proxy that cannot be used.
    """
    target = urlsplit(server)
    name = f"{target.scheme}_proxy"
    proxy = _variable(name, environ)
    if not proxy or _is_exempt(target, environ):
        return ""
    url = proxy if re.match("[A-Za-z][A-Za-z0-9+.-]*://[^/?#]", proxy) else f"http://{proxy}"
    if problem := proxy_problem(url):
        raise SourceError(f"{name.upper()} {problem}", "mend it, or exempt the server by NO_PROXY")
    return url


def proxy_problem(url: str) -> str:
    """Say why a URL is no proxy for us, "" if it is; the URL is not shown, it may hold a password."""
    if url.lower().startswith("socks"):
        return "is a SOCKS proxy, which is not supported; use an http:// or https:// proxy"
    try:
        parsed = urlsplit(url)
        usable = parsed.scheme in _PORTS and parsed.hostname and parsed.port != 0
    except ValueError:
        usable = False
    return "" if usable else "is no http:// or https:// address"


def is_this_machine(server: str) -> bool:
    """Tell whether a URL names this machine by `localhost` or a loopback address."""
    host = urlsplit(server).hostname or ""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_exempt(target: SplitResult, environ: Mapping[str, str]) -> bool:
    if is_this_machine(target.geturl()):
        return True
    host = target.hostname or ""
    port = str(target.port) if target.port is not None else _PORTS[target.scheme]
    entries = (entry.strip().lower() for entry in _variable("no_proxy", environ).split(","))
    return any(_matches(entry, host, port) for entry in entries if entry)


def _matches(entry: str, host: str, port: str) -> bool:
    """Tell whether an entry of NO_PROXY, in lower case, stands for this host and port."""
    if entry == "*":
        return True
    address = _address(host)
    if _CIDR.fullmatch(entry):
        try:
            return address is not None and address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            pass
    name, wanted = _split_port(entry)
    if not name or wanted not in ("", port):
        return False
    exempt = _address(name)
    if exempt or address:
        return exempt == address
    domain = name[1:] if name.startswith("*.") else name
    if not domain.startswith("."):
        return host == domain or host.endswith(f".{domain}")
    return host.endswith(domain)


def _split_port(entry: str) -> tuple[str, str]:
    """Split `host:port` and `[address]:port`; an entry of another form is all host."""
    if match := re.fullmatch(r"\[([^\[\]]*)\]:([^:\[\]]*)|([^:\[\]]*):([^:\[\]]*)", entry):
        return (match[1], match[2]) if match[1] is not None else (match[3], match[4])
    return entry, ""


def _address(host: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _variable(name: str, environ: Mapping[str, str]) -> str:
    return environ.get(name.upper()) or environ.get(name) or ""
