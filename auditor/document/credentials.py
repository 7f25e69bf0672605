"""The credential grammar: which literals are secrets, and what stands in their place.

A marked literal is replaced by `{"class": ..., "length": ...}` (length in characters) before a
document leaves this package, so that no policy, report, log or archive can hold it. Marking too
much costs a little evidence, marking too little costs a credential: in doubt, it is marked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auditor.model import Body

_VALUES: Mapping[str, str] = {
    "private_key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "jwt": r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",
    "cloud_key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b|AccountKey=[\w+/=]{20,}",
    "vendor_token": r"\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abeprs]-[\w-]{10,}"
    r"|\b[sr]k_(?:live|test)_\w{10,}|\bsk-[\w-]{20,}|\bnpm_\w{30,}|\bhvs\.[\w-]{20,}",
    "url_password": r"\b[a-zA-Z][\w+.-]*://[^\s/:@'\"]*:[^\s/@'\"$]+@",
    "authorization": r"\b(?i:bearer|basic)\s+[\w+/.=~-]{8,}",
}
_VALUE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _VALUES.items()))

_WORDS = (
    r"pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|api[_.-]?key|access[_.-]?key"
    r"|private[_.-]?key|encryption[_.-]?key|signing[_.-]?key|connection[_.-]?string|dsn|authorization"
)
_NAME = re.compile(
    rf"(?i)(?:^|[^a-z])(?:{_WORDS})s?(?![a-z])|(?:password|passwd|dbpass|secret|token|apikey)s?$"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_CREDENTIAL_NAME = re.compile(
    r"(?i)[_.-](?:file|path|dir|name|ref|url|uri|endpoint|ttl|expiry|timeout|enabled|type|length|mount)s?$"
)
_REFERENCE = re.compile(r"^(?:\$\([^)]*\)|\$\{[^}]*\}|<[^>]*>|true|false|yes|no|none|null|)$", re.I)

_FLAG = re.compile(r"^--?([\w.-]+)(?:=(.*))?$", re.S)
_ASSIGNMENT = re.compile(r"""(?:^|[\s;&'"{,])["']?([A-Za-z_][\w.-]*)["']?\s*[=:]\s*["']?([^\s"',;]+)""")

_KUBERNETES_DOMAIN = re.compile(r"(?:^|\.)(?:kubernetes|k8s)\.io/")


def named(name: str) -> bool:
    """Tell whether a variable, flag or key of this name holds a credential."""
    spelled = _CAMEL.sub("_", name)
    return bool(_NAME.search(spelled)) and not _NO_CREDENTIAL_NAME.search(spelled)


def classify(value: str, name: str = "") -> str:
    """Return the class of credential that `value` holds, "" if none; `name` is what it is called."""
    if match := _VALUE.search(value):
        return str(match.lastgroup)
    if name and named(name) and not _REFERENCE.match(value.strip()):
        return "named"
    return ""


def redact(body: Body) -> Body:
    """Return the object with every marked literal replaced.

    Of a Secret only the keys of its data are kept.
    """
    cleaned: Body = _walk(body, "")
    if body.get("kind") == "Secret":
        for field in ("data", "stringData"):
            if isinstance(body.get(field), dict):
                cleaned[field] = dict.fromkeys(body[field], "")
    if body.get("kind") == "ConfigMap" and isinstance(body.get("data"), dict):
        cleaned["data"] = {key: _config(value, key) for key, value in body["data"].items()}
    return cleaned


def _walk(value: Any, field: str) -> Any:
    if isinstance(value, str):
        return value if field == "name" else _mark(value, classify(value))
    if isinstance(value, dict):
        if isinstance(value.get("name"), str) and isinstance(value.get("value"), str):
            marked = _mark(value["value"], classify(value["value"], value["name"]))
            return {**value, "value": marked}
        if field == "annotations":
            return {key: _annotation(item, key) for key, item in value.items()}
        return {key: _walk(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return _arguments(value) if field in ("args", "command") else [_walk(item, field) for item in value]
    return value


def _mark(value: str, found: str) -> Any:
    return {"class": found, "length": len(value)} if found else value


def _annotation(value: Any, key: str) -> Any:
    if not isinstance(value, str):
        return value
    # the name behind our own domains is a container's, which may be called "token"
    name = "" if _KUBERNETES_DOMAIN.search(key) else key.rpartition("/")[2]
    return _mark(value, classify(value, name) or _assigned(value))


def _config(value: Any, key: str) -> Any:
    return _mark(value, classify(value, key) or _assigned(value)) if isinstance(value, str) else value


def _arguments(items: list[Any]) -> list[Any]:
    """Command lines: `--password=x`, `--password x`, and assignments inside a shell string."""
    marked: list[Any] = []
    expected = ""
    for item in items:
        if not isinstance(item, str):
            marked.append(item)
            continue
        flag = _FLAG.match(item)
        found = classify(item, expected if not flag else "")
        if not found and flag and flag.group(2) is not None:
            found = classify(flag.group(2), flag.group(1))
        marked.append(_mark(item, found or ("" if flag else _assigned(item))))
        expected = flag.group(1) if flag and flag.group(2) is None else ""
    return marked


def _assigned(text: str) -> str:
    """Find `DB_PASSWORD: x` and `token=x` inside a longer text."""
    for match in _ASSIGNMENT.finditer(text):
        if classify(match.group(2), match.group(1)):
            return "named"
    return ""
