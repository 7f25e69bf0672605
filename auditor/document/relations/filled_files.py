"""Files that a container of the pod writes from others, and fills in: what prometheus-config-reloader does.

It reads `--config-file`, puts the values of its own variables for $(NAME), and writes the outcome to
`--config-envsubst-file`, mostly on an emptyDir that the program shares. What the variables are is in the pod
spec, so what the program reads can be told all the same.
https://prometheus-operator.dev/docs/platform/operator/#prometheus-config-reloader
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from auditor.model import Body

_READ, _WRITTEN = "--config-file", "--config-envsubst-file"

_REFERENCE = re.compile(r"\$\((\w+)\)", re.ASCII)


class Mount(msgspec.Struct, frozen=True):
    """A volume as a container sees it."""

    container: str
    volume: str
    path: str
    part: str
    """Which part of the volume is seen there; "" for all of it."""

    def inside(self, name: str) -> str:
        """Return where the container sees a file of the volume, "" if it does not."""
        if not self.part:
            return posixpath.join(self.path, name)
        if name == self.part:
            return self.path
        inner = name.removeprefix(f"{self.part}/")
        return posixpath.join(self.path, inner) if inner != name else ""

    def name(self, path: str) -> str:
        """Return what a file that the container sees is called in the volume, "" if it lies elsewhere."""
        inner = posixpath.relpath(path, self.path)
        if inner.startswith(".."):
            return ""
        return posixpath.normpath(posixpath.join(self.part, inner))


class Filling(msgspec.Struct, frozen=True):
    """What one container reads, and who sees what it writes."""

    container: str
    path: str
    """The file that it reads."""
    variables: tuple[tuple[str, str], ...]
    """Those whose value stands in the pod spec."""
    places: tuple[tuple[str, str, str], ...]
    """Container, volume and path of the outcome."""

    def fill(self, told: Body) -> Body:
        """Return what is told of a file, with the variables filled in."""
        filled: Body = _filled(told, dict(self.variables))
        return filled


def fillings(containers: Sequence[Body], mounts: Sequence[Mount]) -> Iterator[Filling]:
    """Yield what the containers of a pod fill in, those parts of `containers` whose arguments say so."""
    for one in containers:
        words = [word for word in one["body"].get("args", ()) if isinstance(word, str)]
        read, written = _flag(words, _READ), _flag(words, _WRITTEN)
        if read and written:
            own = [mount for mount in mounts if mount.container == one["name"] and mount.name(written)]
            if own:
                lies = max(own, key=lambda mount: len(mount.path))
                name = lies.name(written)
                yield Filling(
                    one["name"],
                    posixpath.normpath(read),
                    tuple(_variables(one["body"])),
                    tuple(
                        (mount.container, mount.volume, path)
                        for mount in mounts
                        if mount.volume == lies.volume and mount.container != one["name"]
                        if (path := mount.inside(name))
                    ),
                )


def _flag(words: Sequence[str], name: str) -> str:
    """The value of a flag, the last one where it stands twice; "" without it."""
    value = ""
    for number, word in enumerate(words):
        if word == name:
            value = "".join(words[number + 1 : number + 2])
        elif word.startswith(f"{name}="):
            value = word.removeprefix(f"{name}=")
    return value


def _variables(body: Body) -> Iterator[tuple[str, str]]:
    for one in body.get("env", ()):
        name, value = one.get("name"), one.get("value", "")
        if isinstance(name, str) and isinstance(value, str) and "valueFrom" not in one:
            yield name, value


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, variables) for item in value]
    if not isinstance(value, str) or "$(" not in value:
        return value
    text = _REFERENCE.sub(lambda found: variables.get(found[1], found[0]), value)
    # as YAML would have read it: what was filled in first
    return int(text) if text.isascii() and text.isdigit() else text
