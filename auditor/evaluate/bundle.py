"""Builds the one archive that OPA runs, and reads from it what the policies say of themselves.

The archive is built with the allow-list of capabilities, from shipped and custom policies, and
its sha256 is the bundle digest: the same rules and parameters give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import yaml

from auditor import data
from auditor.errors import BundleError, ConfigError, did_you_mean
from auditor.evaluate.capabilities import write_allow_list
from auditor.evaluate.command import run_opa
from auditor.evaluate.metadata import Declaration, declare
from auditor.evaluate.reads import read_set
from auditor.evaluate.rules import check_rules
from auditor.evaluate.stage import Module, custom_modules, lay_out, library, shipped_modules
from auditor.model import Bundle, Control, Framework, Policy


class Overrides(msgspec.Struct, frozen=True):
    """What the configuration changes in the policies."""

    enabled: Mapping[str, bool] = {}
    """By policy id."""
    parameters: Mapping[str, Mapping[str, Any]] = {}
    """By policy id; `*` is every policy that declares a parameter of that name."""
    origin: str = ""
    """The file they come from, for messages."""


@contextmanager
def load_bundle(
    opa: Path, folders: Sequence[Path] = (), overrides: Overrides | None = None
) -> Iterator[Bundle]:
    """Build the bundle in a private folder, which is removed at the end.

    `folders` are the user's own policies. Raises `BundleError` for a policy that does not compile,
    wants a built-in that is not allowed, has wrong METADATA or reads what it may not; `ConfigError`
    for an override that fits no policy.
    """
    overrides = overrides or Overrides()
    shipped = shipped_modules(data.policies())
    modules = [*shipped, *custom_modules(folders, [module.id for module in shipped])]
    with TemporaryDirectory(prefix="auditor-bundle-") as name, ThreadPoolExecutor(max_workers=4) as pool:
        work = Path(name)
        declared = _declare(opa, work / "inspect", modules)
        parameters = _parameters(declared, overrides)
        archive = _build(opa, work, modules, parameters)

        def finish(module: Module, one: Declaration) -> Policy:
            return _finish(opa, work / "inspect", module, one.policy, parameters[module.id])

        policies = {policy.id: policy for policy in pool.map(finish, modules, declared)}
        _check_names(policies, {module.id: str(module.path) for module in modules})
        for policy, enabled in overrides.enabled.items():
            policies[policy] = msgspec.structs.replace(policies[policy], enabled=enabled)
        digest = "sha256:" + hashlib.sha256(archive.read_bytes()).hexdigest()
        yield Bundle(str(archive), digest, policies, load_frameworks(policies))


def load_frameworks(policies: Mapping[str, Policy]) -> dict[str, Framework]:
    """Read the shipped frameworks; raises `BundleError` naming file and fault."""
    frameworks: dict[str, Framework] = {}
    for path in sorted(data.policies().glob("frameworks/*.yaml")):
        try:
            found = msgspec.convert(yaml.safe_load(path.read_bytes()), _FrameworkFile)
        except (msgspec.ValidationError, yaml.YAMLError) as error:
            raise BundleError(f"{path}: {error}") from None
        for control in found.controls:
            for name in control.policies:
                if name not in policies:
                    hint = did_you_mean(name, policies)
                    raise BundleError(f"{path}: control {control.id}: unknown policy {name!r}{hint}")
        if found.id != path.stem:
            raise BundleError(f"{path}: the id {found.id!r} is not the file's name")
        frameworks[found.id] = Framework(
            id=found.id,
            title=found.title,
            version=found.version,
            references=tuple(found.references),
            controls=tuple(
                Control(control.id, control.title, tuple(control.policies), control.partial)
                for control in found.controls
            ),
        )
    return frameworks


class _ControlFile(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    title: str
    policies: list[str] = []
    partial: bool = False


class _FrameworkFile(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    title: str
    version: str
    controls: list[_ControlFile]
    references: list[str] = []


def _declare(opa: Path, stage: Path, modules: Sequence[Module]) -> list[Declaration]:
    """Lay all modules out, check custom ones, and read METADATA, in the order of the modules."""
    lay_out(stage, modules, library(data.policies()), None)
    for module in modules:
        if module.custom:
            check_rules(opa, _staged(stage, module), module.id, str(module.path))
    try:
        answer = run_opa(opa, ["inspect", "--annotations", "--format", "json", "."], stage)
    except BundleError as error:
        raise BundleError(_in_our_words(str(error), modules)) from None
    found: dict[str, Any] = {}
    paths = {f"k8s/{module.id}/{module.id}.rego": module for module in modules}
    for entry in msgspec.json.decode(answer).get("annotations") or ():
        module_of = paths.get(entry["location"]["file"].removeprefix("/"))
        if module_of and "schemas" in entry["annotations"]:
            where = f"{module_of.path}:{entry['location']['row']}"
            raise BundleError(f"{where}: METADATA: schemas may refer to the network and are refused")
        if module_of and entry["annotations"].get("scope") == "package":
            found[module_of.id] = entry["annotations"]
    for module in modules:
        if module.id not in found:
            raise BundleError(f"{module.path}: has no METADATA", "auditor policies new ID shows the form")
    return [declare(one.id, found[one.id], str(one.path), custom=one.custom) for one in modules]


def _staged(stage: Path, module: Module) -> Path:
    return stage / "k8s" / module.id / f"{module.id}.rego"


def _build(opa: Path, work: Path, modules: Sequence[Module], parameters: Mapping[str, Any]) -> Path:
    capabilities = write_allow_list(opa, work / "capabilities.json")
    registry = {module.id: True for module in modules}
    shared = {"policies": registry, "parameters": parameters}
    lay_out(work / "shipped", [one for one in modules if not one.custom], library(data.policies()), shared)
    parts = ["shipped"]
    if custom := [one for one in modules if one.custom]:
        lay_out(work / "custom", custom, {}, None)
        parts.append("custom")
    archive = work / "bundle.tar.gz"
    options: list[str | Path] = ["--capabilities", capabilities, "--output", archive]
    bundles = [argument for part in parts for argument in ("--bundle", part)]
    try:
        run_opa(opa, ["build", *options, *bundles], work)
    except BundleError as error:
        message = _in_our_words(str(error), modules)
        foreign = "undefined function" in message
        raise BundleError(message, _PURE if foreign else "") from None
    return archive


_PURE = (
    "a policy sees its document and nothing else: no network, clock, chance or environment, and only "
    "the built-ins that docs/policies.md allows"
)


def _parameters(declared: Sequence[Declaration], overrides: Overrides) -> dict[str, dict[str, Any]]:
    """The value of every parameter of every policy, overrides applied and checked."""
    where = overrides.origin or "configuration"
    known = {one.policy.id: one.parameters for one in declared}
    for policy in (*overrides.enabled, *overrides.parameters):
        if policy != "*" and policy not in known:
            raise ConfigError(f"{where}: unknown policy {policy!r}{did_you_mean(policy, known)}")
    for policy, changes in overrides.parameters.items():
        names = {name for one in known.values() for name in one} if policy == "*" else set(known[policy])
        for name in changes:
            if name not in names:
                owner = "no policy has a" if policy == "*" else f"policy {policy} has no"
                raise ConfigError(f"{where}: {owner} parameter {name!r}{did_you_mean(name, names)}")
    general = overrides.parameters.get("*", {})
    values: dict[str, dict[str, Any]] = {}
    for policy, parameters in known.items():
        own = overrides.parameters.get(policy, {})
        values[policy] = {}
        for name, parameter in parameters.items():
            value = own.get(name, general.get(name, parameter.default))
            if fault := parameter.fault(value):
                raise ConfigError(f"{where}: parameter {name} of {policy}: {fault}")
            values[policy][name] = value
    return values


def _finish(opa: Path, stage: Path, module: Module, policy: Policy, parameters: Mapping[str, Any]) -> Policy:
    """Add to a policy its parameters, what it reads, and the digest of all that its verdicts depend on."""
    policy = msgspec.structs.replace(policy, parameters=parameters)
    reads = read_set(opa, [_staged(stage, module), stage / "lib"], policy, str(module.path))
    pieces = [module.source, msgspec.json.encode(parameters, order="sorted")]
    for package in reads.library:
        folder = stage / package.replace(".", "/")
        pieces += [path.read_bytes() for path in sorted(folder.glob("*.rego"))]
    # each piece is hashed by itself, so that bytes cannot move from one to the next unseen
    digests = "".join(hashlib.sha256(piece).hexdigest() for piece in pieces)
    digest = hashlib.sha256(digests.encode()).hexdigest()
    return msgspec.structs.replace(policy, reads=reads.parts, digest=digest)


def _check_names(policies: Mapping[str, Policy], wheres: Mapping[str, str]) -> None:
    """Names that point to other policies must point somewhere, and former ids only to one."""
    former: dict[str, str] = dict.fromkeys(policies, "a policy in use")
    for policy in policies.values():
        where = wheres[policy.id]
        for name in policy.supersedes:
            if name not in policies:
                hint = did_you_mean(name, policies)
                raise BundleError(f"{where}: supersedes unknown policy {name!r}{hint}")
            if policy.custom and not policies[name].custom:
                raise BundleError(
                    f"{where}: supersedes {name}, whose findings it would hide; that one ships with auditor",
                    f"auditor.yaml switches a policy off: policies.{name}.enabled: false",
                )
        if policy.id in _superseded(policy, policies):
            raise BundleError(f"{where}: supersedes itself, by way of {', '.join(policy.supersedes)}")
        for name in policy.retired_ids:
            if name in former:
                raise BundleError(f"{where}: retired id {name!r} is also that of {former[name]}")
            former[name] = policy.id


def _superseded(policy: Policy, policies: Mapping[str, Policy]) -> set[str]:
    found: set[str] = set()
    waiting = [*policy.supersedes]
    while waiting:
        name = waiting.pop()
        if name not in found and name in policies:
            found.add(name)
            waiting += policies[name].supersedes
    return found


def _in_our_words(message: str, modules: Sequence[Module]) -> str:
    """Put the user's own paths into OPA's message, in place of the staged ones."""
    paths = {module.id: str(module.path) for module in modules}
    message = re.sub(r"^error: (?:bundle \S+: )?(?:1 error occurred: )?", "", message)
    return re.sub(
        r"(?:\.?/)?(?:\b(?:shipped|custom)/)?k8s/(\w+)/\1\.rego",
        lambda match: paths.get(match[1], match[0]),
        message,
    )
