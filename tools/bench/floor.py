"""The least that reading a cluster can cost: the same lists, their bytes read and dropped.

    python -I -S floor.py < ORDER

A process of its own, standard library only, one connection. Of each page only `continue` is looked
at. The order on stdin is JSON: host, port, ca (path), token, agent (User-Agent), lists (paths with
their query, without `continue`). The answer on stdout is JSON: requests, bytes, kinds (bytes per
path), seconds (without starting Python).
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import sys
import time
from contextlib import closing
from typing import Any
from urllib.parse import quote

EDGE = 4096
"""Bytes in which a list names its continuation: its metadata comes first, or last for custom resources."""
BUFFER = 1 << 20
"""Bytes that are read at once: half the CPU time of reading a whole page into one object."""
CONTINUE = re.compile(rb'"metadata":\{[^{}]*"continue":"([^"]+)"')


def main(order: dict[str, Any]) -> dict[str, Any]:
    """Read every list to its end; exit with a message if one is refused."""
    begin = time.monotonic()
    tls = ssl.create_default_context(cafile=order["ca"])
    connection = http.client.HTTPSConnection(order["host"], order["port"], context=tls)
    with closing(connection):
        sizes = {path: _read(connection, order, path) for path in order["lists"]}
    return {
        "requests": sum(len(pages) for pages in sizes.values()),
        "bytes": sum(sum(pages) for pages in sizes.values()),
        "kinds": {path: sum(pages) for path, pages in sizes.items()},
        "seconds": time.monotonic() - begin,
    }


def _read(connection: http.client.HTTPSConnection, order: dict[str, Any], path: str) -> list[int]:
    """Read one list; return the bytes of its pages."""
    headers = {
        "Accept": "application/json",
        "Authorization": f"Bearer {order['token']}",
        "User-Agent": order["agent"],
    }
    buffer = memoryview(bytearray(BUFFER))
    sizes, rest = [], ""
    while True:
        connection.request("GET", path + rest, headers=headers)
        answer = connection.getresponse()
        size, first, last = _drop(answer, buffer)
        if answer.status != 200:
            sys.exit(f"{path}{rest}: {answer.status} {first!r}")
        sizes.append(size)
        found = CONTINUE.search(first) or CONTINUE.search(last)
        if not found:
            return sizes
        rest = f"&continue={quote(found[1])}"


def _drop(answer: http.client.HTTPResponse, buffer: memoryview) -> tuple[int, bytes, bytes]:
    """Read an answer to its end into the same bytes again and again; return its size and both edges."""
    size, first, last = 0, b"", b""
    while count := answer.readinto(buffer):
        first = first or bytes(buffer[: min(count, EDGE)])
        last = (last + bytes(buffer[max(0, count - EDGE) : count]))[-EDGE:]
        size += count
    return size, first, last


if __name__ == "__main__":
    json.dump(main(json.load(sys.stdin)), sys.stdout)
