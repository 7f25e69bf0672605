"""The credential grammar: which literals are secrets, and what stands in their place.

A marked literal is replaced by `{"class": ..., "length": ...}` (length in characters) before a
document leaves this package, so that no policy, report, log or archive can hold it. Marking too
much costs a little evidence, marking too little costs a credential: in doubt, it is marked.

The text is untrusted: no pattern here takes more than linear time. Names and values are matched
possessively, and values are looked at only as far as it takes to tell them from a reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from auditor.model import Body

_VALUES: Mapping[str, str] = {
    "private_key": r"-----BEGIN [A-Z ]*PRIVATE KEY|AGE-SECRET-KEY-1"
    # the same in base64: PRIVATE, RSA, EC, OPENSSH, ENCRYPTED
    r"|LS0tLS1CRUdJTiB(?:QUklWQVRF|SU0EgUFJJ|FQyBQUklW|PUEVOU1NI|FTkNSWVBU)",
    # header.payload.signature; the payload is an object, so in base64 it begins like this
    "jwt": r"\.eyJ[\w-]{8,}\.",
    "cloud_key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}|\bGOCSPX-[\w-]{20}|\bya29\.[\w-]{20}"
    r"|(?:Account|SharedAccess)Key=[\w+/=]{20}|[?&]sig=[\w%+/]{20}",
    "vendor_token": r"\bgh[pousr]_\w{20}|\bgithub_pat_\w{20}|\bglpat-[\w-]{16}|\bxox[abeprs]-[\w-]{10}"
    r"|\bxapp-[\w-]{10}|\b[sr]k_(?:live|test)_\w{10}|\bwhsec_\w{16}|\bsk-[\w-]{20}|\bnpm_\w{30}"
    r"|\bhv[bs]\.[\w-]{20}|\bdckr_pat_[\w-]{20}|\bpypi-[\w-]{40}|\bdop_v1_\w{32}|\bglsa_\w{20}|\bhf_\w{20}"
    r"|\bSG\.[\w-]{16,64}\.[\w-]{16}|hooks\.slack\.com/services/\w|\bshp(?:at|ss|ca)_\w{20}",
    "url_password": r"://[^\s/:@'\"]*:(?!\$[({][\w.-]+[)}]@)[^\s/@'\"]+@|[\w.-]:[^\s/:@]{1,256}@(?:tcp|unix)\(",
    "authorization": r"\b(?i:bearer|basic)\s+[\w+/.=~-]{8}",
    "directive": r"(?m:^[ \t]*(?:requirepass|masterauth)[ \t]+\S)|\blogin\s+\S{1,256}\s+password\s+\S",
}
_VALUE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _VALUES.items()))
_ANCHOR = re.compile(
    "PRIVATE KEY|AGE-SECRET|LS0tLS1CRUdJTiB|[.]eyJ|AKIA|ASIA|AIza|GOCSPX-|ya29|Key=|sig=|gh[pousr]_|github_"
    "|glpat|xox|xapp-|k_live_|k_test_|whsec_|sk-|npm_|hv[bs][.]|dckr_|pypi-|dop_v1_|glsa_|hf_|SG[.]|hooks[.]slack"
    "|shp|@|[eE][aA][rR][eE][rR]|[aA][sS][iI][cC]|requirepass|masterauth|login"
)
"""What stands in every value that `_VALUE` knows: thirty times as fast, and as a rule there is none."""

_KEYS = (
    "api|access|private|encryption|signing|secret|master|session|ssh|deploy|license|hmac|jwt|webhook|shared"
)
_NAME = re.compile(
    rf"""(?ix)
    (?:^|[^a-z])                      # a word of its own, anywhere in the name
    (?: pass(?:word|wd|phrase|code)? | pwd | secret | token | cred(?:ential)? | dsn | cookie
      | (?:{_KEYS})[_.-]?key | connection[_.-]?string
    )s? (?![a-z])
    | (?:^|[^a-z])(?:auth|authorization|salt)$            # or the last one
    | (?:password|passwd|(?:require|db|user|root|admin|store|key|my)pass|masterauth|secret|token|apikey)s?$
    """
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_CREDENTIAL_NAME = re.compile(
    r"(?i)[_.-](?:file|path|dir|directory|name|ref|url|uri|endpoint|host|port|ttl|expiry|expiration|lifetime"
    r"|duration|timeout|interval|enabled|disabled|required|type|kind|mode|policy|length|size|count|limit|mount"
    r"|volume|version|format|algorithm|issuer|audience|provider|class|namespace|header|rotation)s?$"
)
_REFERENCE = re.compile(r"(?i)^(?:\$[({][\w.-]+[)}]|\{\{.*|<[a-z _-]+>|true|false|yes|no|none|null|)$")

_PATH = re.compile(r"^(?:/[\w.@-]+)+/?$|^[a-z][a-z0-9+.-]*://[^\s@]+$")
"""An absolute path, or a URL without anybody in it: it may only say where the credential is."""

_TEXT = r"""(?="([^"\n]{0,256}+)|'([^'\n]{0,256}+)|([^\s"',;&<>]{1,256}+))"""
"""A value, quoted or not; only looked at, since the next name may stand inside it."""
_WRITTEN = (
    # DB_PASSWORD: x, "token": "x", --password=x, ?token=x
    re.compile(rf"""(?<![\w.-])[.-]*+(\w[\w.-]*+)["']?[ \t]*+(?:=>|:=|[=:])[ \t]*+{_TEXT}"""),
    # --password x
    re.compile(rf"(?<![\w.-])--?+(\w[\w.-]*+)[ \t]++(?!-){_TEXT}"),
    # name: DB_PASSWORD, value: x
    re.compile(
        r"""\b(?:name|key)["']?[ \t]*+[=:][ \t]*+["']?([\w.-]{1,256}+)["']?[\s,]{1,64}+"""
        rf"""["']?value["']?[ \t]*+[=:][ \t]*+{_TEXT}"""
    ),
    # <password>x</password>
    re.compile(r"<([\w.-]{1,256}+)>(?=()()([^<]{1,256}+))"),
)
"""How texts say that a name has a value: group 1, and one of the groups 2 to 4."""
_HINT = re.compile(r"(?i)pass|pwd|secret|token|cred|key|auth|dsn|cookie|salt|connection")
"""What every name that `named` knows contains."""

_FLAG = re.compile(r"^--?([\w.-]+)(?:=(.*))?$", re.S)
_LOGIN = re.compile(r"^[^\d:/\s][^:/\s]*:[^/\s]")
"""user:password, as curl takes it; not uid:gid."""

_KUBERNETES_DOMAIN = re.compile(r"(?:^|\.)(?:kubernetes|k8s)\.io/")
_MATCHED = frozenset({"labels", "matchLabels", "nodeSelector", "selector"})
"""Maps that are matched with each other: only what is a credential by itself is marked there."""
_NAMES = frozenset({"name", "image"})
"""Fields that name something, whatever their words."""


def named(name: str) -> bool:
    """Tell whether a variable, flag or key of this name holds a credential."""
    if not _HINT.search(name):
        return False
    spelled = _CAMEL.sub("_", name)
    return bool(_NAME.search(spelled)) and not _NO_CREDENTIAL_NAME.search(spelled)


def classify(value: str, name: str = "") -> str:
    """Return the class of credential that `value` holds, "" if none; `name` is what it is called."""
    if _ANCHOR.search(value) and (match := _VALUE.search(value)):
        return str(match.lastgroup)
    if name and named(name) and not _REFERENCE.match(value.strip()):
        return "named_path" if _PATH.match(value.strip()) else "named"
    return "named" if _HINT.search(value) and _assigned(value) else ""


def redact(body: Body) -> Body:
    """Return the object with every marked literal replaced.

    Of a Secret only the keys of its data are kept; of a ConfigMap also what a value looks like, where that
    is no credential the class "text", and its length; of binary data, of which nothing can be told, only
    the length.
    """
    cleaned: Body = _walk(body, "")
    if body.get("kind") == "ConfigMap" and isinstance(data := cleaned.get("data"), dict):
        cleaned["data"] = {key: _mark(one, "text") if type(one) is str else one for key, one in data.items()}
    if body.get("kind") == "Secret":
        for field in ("data", "stringData"):
            if field in body:
                cleaned[field] = dict.fromkeys(body[field], "") if isinstance(body[field], dict) else {}
    if isinstance(binary := body.get("binaryData"), dict):
        cleaned["binaryData"] = {key: _mark(str(value), "binary") for key, value in binary.items()}
    return cleaned


def unmarked(value: Any) -> Any:
    """Return the object with an empty text for every mark: the types are then as they were."""
    if isinstance(value, dict):
        if value.keys() == {"class", "length"}:
            return ""
        return {key: unmarked(item) for key, item in value.items()}
    return [unmarked(item) for item in value] if isinstance(value, list) else value


def _walk(value: Any, field: str) -> Any:
    # most of what an audit computes passes through here: hence no call for a number or a short text
    kind = type(value)
    if kind is str:
        return value if field in _NAMES else _marked(value, field)
    if kind is dict:
        if field == "annotations":
            return {key: _annotation(item, key) for key, item in value.items()}
        if field in _MATCHED:
            return {key: _matched(item, key) for key, item in value.items()}
        walked = {key: _walk(item, key) if type(item) in _WALKED else item for key, item in value.items()}
        if type(value.get("name")) is str and type(value.get("value")) is str:
            walked["value"] = _marked(value["value"], value["name"])
        return walked
    if kind is list:
        return _arguments(value) if field in ("args", "command") else [_walk(item, field) for item in value]
    return value


_WALKED = frozenset({str, dict, list})


def _marked(value: str, name: str) -> Any:
    return _marked_short(value, name) if len(value) <= 256 else _mark(value, classify(value, name))


@lru_cache(maxsize=8192)
def _marked_short(value: str, name: str) -> Any:
    """The pods of a cluster repeat the same few strings."""
    return _mark(value, classify(value, name))


def _mark(value: str, found: str) -> Any:
    return {"class": found, "length": len(value)} if found else value


def _annotation(value: Any, key: str) -> Any:
    if not isinstance(value, str):
        return _walk(value, key)
    # the name behind our own domains is a container's, which may be called "token"
    name = "" if _KUBERNETES_DOMAIN.search(key) else key.rpartition("/")[2]
    return _marked(value, name)


def _matched(value: Any, key: str) -> Any:
    if not isinstance(value, str):
        return _walk(value, key)
    match = _VALUE.search(value) if _ANCHOR.search(value) else None
    return _mark(value, str(match.lastgroup) if match else "")


def _arguments(items: list[Any]) -> list[Any]:
    """Command lines: `--password=x`, `--password x`, and assignments inside a shell string."""
    marked: list[Any] = []
    expected = ""
    for item in items:
        if not isinstance(item, str):
            marked.append(_walk(item, ""))
            continue
        flag = _FLAG.match(item)
        found = classify(item, "" if flag else expected)
        login = flag.group(2) if flag else item
        if not found and login and (flag.group(1) if flag else expected) in ("u", "user"):
            found = "login" if _LOGIN.match(login) else ""
        marked.append(_mark(item, found))
        expected = flag.group(1) if flag and flag.group(2) is None else ""
    return marked


def _assigned(text: str) -> bool:
    """Find `DB_PASSWORD: x` and `token=x` inside a longer text."""
    text = text.replace('\\"', '"')
    return any(
        named(match.group(1)) and not _REFERENCE.match((match[2] or match[3] or match[4] or "").strip())
        for pattern in _WRITTEN
        for match in pattern.finditer(text)
    )
