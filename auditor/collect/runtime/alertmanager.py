"""What a running Alertmanager says of how long it remembers.

    version      of the program, as 0.28.1; absent from one that was built without telling it
    peers        how many of its cluster it knows, itself included; 0 without a cluster
    retention    what --data.retention says on its command line; absent if it says nothing there
    uncertain    why the command line does not tell: a file adds to it

Neither its API nor its metrics reveal the retention (looked for in 0.28.1 and 0.34.2). What does is
`/debug/pprof/cmdline`, which it serves beside its API: the words that it was started with.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from auditor.collect.runtime.client import Client, UnansweredError
from auditor.collect.runtime.prometheus import VERSION

_FLAG = "--data.retention"

_DURATION = re.compile(r"[0-9a-zµ.+-]{1,40}")

_PROGRAM = re.compile(r"(?:.*/)?alertmanager[^/]*")


class _Version(msgspec.Struct):
    version: str


class _Cluster(msgspec.Struct):
    peers: list[msgspec.Raw] = []


class _Status(msgspec.Struct, rename="camel"):
    version_info: _Version
    cluster: _Cluster


def ask(client: Client) -> dict[str, Any]:
    """Return what it tells; raises `UnansweredError` if it is not known how long it remembers."""
    path = "/api/v2/status"
    try:
        status = msgspec.json.decode(client.get(path), type=_Status)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UnansweredError(f"{path}: what came is not what Alertmanager says") from None
    version = VERSION.fullmatch(status.version_info.version)
    if not version:
        raise UnansweredError(f"{path}: what came is not what Alertmanager says")
    line = client.get("/debug/pprof/cmdline", accept="text/plain")
    told = {"version": version[1]} if version[1] else {}
    return told | {"peers": len(status.cluster.peers)} | retention(line)


def retention(line: bytes) -> dict[str, Any]:
    """Return what the words of a command line say of the retention; nothing else of them is kept.

    They are separated by zero bytes. Raises `UnansweredError` if they are none of Alertmanager.
    """
    try:
        program, *words = line.decode().split("\0")
    except UnicodeDecodeError:
        program, words = "", []
    if not _PROGRAM.fullmatch(program):
        raise UnansweredError("/debug/pprof/cmdline: what came is no command line of Alertmanager")
    for number, word in enumerate(words):
        if word == "--":
            break
        if word.startswith("@"):
            return {"uncertain": "its command line takes words from a file"}
        name, separator, value = word.partition("=")
        if name == _FLAG:
            value = value if separator else "".join(words[number + 1 : number + 2])
            return (
                {"retention": value}
                if _DURATION.fullmatch(value)
                else {"uncertain": f"{_FLAG} is no duration"}
            )
    return {}
