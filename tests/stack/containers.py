"""A pod laid out in a folder: its volumes as a kubelet writes them, its containers as programs."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import urllib3

from tests.stack.loopback import ACCOUNT, START_SECONDS
from tests.stack.render import Object, find
from tools.cluster import processes
from tools.cluster.processes import Process

Change = Callable[[str, str], str]
"""(file, text) -> the text that is written instead."""

_generations = itertools.count()


@dataclass(frozen=True)
class Container:
    """What a container starts its program with."""

    args: tuple[str, ...]
    environment: Mapping[str, str]

    def patched(self, *own: str) -> list[str]:
        """The arguments, with others in the place of those of the same name."""
        names = {one.partition("=")[0] for one in own}
        return [*(one for one in self.args if one.partition("=")[0] not in names), *own]


def write_volume(place: Path, files: Mapping[str, str]) -> None:
    """Write the files of a ConfigMap as a kubelet does: all at once, by a link to another folder.

    https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/volume/util/atomic_writer.go
    """
    before = (place / "..data").resolve() if (place / "..data").exists() else None
    content = place / f"..{next(_generations)}"
    content.mkdir(parents=True)
    for name, text in files.items():
        (content / name).write_text(text)
    (place / "..data_tmp").symlink_to(content.name)
    (place / "..data_tmp").rename(place / "..data")
    for name in files:
        if not (place / name).is_symlink():
            (place / name).symlink_to(f"..data/{name}")
    for link in place.iterdir():
        if link.is_symlink() and not link.exists():
            link.unlink()
    if before:
        shutil.rmtree(before)


def laid_out(
    listed: Sequence[Object], workload: tuple[str, str], name: str, folder: Path, tls: Path, change: Change
) -> dict[str, Container]:
    """Lay out a pod of a workload, with /etc/WORKLOAD in the folder; return its containers by name."""
    template = find(listed, *workload)["spec"]["template"]
    volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
    bodies = [*template["spec"].get("initContainers", ()), *template["spec"]["containers"]]
    root = f"/etc/{workload[1]}"
    fields = {"metadata.name": name, "status.podIP": "127.0.0.1"}

    def moved(text: str) -> str:
        return text.replace(f"{root}/", f"{folder}/").replace(ACCOUNT, str(folder / "account"))

    mounts = {mount["mountPath"]: mount["name"] for body in bodies for mount in body["volumeMounts"]}
    for path, mounted in mounts.items():
        volume = volumes.get(mounted, {})
        place = Path(moved(path))
        if not place.is_relative_to(folder):
            continue
        if "configMap" in volume:
            data = find(listed, "ConfigMap", volume["configMap"]["name"])["data"]
            write_volume(place, {key: change(key, moved(text)) for key, text in data.items()})
        elif volume.get("secret", {}).get("secretName") == f"{workload[1]}-tls":
            place.symlink_to(tls)
        else:
            place.mkdir(parents=True)

    def container(body: Object) -> Container:
        environment = {
            one["name"]: moved(one["value"])
            if "value" in one
            else fields[one["valueFrom"]["fieldRef"]["fieldPath"]]
            for one in body.get("env", ())
        }
        args = (
            re.sub(r"\$\((\w+)\)", lambda found: environment[found[1]], moved(one)) for one in body["args"]
        )
        return Container(tuple(args), environment)

    return {body["name"]: container(body) for body in bodies}


class Program:
    """A program of a container, which listens on loopback, at a port that it tells in its JSON log."""

    def __init__(self, program: Path, args: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it, with nothing in its environment but what the container has."""
        variables = [f"{key}={value}" for key, value in environment.items()]
        self.log = log
        self._before = log.stat().st_size if log.exists() else 0
        command: list[str | Path] = ["env", "-i", *variables, program, *args]
        self.process: Process = processes.spawn(program.name, command, log, die_with_parent=True)

    @property
    def port(self) -> int:
        """Where it listens; `LookupError` if it has not said so yet."""
        said = self.log.read_bytes()[self._before :].decode().splitlines(keepends=True)
        found = [json.loads(line) for line in said if line.endswith("\n") and '"Listening on"' in line]
        return int(found[0]["address"].rpartition(":")[2])

    @property
    def url(self) -> str:
        """As `https://127.0.0.1:PORT`."""
        return f"https://127.0.0.1:{self.port}"

    def wait(self, pool: urllib3.PoolManager, path: str) -> None:
        """Wait until it answers there."""

        def up() -> bool:
            try:
                return pool.request("GET", self.url + path, retries=False, timeout=5).status == 200
            except (LookupError, urllib3.exceptions.HTTPError):
                return False

        processes.wait_for(path, up, self.process, self.log, START_SECONDS)
