"""Which proxy the environment asks for, as Go's httpproxy answers.

The expected values are Go's own (1.26, with the wrapper of k8s.io/apimachinery 0.36), and 400,000 random
cases were compared with it. tests/live/test_proxies.py compares with kubectl.
"""

from __future__ import annotations

import pytest

from auditor.collect.proxy import proxy_from_environment
from auditor.errors import SourceError

PROXY = "http://proxy.example:3128"

EXEMPT = [
    ("a.example", "a.example"),
    ("b.a.example", "a.example"),
    ("b.a.example", ".a.example"),
    ("b.a.example", "*.a.example"),
    ("c.b.a.example", "EXAMPLE"),
    ("A.Example", "a.example"),
    ("a.example", "x, a.example ,y"),
    ("a.example", "a.example:443"),
    ("a.example:6443", "a.example:6443"),
    ("a.example:6443", ".example:6443"),
    ("a.example", "a.example:"),
    ("a.example", "x,*"),
    ("10.0.0.1", "*"),
    ("10.0.0.1", "10.0.0.1"),
    ("10.0.0.1:6443", "10.0.0.1:6443"),
    ("10.0.0.1", "10.0.0.0/8"),
    ("10.0.0.1", "10.0.0.1/32"),
    ("10.0.0.1", "10.9.9.9/8"),
    ("10.0.0.1", "0.0.0.0/0"),
    ("[fd00::7]", "fd00::7"),
    ("[fd00::7]", "fd00::/8"),
    ("[fd00::7]:6443", "[fd00::7]:6443"),
    ("[fd00::7]", "FD00:0::7"),
    ("[::ffff:10.0.0.1]", "10.0.0.0/8"),
    ("10.0.0.1", "::ffff:10.0.0.1"),
    ("localhost", ""),
    ("localhost:6443", "x"),
    ("127.0.0.1:6443", ""),
    ("127.8.9.1", ""),
    ("[::1]", ""),
    ("[::ffff:127.0.0.1]", ""),
]

PROXIED = [
    ("a.example", ""),
    ("a.example", ",, ,"),
    ("a.example", ".a.example"),
    ("a.example", "*.a.example"),
    ("xa.example", "a.example"),
    ("a.example", "b.a.example"),
    ("a.example", "*example"),
    ("a.example", "a.*"),
    ("a.example", "*:443"),
    ("a.example", "a.example x"),
    ("a.example", "a.example:80"),
    ("a.example:6443", "a.example:443"),
    ("a.example", "a.example:https"),
    ("a.example", "a.example:443:443"),
    ("a.example", ":443"),
    ("a.example", "a.example/8"),
    ("a.example.", "a.example"),
    ("10.0.0.1", "10.0.0.1:80"),
    ("10.0.0.1", "10.0.0.0"),
    ("10.0.0.1", "10."),
    ("10.0.0.1", "0.0.1"),
    ("10.0.0.1", "11.0.0.0/8"),
    ("10.0.0.1", "10.0.0.0/255.0.0.0"),
    ("10.0.0.1", "10.0.0.0/33"),
    ("10.0.0.1", "10.0.0.0/8:443"),
    ("10.0.0.1", "fd00::/8"),
    ("[fd00::7]", "[fd00::7]"),
    ("[fd00::7]", "fd00::8"),
    ("0.0.0.0", ""),
    ("localhost.", ""),
]


@pytest.mark.parametrize(("host", "no_proxy"), EXEMPT)
def test_exempt(host: str, no_proxy: str) -> None:
    assert proxy_from_environment(f"https://{host}", {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}) == ""
    assert proxy_from_environment(f"https://{host}", {"https_proxy": PROXY, "no_proxy": no_proxy}) == ""


@pytest.mark.parametrize(("host", "no_proxy"), PROXIED)
def test_proxied(host: str, no_proxy: str) -> None:
    assert proxy_from_environment(f"https://{host}", {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}) == PROXY


@pytest.mark.parametrize(
    ("server", "environ", "expected"),
    [
        ("https://h", {}, ""),
        ("https://h", {"HTTPS_PROXY": ""}, ""),
        ("https://h", {"HTTPS_PROXY": "http://upper", "https_proxy": "http://lower"}, "http://upper"),
        ("https://h", {"HTTPS_PROXY": "", "https_proxy": "http://lower"}, "http://lower"),
        ("https://h", {"HTTPS_PROXY": PROXY, "NO_PROXY": "", "no_proxy": "h"}, ""),
        ("https://h", {"HTTPS_PROXY": PROXY, "NO_PROXY": "x", "no_proxy": "h"}, PROXY),
        ("https://h", {"HTTP_PROXY": PROXY, "ALL_PROXY": PROXY, "all_proxy": PROXY}, ""),
        ("http://h", {"HTTP_PROXY": PROXY, "HTTPS_PROXY": "http://x"}, PROXY),
        ("http://h", {"HTTP_PROXY": PROXY, "NO_PROXY": "h:80"}, ""),
        ("http://h", {"HTTP_PROXY": PROXY, "NO_PROXY": "h:443"}, PROXY),
        ("https://h", {"HTTPS_PROXY": "proxy.example:3128"}, "http://proxy.example:3128"),
        ("https://h", {"HTTPS_PROXY": "proxy"}, "http://proxy"),
        ("https://h", {"HTTPS_PROXY": "10.0.0.1:3128"}, "http://10.0.0.1:3128"),
        ("https://h", {"HTTPS_PROXY": "[::1]:3128"}, "http://[::1]:3128"),
        ("https://h", {"HTTPS_PROXY": "u:p@proxy:1"}, "http://u:p@proxy:1"),
        ("https://h", {"HTTPS_PROXY": "https://u:p@proxy"}, "https://u:p@proxy"),
    ],
)
def test_variables(server: str, environ: dict[str, str], expected: str) -> None:
    assert proxy_from_environment(server, environ) == expected


def test_proxy_that_cannot_be_used_matters_only_if_it_is_asked() -> None:
    environ = {"HTTPS_PROXY": "socks5://u:n0tthis@h", "NO_PROXY": "a.example"}
    assert proxy_from_environment("https://a.example", environ) == ""
    assert proxy_from_environment("http://b.example", environ) == ""
    with pytest.raises(SourceError, match="HTTPS_PROXY is a SOCKS proxy") as refused:
        proxy_from_environment("https://b.example", environ)
    assert "n0tthis" not in f"{refused.value} {refused.value.hint}"
