"""Builds the one archive that OPA runs, and reads from it what the policies say of themselves.

The archive is built with the allow-list of capabilities, from shipped and custom policies, and
its sha256 is the bundle digest: the same rules and parameters give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from auditor.errors import BundleError
from auditor.evaluate.cache import keep, recall
from auditor.evaluate.capabilities import write_allow_list
from auditor.evaluate.command import run_opa
from auditor.evaluate.dependencies import Memory
from auditor.evaluate.find import opa_version
from auditor.evaluate.frameworks import read_frameworks
from auditor.evaluate.ingredients import Ingredients, bundle_key, read_ingredients
from auditor.evaluate.metadata import Declaration, declare
from auditor.evaluate.names import check_counts, check_names
from auditor.evaluate.overrides import Overrides, Settled, settle
from auditor.evaluate.reads import read_set
from auditor.evaluate.rules import check_rules
from auditor.evaluate.stage import Module, lay_out, rule_names
from auditor.rules import Bundle, Framework, Policy


class Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is built of policies, library, frameworks and parameters, and kept for the next time."""

    archive: bytes
    policies: dict[str, Policy]
    frameworks: dict[str, Framework]
    patterns: tuple[str, ...]


@contextmanager
def load_bundle(
    opa: Path,
    folders: Sequence[Path] = (),
    overrides: Overrides | None = None,
    *,
    cache: Path | None = None,
) -> Iterator[Bundle]:
    """Yield the bundle; its archive lies in a private folder, which is removed at the end.

    `folders` are the user's own policies. With `cache`, a folder (`cache_folder`), the same bundle is
    built only once, and OPA not started before the engine does. Raises `BundleError` for a policy
    that does not compile, wants a built-in that is not allowed, has wrong METADATA or reads what it
    may not; `ConfigError` for an override that fits no policy; `EngineError` for an OPA that cannot
    be used.
    """
    overrides = overrides or Overrides()
    contents = _contents(opa, read_ingredients(folders), overrides, cache)
    digest = "sha256:" + hashlib.sha256(contents.archive).hexdigest()
    with TemporaryDirectory(prefix="auditor-bundle-") as name:
        archive = Path(name) / "bundle.tar.gz"
        archive.write_bytes(contents.archive)
        yield Bundle(str(archive), digest, contents.policies, contents.frameworks, contents.patterns)


def _contents(opa: Path, ingredients: Ingredients, overrides: Overrides, cache: Path | None) -> Contents:
    """What was built of the same before, by an OPA that was found fit then; else built now, and kept."""
    key = bundle_key(opa, ingredients, overrides.changes) if cache else ""
    if not (cache and key):
        return _build(opa, ingredients, overrides, cache)
    folder = cache / "bundles"
    if kept := recall(folder, key):
        with suppress(msgspec.MsgspecError, ValueError):
            return msgspec.json.decode(kept, type=Contents)
    contents = _build(opa, ingredients, overrides, cache)
    if bundle_key(opa, ingredients, overrides.changes) == key:  # OPA was not replaced meanwhile
        keep(folder, key, msgspec.json.encode(contents))
    return contents


def _build(opa: Path, ingredients: Ingredients, overrides: Overrides, cache: Path | None) -> Contents:
    version = opa_version(opa)
    modules = ingredients.modules
    memory = Memory(opa, ingredients.library, cache, version=version, shipped=ingredients.reads)
    with TemporaryDirectory(prefix="auditor-build-") as name, ThreadPoolExecutor(max_workers=4) as pool:
        work = Path(name)
        declared = _declare(opa, work / "inspect", ingredients)
        settled = settle(declared, overrides)
        archive = _archive(opa, work, ingredients, settled)

        def finish(module: Module, one: Declaration) -> Policy:
            return _finish(memory, work / "inspect", module, one.policy, settled)

        policies = {policy.id: policy for policy in pool.map(finish, modules, declared)}
    memory.keep()
    wheres = {module.id: str(module.path) for module in modules}
    check_names(policies, wheres)
    for policy, enabled in overrides.enabled.items():
        policies[policy] = msgspec.structs.replace(policies[policy], enabled=enabled)
    for policy, severity in overrides.severity.items():
        policies[policy] = msgspec.structs.replace(policies[policy], override=severity)
    frameworks = read_frameworks(ingredients.frameworks, policies)
    check_counts(policies, frameworks, wheres)
    return Contents(archive, policies, frameworks, tuple(sorted(settled.patterns)))


def _declare(opa: Path, stage: Path, ingredients: Ingredients) -> list[Declaration]:
    """Lay all modules out, check custom ones, and read METADATA, in the order of the modules."""
    modules = ingredients.modules
    lay_out(stage, modules, ingredients.library, None)
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


def _archive(opa: Path, work: Path, ingredients: Ingredients, settled: Settled) -> bytes:
    modules = ingredients.modules
    capabilities = write_allow_list(opa, work / "capabilities.json")
    registry = {module.id: rule_names(module) for module in modules}
    shared = {"policies": registry, "parameters": settled.parameters, "patterns": settled.patterns}
    lay_out(work / "shipped", [one for one in modules if not one.custom], ingredients.library, shared)
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
    return archive.read_bytes()


_PURE = (
    "a policy sees its document and nothing else: no network, clock, chance or environment, and only "
    "the built-ins that docs/writing-policies.md allows"
)


def _finish(memory: Memory, stage: Path, module: Module, policy: Policy, settled: Settled) -> Policy:
    """Add to a policy its parameters, what it reads, and the digests of all that its verdicts depend on."""
    policy = msgspec.structs.replace(
        policy, parameters=settled.parameters[policy.id], namespaces=settled.namespaces[policy.id]
    )
    found = memory.ask(module, [_staged(stage, module), stage / "lib"])
    reads = read_set(found, policy, str(module.path))
    pieces = [module.source]
    for package in reads.library:
        folder = stage / package.replace(".", "/")
        pieces += [path.read_bytes() for path in sorted(folder.glob("*.rego"))]
    values = msgspec.json.encode([policy.parameters, policy.namespaces], order="sorted")
    return msgspec.structs.replace(
        policy, reads=reads.parts, code=_digest(pieces), digest=_digest([*pieces, values])
    )


def _digest(pieces: Iterable[bytes]) -> str:
    """Hash each piece by itself, so that bytes cannot move from one to the next unseen."""
    digests = "".join(hashlib.sha256(piece).hexdigest() for piece in pieces)
    return hashlib.sha256(digests.encode()).hexdigest()


def _in_our_words(message: str, modules: Sequence[Module]) -> str:
    """Put the user's own paths into OPA's message, in place of the staged ones."""
    paths = {module.id: str(module.path) for module in modules}
    message = re.sub(r"^error: (?:bundle \S+: )?(?:1 error occurred: )?", "", message)
    return re.sub(
        r"(?:\.?/)?(?:\b(?:shipped|custom)/)?k8s/(\w+)/\1\.rego",
        lambda match: paths.get(match[1], match[0]),
        message,
    )
