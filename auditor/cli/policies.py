"""`auditor policies`: what there is, what one says, whether they do what they promise, a new one."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from auditor import data
from auditor.cli import options
from auditor.cli.answer import write_json
from auditor.cli.bundle import asked_bundle
from auditor.cli.explain import explain
from auditor.collect.manifests import ManifestSource
from auditor.errors import UsageError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.cache import cache_folder
from auditor.evaluate.engine import OpaEngine
from auditor.evaluate.overrides import Overrides
from auditor.evaluate.rego_test import run_rego_tests
from auditor.evaluate.scaffold import scaffold
from auditor.evaluate.stage import custom_modules, shipped_modules
from auditor.judge.least_rights import least_rights
from auditor.judge.selection import reads_secrets, select
from auditor.ports import Engine
from auditor.report import least_rights as least_rights_yaml
from auditor.report.policy_json import entry
from auditor.report.text import visible
from auditor.report.view import plural
from auditor.rules import Bundle
from auditor.trial import try_samples

app = typer.Typer(help="List, show, test and start policies.", no_args_is_help=True)

NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
"""What roles and namespaces may be called, near enough to write them into YAML as they are."""

Form = Annotated[Literal["text", "json"], typer.Option("-o", "--output", help="Form of the answer.")]


@app.command("list")
def list_policies(
    folders: options.PolicyFolders = None,
    config: options.Config = None,
    opa: options.Opa = None,
    output: Form = "text",
) -> int:
    """List the policies, worst first."""
    with asked_bundle(folders, config, opa) as asked:
        policies = sorted(
            asked.bundle.policies.values(), key=lambda one: (one.severity.rank, one.category, one.id)
        )
    if output == "json":
        write_json({"policies": [entry(policy) for policy in policies]})
        return 0
    width = max(len(policy.id) for policy in policies)
    for policy in policies:
        state = "" if policy.enabled else "  (off)"
        state += "  (--with-secrets)" if reads_secrets(policy) else ""
        state += f"  (declared {' or '.join(policy.severities)})" if policy.override else ""
        print(f"{policy.severity:<8}  {policy.id:<{width}}  {visible(policy.title)}{state}")
    return 0


app.command("show", help="The same as `auditor explain`.")(explain)


@app.command("test")
def try_policies(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DIR]...", help="Your own folders; without, the shipped ones."),
    ] = None,
    opa: options.Opa = None,
) -> int:
    """Run the samples and the Rego tests of policies; exit 1 if one does not hold."""
    with asked_bundle(folders, None, opa) as asked:
        binary, bundle = asked.opa, asked.bundle
        shipped = shipped_modules(data.policies())
        modules = custom_modules(folders, [one.id for one in shipped]) if folders else shipped
        with OpaEngine(binary, bundle) as engine:
            places = [module.path.parent for module in modules]
            trials = list(
                try_samples(
                    places,
                    bundle,
                    engine,
                    lambda path: ManifestSource([str(path)], sys.stdin.buffer),
                    lambda policy, parameters: _changed(binary, folders, policy, parameters),
                )
            )
        tests = run_rego_tests(binary, modules, bundle.policies.values())
    for trial in trials:
        if not trial.passed:
            print(
                visible(
                    f"FAIL {trial.policy}: {trial.sample}: expected {trial.expected}, found {trial.found}"
                )
            )
    for test in tests:
        if not test.passed:
            print(visible(f"FAIL {test.policy}: {test.name} {test.message}"))
    failed = sum(not one.passed for one in trials) + sum(not one.passed for one in tests)
    figures = ((len(modules), "policy"), (len(trials), "sample"), (len(tests), "Rego test"))
    print(f"{', '.join(plural(number, noun) for number, noun in figures)}: {failed} failed")
    return 1 if failed else 0


@app.command("rbac")
def least_privilege(
    frameworks: options.Frameworks = None,
    policies: options.Policies = None,
    namespaces: Annotated[
        list[str] | None,
        typer.Option("-n", "--namespace", metavar="NAME", help="A Role for this namespace. Repeatable."),
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Of the role.")] = "auditor",
    with_secrets: Annotated[
        bool,
        typer.Option("--with-secrets", help="For such audits; it lets the account read values too."),
    ] = False,
    folders: options.PolicyFolders = None,
    config: options.Config = None,
    opa: options.Opa = None,
) -> int:
    """Print the least rights that an audit needs, as a ClusterRole that says what each rule is for."""
    for one in (name, *(namespaces or ())):
        if not NAME.fullmatch(one):
            raise UsageError(f"{one!r} is no name that an object can have")
    with asked_bundle(folders, config, opa) as asked:
        selection = select(asked.bundle, frameworks or (), policies or (), secrets=with_secrets)
        chosen = selection.judging.values()
    secrets = any(map(reads_secrets, chosen))
    head = [
        f"What `auditor audit` needs for {plural(len(chosen), 'policy')}, bundle {asked.bundle.digest[:19]}: "
        f"no write, {'Secrets' if secrets else 'no Secrets'}. Bind it to the account that audits.",
        "Besides, everybody who is logged in may ask for the version, the API groups and itself "
        "(system:discovery, system:basic-user).",
    ]
    if secrets:
        head.append(
            "The audit asks for the metadata of Secrets and for nothing else of them. No role can grant that "
            "alone: whoever has this one could read what they hold."
        )
    places = {place: least_rights(chosen, place) for place in namespaces or [""]}
    print("\n".join(least_rights_yaml.lines(name, places, head)))
    return 0


@app.command()
def new(
    policy: Annotated[str, typer.Argument(metavar="ID", help="Names the fault, as image_tag_mutable.")],
    into: Annotated[Path, typer.Option(metavar="DIR", help="Where its folder is made.")] = Path(),
) -> int:
    """Make the folder of a new policy, which passes its tests as it is."""
    if policy in {module.id for module in shipped_modules(data.policies())}:
        raise UsageError(f"the id {policy} is taken by a shipped policy", "auditor policies list")
    for path in scaffold(policy, into):
        print(visible(str(path)))
    print(visible(f"Next: auditor policies test {into / policy}"))
    return 0


@contextmanager
def _changed(
    binary: Path, folders: list[Path] | None, policy: str, parameters: Mapping[str, Any]
) -> Iterator[tuple[Bundle, Engine]]:
    overrides = Overrides(parameters={policy: parameters})
    with (
        load_bundle(binary, folders or (), overrides, cache=cache_folder(os.environ)) as bundle,
        OpaEngine(binary, bundle) as engine,
    ):
        yield bundle, engine
