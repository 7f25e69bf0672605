"""`auditor config`: what is in force and where it comes from, and whether the file is right."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from auditor.cli import options
from auditor.cli.checks import check_file, check_names
from auditor.cli.formats import FORMATS
from auditor.cli.wanted import Flags, effective
from auditor.config.file import overrides, read_config
from auditor.config.listing import as_data, as_yaml
from auditor.errors import UsageError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.cache import cache_folder
from auditor.evaluate.find import find_opa
from auditor.report.text import visible

app = typer.Typer(help="Show and check the settings of audits.", no_args_is_help=True)

EXIT_CODES = "Exit codes: 0 it is right, 2 it is not."

Form = Annotated[Literal["yaml", "json"], typer.Option("-o", "--output", help="Form of the answer.")]

File = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", envvar="AUDITOR_CONFIG", help="The auditor.yaml.")
]


@app.command()
def show(
    manifests: options.Manifests = None,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespaces: options.Namespaces = None,
    snapshot: options.Snapshot = None,
    save_snapshot: options.SaveSnapshot = None,
    prometheus: options.Prometheus = None,
    alertmanager: options.Alertmanager = None,
    frameworks: options.Frameworks = None,
    policies: options.Policies = None,
    folders: options.PolicyFolders = None,
    fail_on: options.FailOn = None,
    fail_on_system: options.FailOnSystem = None,
    min_coverage: options.MinCoverage = None,
    baseline: options.Baseline = None,
    waivers: options.Waivers = None,
    store: options.Store = None,
    kube_version: options.KubeVersion = None,
    config: options.Config = None,
    opa: options.Opa = None,
    color: options.Color = None,
    log_format: options.Log = None,
    output: Form = "yaml",
) -> int:
    """Show what an audit with these flags would go by: every setting, and where it comes from."""
    found = effective(
        Flags(
            manifests=manifests,
            context=context,
            kubeconfig=kubeconfig,
            namespaces=namespaces,
            snapshot=snapshot,
            save_snapshot=save_snapshot,
            prometheus=prometheus,
            alertmanager=alertmanager,
            frameworks=frameworks,
            policies=policies,
            folders=folders,
            fail_on=fail_on,
            fail_on_system=fail_on_system,
            min_coverage=min_coverage,
            baseline=baseline,
            waivers=waivers,
            store=store,
            kube_version=kube_version,
            config=config,
            opa=opa,
            color=color,
            log_format=log_format,
        )
    )
    if output == "json":
        print(msgspec.json.format(msgspec.json.encode(as_data(found)), indent=2).decode())
    else:
        print("\n".join(as_yaml(found)))
    return 0


@app.command()
def check(file: File = None, opa: options.Opa = None) -> int:
    """Check a file as an audit would: its keys, and whether what it names exists."""
    if file is None:
        raise UsageError("no file to check", "auditor config check auditor.yaml")
    config = read_config(file)
    check_file(config, FORMATS)
    settings = config.settings
    binary = find_opa(opa or settings.opa, os.environ)
    folders = [Path(one) for one in settings.policy_folders]
    with load_bundle(binary, folders, overrides(config), cache=cache_folder(os.environ)) as bundle:
        check_names(config, bundle)
    off = sum(not policy.enabled for policy in bundle.policies.values())
    print(visible(f"{file}: is right; {len(bundle.policies)} policies, {off} of them switched off"))
    return 0
