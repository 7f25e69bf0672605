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
from auditor.evaluate.capabilities import allow_list
from auditor.evaluate.command import run_opa
from auditor.evaluate.metadata import Declaration, declare
from auditor.evaluate.reads import Reads, read_set
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
    shipped = shipped_modules(data.policies())
    modules = [*shipped, *custom_modules(folders, [module.id for module in shipped])]
    with TemporaryDirectory(prefix="auditor-bundle-") as name:
        work = Path(name)
        declared = _declare(opa, work, modules)
        parameters = _parameters(declared, overrides or Overrides())
        archive = _build(opa, work, modules, parameters)
        wheres = {module.id: str(module.path) for module in modules}
        with ThreadPoolExecutor(max_workers=4) as pool:
            reads = list(
                pool.map(lambda one: read_set(opa, archive, one.policy, wheres[one.policy.id]), declared)
            )
        policies = {
            one.policy.id: _finish(one.policy, read, parameters[one.policy.id], wheres, overrides)
            for one, read in zip(declared, reads, strict=True)
        }
        _check_names(policies, wheres)
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


def _declare(opa: Path, work: Path, modules: Sequence[Module]) -> list[Declaration]:
    """Read the METADATA of each module with `opa inspect`, in the order of the modules."""
    declared = []
    by_file: dict[str, Any] = {}
    lay_out(work / "inspect", modules, {}, None)
    try:
        answer = run_opa(opa, ["inspect", "--annotations", "--format", "json", "."], work / "inspect")
    except BundleError as error:
        raise BundleError(_in_our_words(str(error), modules)) from None
    for entry in msgspec.json.decode(answer).get("annotations") or ():
        if entry["annotations"].get("scope") == "package":
            by_file[Path(entry["location"]["file"]).stem] = entry["annotations"]
    for module in modules:
        if module.id not in by_file:
            raise BundleError(f"{module.path}: has no METADATA", "auditor policies new ID shows the form")
        declared.append(declare(module.id, by_file[module.id], str(module.path), custom=module.custom))
    return declared


def _build(opa: Path, work: Path, modules: Sequence[Module], parameters: Mapping[str, Any]) -> Path:
    capabilities = work / "capabilities.json"
    current = msgspec.json.decode(run_opa(opa, ["capabilities", "--current"]))
    capabilities.write_bytes(msgspec.json.encode(allow_list(current)))
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
        raise BundleError(_in_our_words(str(error), modules)) from None
    return archive


def _parameters(declared: Sequence[Declaration], overrides: Overrides) -> dict[str, dict[str, Any]]:
    """The value of every parameter of every policy, overrides applied and checked."""
    known = {one.policy.id: one.parameters for one in declared}
    for policy, changes in overrides.parameters.items():
        if policy != "*" and policy not in known:
            raise ConfigError(f"{overrides.origin}: unknown policy {policy!r}{did_you_mean(policy, known)}")
        names = {name for one in known.values() for name in one} if policy == "*" else set(known[policy])
        for name in changes:
            if name not in names:
                owner = "no policy" if policy == "*" else f"policy {policy} has no parameter"
                stated = f"{owner} {name!r}" if policy != "*" else f"no policy has a parameter {name!r}"
                raise ConfigError(f"{overrides.origin}: {stated}{did_you_mean(name, names)}")
    general = overrides.parameters.get("*", {})
    values: dict[str, dict[str, Any]] = {}
    for policy, parameters in known.items():
        own = overrides.parameters.get(policy, {})
        values[policy] = {}
        for name, parameter in parameters.items():
            value = own.get(name, general.get(name, parameter.default))
            if fault := parameter.fault(value):
                raise ConfigError(f"{overrides.origin}: parameter {name} of {policy}: {fault}")
            values[policy][name] = value
    return values


def _finish(
    policy: Policy,
    reads: Reads,
    parameters: Mapping[str, Any],
    wheres: Mapping[str, str],
    overrides: Overrides | None,
) -> Policy:
    """Add to a policy what only the built bundle tells."""
    hashed = hashlib.sha256(Path(wheres[policy.id]).read_bytes())
    for package in reads.library:
        for path in sorted((data.policies() / package.replace(".", "/")).glob("*.rego")):
            if not path.name.endswith("_test.rego"):
                hashed.update(path.read_bytes())
    hashed.update(msgspec.json.encode(parameters, order="sorted"))
    enabled = (overrides.enabled if overrides else {}).get(policy.id, policy.enabled)
    return msgspec.structs.replace(
        policy, parameters=parameters, reads=reads.parts, digest=hashed.hexdigest(), enabled=enabled
    )


def _check_names(policies: Mapping[str, Policy], wheres: Mapping[str, str]) -> None:
    """Names that point to other policies must point somewhere, and former ids only to one."""
    former: dict[str, str] = dict.fromkeys(policies, "a policy in use")
    for policy in policies.values():
        where = wheres[policy.id]
        for name in policy.supersedes:
            if name not in policies:
                raise BundleError(
                    f"{where}: supersedes unknown policy {name!r}{did_you_mean(name, policies)}"
                )
        for name in policy.retired_ids:
            if name in former:
                raise BundleError(f"{where}: retired id {name!r} is also that of {former[name]}")
            former[name] = policy.id


def _in_our_words(message: str, modules: Sequence[Module]) -> str:
    """Put the user's own paths into OPA's message, in place of the staged ones."""
    message = re.sub(r"^error: (?:bundle \S+: )?(?:1 error occurred: )?", "", message)
    for module in modules:
        for prefix in ("shipped/", "custom/", "inspect/", "./", "/", ""):
            message = message.replace(f"{prefix}k8s/{module.id}/{module.id}.rego", str(module.path))
    return message
