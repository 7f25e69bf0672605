"""Writes build/stack.json: deploy/ as kustomize renders it, in parts that the program composes.

python -m tools.stack          # nothing to do if it is of this deploy/ already

The real kustomize renders the base, and each component on what it stands on; kept are the base, and of
each component the difference: objects that it adds, JSON patches of what it changes. Settings are
rendered as marks, so that their places are known. Where two components meet so that their differences
do not say it all, what they do to each other is kept too. Nothing is written unless what is composed of
the parts equals, byte for byte, what kustomize renders: for every profile, every pair of components that
may stand beside each other, and as many of them at once as may.
"""

from __future__ import annotations

import concurrent.futures
import difflib
import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from pathlib import Path

import msgspec
import yaml

from auditor.config.strict import read_yaml
from auditor.errors import AuditorError
from auditor.stack import alerts, kinds
from auditor.stack.compose import MARK, compose, identity, marks
from auditor.stack.digest import digest
from auditor.stack.emit import printed
from auditor.stack.patches import Object, difference
from auditor.stack.shipped import (
    SETTINGS_NAME,
    AlertList,
    Between,
    Change,
    Delta,
    Profile,
    Registry,
    Shipped,
    encode,
    load,
)
from tools import build

DEPLOY = build.ROOT / "deploy"
FILE = build.ROOT / "build" / "stack.json"

MAKERS = (
    Path(__file__),
    build.source_folder("kustomize") / "go.mod",
    *(build.ROOT / "auditor/stack").glob("*.py"),
)
"""What decides, beside deploy/, what is made and whether it is found right."""


class StackError(Exception):
    """deploy/ contradicts its registry, or cannot be composed; the message says where."""


class Renders:
    """What kustomize makes of sets of components, rendered once each, settings as marks."""

    def __init__(self, deploy: Path, registry: Registry) -> None:
        """Build kustomize, if need be."""
        self.deploy, self.registry = deploy, registry
        self.program = build.tool_bin("kustomize") / "kustomize"
        self._texts: dict[tuple[str, ...], str] = {}

    def prepare(self, sets: Collection[Sequence[str]]) -> None:
        """Render several sets beside each other."""
        missing = sorted({tuple(one) for one in sets} - self._texts.keys())
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            self._texts.update(zip(missing, pool.map(self._rendered, missing), strict=True))

    def text(self, components: Sequence[str]) -> str:
        """Return what kustomize prints for these components."""
        self.prepare([components])
        return self._texts[tuple(components)]

    def objects(self, components: Sequence[str]) -> dict[str, Object]:
        """Return the objects of these components by identity."""
        loaded = yaml.load_all(self.text(components), Loader=yaml.CSafeLoader)
        return {identity(one): one for one in loaded}

    def folder(self, folder: Path) -> str:
        """Return what kustomize prints for a folder; raise `StackError` if it refuses."""
        run = subprocess.run([self.program, "build", folder], capture_output=True, text=True, check=False)
        if run.returncode:
            raise StackError(f"kustomize build {folder}: {run.stderr.strip()}")
        return run.stdout

    def _rendered(self, components: Sequence[str]) -> str:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            write_overlay(
                folder,
                Path(os.path.relpath(self.deploy.resolve(), folder)),
                [*components, *self.registry.always],
                {key: MARK.format(key) for key in self.registry.settings},
            )
            return self.folder(folder)


def write_overlay(folder: Path, deploy: Path, components: Sequence[str], settings: dict[str, str]) -> None:
    """Write an overlay as a user would, with these components and settings."""
    local = {"config.kubernetes.io/local-config": "true"}
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": SETTINGS_NAME, "annotations": local},
        "data": settings,
    }
    kustomization = {
        "resources": [f"{deploy}/base", "settings.yaml"],
        "components": [f"{deploy}/components/{one}" for one in components],
    }
    (folder / "settings.yaml").write_text(yaml.safe_dump(config_map))
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))


def read_registry(deploy: Path) -> Registry:
    """Return deploy/components.yaml; raise `StackError` where it contradicts itself or the tree."""
    registry = read_yaml(deploy / "components.yaml").convert(Registry)
    rows = registry.components
    there = {path.parent.name for path in deploy.glob("components/*/kustomization.yaml")}
    if missing := there.symmetric_difference(rows):
        raise StackError(f"components.yaml and components/ do not agree on {', '.join(sorted(missing))}")
    names = list(rows)
    for name, row in rows.items():
        before = set(names[: names.index(name)])
        if late := [one for one in (*row.requires, *row.requires_one_of) if one not in before]:
            raise StackError(f"components.yaml: {name} requires {late[0]}, which does not come before it")
        if unknown := set(row.conflicts) - rows.keys():
            raise StackError(f"components.yaml: {name} conflicts with {unknown.pop()}, which is none")
        if unknown := set(row.settings) - registry.settings.keys():
            raise StackError(f"components.yaml: {name} has the setting {unknown.pop()}, which has no kind")
    for key, setting in registry.settings.items():
        if setting.kind not in kinds.KINDS:
            raise StackError(f"components.yaml: {key} is of kind {setting.kind!r}, which is none")
    return registry


def read_profiles(deploy: Path, registry: Registry) -> Iterator[tuple[str, Profile]]:
    """Yield every overlay; raise `StackError` for one that is more than base, settings and components."""
    for path in sorted(deploy.glob("overlays/*/kustomization.yaml")):
        name = path.parent.name
        read = yaml.safe_load(path.read_text())
        named = [Path(one).name for one in read.pop("components")]
        extra = read.keys() - {"apiVersion", "kind", "resources"}
        chosen = [one for one in named if one not in registry.always]
        if extra or read["resources"] != ["../../base", "settings.yaml"]:
            raise StackError(f"overlays/{name}: a profile has base, settings and components, and no more")
        if named != [*registry.closure(*chosen), *registry.always] or not registry.allowed(chosen):
            raise StackError(f"overlays/{name}: its components are not those of components.yaml in order")
        data = yaml.safe_load((path.parent / "settings.yaml").read_text())["data"]
        yield name, Profile(tuple(chosen), data)


def delta(before: dict[str, Object], after: dict[str, Object], what: str) -> Delta:
    """Return what came to a stack; raise `StackError` if an object went."""
    if gone := sorted(before.keys() - after.keys()):
        raise StackError(f"{what} takes {gone[0]} away, which no component may")
    adds = tuple(after[key] for key in sorted(after.keys() - before.keys()))
    changes = (
        Change(key, tuple(difference(old, after[key]))) for key, old in before.items() if old != after[key]
    )
    return Delta(adds, tuple(sorted(changes, key=lambda one: one.target)))


def build_stack(deploy: Path) -> Shipped:
    """Render, take apart, and put together again; raise `StackError` where that does not fit."""
    registry = read_registry(deploy)
    renders = Renders(deploy, registry)
    names = [name for name, row in registry.components.items() if not row.always]
    alone = {name: registry.closure(name) for name in names}
    pairs = {pair: registry.closure(*pair) for pair in combinations(names, 2)}
    pairs = {pair: closure for pair, closure in pairs.items() if registry.allowed(closure)}
    profiles = dict(read_profiles(deploy, registry))
    fullest = sorted({tuple(_fullest(registry, name)) for name in names})
    chosen = [list(one.components) for one in profiles.values()]
    sets = [[], *alone.values(), *pairs.values(), *chosen, *map(list, fullest)]
    renders.prepare(sets + [registry.closure(*registry.components[name].requires) for name in names])

    deltas = {}
    for name in names:
        under = registry.closure(*registry.components[name].requires)
        deltas[name] = delta(renders.objects(under), renders.objects(alone[name]), name)
        _check_settings(name, registry.components[name].settings, deltas[name])
    base = renders.objects([])
    everywhere = [key for name in registry.always for key in registry.components[name].settings]
    _check_settings("base", everywhere, Delta(tuple(base.values())))

    listed = read_yaml(deploy / "alerts.yaml").convert(AlertList)
    stack = Shipped(
        source=digest(deploy),
        kustomize=".".join(build.module_version("kustomize", "sigs.k8s.io/kustomize/kustomize/v5")),
        registry=registry,
        profiles=profiles,
        base=tuple(base.values()),
        components=deltas,
        between=(),
        presets=listed.presets,
    )
    stack = _with_between(stack, renders, pairs)
    for components in sets:
        _check_equal(" + ".join(components) or "base", renders.text(components), stack, components)
    _check_alerts(stack, listed, fullest)
    return stack


def _fullest(registry: Registry, first: str) -> list[str]:
    """As many components at once as may stand beside one."""
    chosen = registry.closure(first)
    for name, row in registry.components.items():
        more = registry.closure(*chosen, name)
        if not row.always and registry.allowed(more):
            chosen = more
    return chosen


def _with_between(stack: Shipped, renders: Renders, pairs: dict[tuple[str, str], list[str]]) -> Shipped:
    """Add what two components do to each other; those that stand on fewer come first."""
    between: list[Between] = []
    for pair, closure in sorted(pairs.items(), key=lambda one: len(one[1])):
        so_far = msgspec.structs.replace(stack, between=tuple(between))
        composed = {identity(one): one for one in compose(so_far, closure)}
        wanted = renders.objects(closure)
        if composed != wanted:
            between.append(Between(pair, delta(composed, wanted, " + ".join(pair))))
    return msgspec.structs.replace(stack, between=tuple(between))


def _check_settings(name: str, said: Sequence[str], found: Delta) -> None:
    placed = marks(list(found.adds))
    for one in found.changes:
        placed |= marks([operation.value for operation in one.patch])
    if wrong := placed.symmetric_difference(said):
        raise StackError(
            f"components.yaml: {name} carries {', '.join(sorted(placed)) or 'no setting'}; "
            f"its row differs in {', '.join(sorted(wrong))}"
        )


def _check_equal(what: str, wanted: str, stack: Shipped, components: Sequence[str]) -> None:
    made = printed(compose(stack, components))
    if made != wanted:
        lines = difflib.unified_diff(wanted.splitlines(), made.splitlines(), "kustomize", "composed", n=3)
        raise StackError(f"{what}: composed otherwise than kustomize renders it:\n" + "\n".join(lines))


def _check_alerts(stack: Shipped, listed: AlertList, sets: Sequence[Sequence[str]]) -> None:
    """Every alert of every rule file can be cut out, and those of the presets exist."""
    if listed.disabled:
        raise StackError("alerts.yaml: `disabled` is the user's, and empty here")
    files = {
        text for one in sets for made in compose(stack, one) for text in alerts.rule_files(made).values()
    }
    known = set().union(*map(alerts.check, files))
    for preset, entries in stack.presets.items():
        for entry in entries:
            if entry.alert not in known:
                raise StackError(f"alerts.yaml: {preset} names {entry.alert}, which is no alert")


def ensure() -> Path:
    """Return build/stack.json, made first if it is missing or of another deploy/.

    Safe when several processes ask at once. Raises `StackError`, `build.BuildError`, `AuditorError`.
    """
    FILE.parent.mkdir(exist_ok=True)
    with FILE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            load(FILE, DEPLOY)
        except AuditorError:
            kept = _kept()
            if not kept.is_file():
                kept.parent.mkdir(parents=True, exist_ok=True)
                _write(kept, encode(build_stack(DEPLOY)))
            _write(FILE, kept.read_bytes())
    return FILE


def _kept() -> Path:
    """Where the cache has what is made of this deploy/ by these programs: a fresh clone need not render."""
    whole = hashlib.sha256(digest(DEPLOY).encode())
    for maker in sorted(MAKERS):
        whole.update(maker.read_bytes())
    return build.cache_folder().parent / "stack" / f"{whole.hexdigest()[:12]}.json"


def _write(file: Path, content: bytes) -> None:
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(file)


def main() -> int:
    """Make the file; return the exit code."""
    try:
        print(ensure())
    except (StackError, build.BuildError, AuditorError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
