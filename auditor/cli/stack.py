"""`auditor stack`: the reference monitoring stack, rendered, written as files, and what it is made of.

What it does to a cluster is in `stack_live.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Annotated, Literal

import msgspec
import typer

from auditor import data
from auditor.cli import stack_live, wishes
from auditor.cli.made import make
from auditor.cli.message import Messages
from auditor.errors import UsageError
from auditor.report.text import visible
from auditor.report.write import write
from auditor.stack import overlay
from auditor.stack.choice import choose, flag
from auditor.stack.eject import Tree
from auditor.stack.shipped import load

EXIT_CODES = (
    "Exit codes: 0 done, 2 usage, or an overlay that kustomize refuses, 3 nobody there to render it, "
    "4 it could not be written."
)

app = typer.Typer(help="Render and apply the reference monitoring stack.", no_args_is_help=True)

Output = Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="Where it goes; - is stdout.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Fail if a setting still is a placeholder, as SET-ME.")
]


@app.command("render")
def render_stack(
    profile: wishes.Profile = None,
    more: wishes.With = None,
    less: wishes.Without = None,
    cluster: wishes.Cluster = None,
    environment: wishes.Environment = None,
    api_server_cidr: wishes.ApiServerCidr = None,
    node_cidr: wishes.NodeCidr = None,
    receiver_cidr: wishes.ReceiverCidr = None,
    retention_time: wishes.RetentionTime = None,
    retention_size: wishes.RetentionSize = None,
    storage_size: wishes.StorageSize = None,
    storage_class: wishes.StorageClass = None,
    replicas: wishes.Replicas = None,
    host: wishes.Host = None,
    allow: wishes.Allow = None,
    pairs: wishes.Set = None,
    settings: wishes.SettingsFile = None,
    disable_alert: wishes.DisableAlert = None,
    presets: wishes.Presets = None,
    alerts: wishes.AlertsFile = None,
    strict: Strict = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            "-k", "--kustomize", metavar="DIR", help="Your own overlay, by kustomize or kubectl on PATH."
        ),
    ] = None,
    output: Output = "-",
) -> int:
    """Print the stack as YAML, byte for byte as kustomize does; no cluster and no network is asked."""
    values = wishes.Values(
        profile=profile, more=more, less=less, cluster=cluster, environment=environment,
        api_server_cidr=api_server_cidr, node_cidr=node_cidr, receiver_cidr=receiver_cidr,
        retention_time=retention_time, retention_size=retention_size, storage_size=storage_size,
        storage_class=storage_class, replicas=replicas, host=host, allow=allow, pairs=pairs,
        settings=settings, disable_alert=disable_alert, presets=presets, alerts=alerts,
    )  # fmt: skip
    if folder is not None:
        if values != wishes.Values() or strict:
            raise UsageError(f"-k {folder}: an overlay says all by itself", "leave the other options out")
        program, printed = overlay.build(folder, os.environ)
        Messages().note(f"rendered by {program}")
        write(printed.decode(), _AsItIs(), output)
        return 0
    made = make(values, strict=strict)
    write(made.rendered.text, _AsItIs(), output)
    return 0


@app.command()
def eject(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Where the tree is written: new, or empty.")],
    profile: wishes.Profile = None,
    more: wishes.With = None,
    less: wishes.Without = None,
    cluster: wishes.Cluster = None,
    environment: wishes.Environment = None,
    api_server_cidr: wishes.ApiServerCidr = None,
    node_cidr: wishes.NodeCidr = None,
    receiver_cidr: wishes.ReceiverCidr = None,
    retention_time: wishes.RetentionTime = None,
    retention_size: wishes.RetentionSize = None,
    storage_size: wishes.StorageSize = None,
    storage_class: wishes.StorageClass = None,
    replicas: wishes.Replicas = None,
    host: wishes.Host = None,
    allow: wishes.Allow = None,
    pairs: wishes.Set = None,
    settings: wishes.SettingsFile = None,
    disable_alert: wishes.DisableAlert = None,
    presets: wishes.Presets = None,
    alerts: wishes.AlertsFile = None,
    strict: Strict = False,
) -> int:
    """Write the stack as a tree for kustomize that stands on its own: for Flux, Argo CD, a repository."""
    values = wishes.Values(
        profile=profile, more=more, less=less, cluster=cluster, environment=environment,
        api_server_cidr=api_server_cidr, node_cidr=node_cidr, receiver_cidr=receiver_cidr,
        retention_time=retention_time, retention_size=retention_size, storage_size=storage_size,
        storage_class=storage_class, replicas=replicas, host=host, allow=allow, pairs=pairs,
        settings=settings, disable_alert=disable_alert, presets=presets, alerts=alerts,
    )  # fmt: skip
    made = make(values, strict=strict)
    command = ["auditor", "stack", "eject", "DIR", *values.words()]
    Tree(made.shipped, made.choice, made.rendered, data.deploy()).write(target, command)
    print(visible(f"{target}: kubectl kustomize {target}/overlays/{made.choice.profile}"))
    return 0


@app.command()
def components(
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="NAME", help="Only those of this profile.")
    ] = None,
    output: Annotated[
        Literal["text", "json"], typer.Option("-o", "--output", help="Form of the answer.")
    ] = "text",
) -> int:
    """List the components: what each is for, what it requires, excludes and wants to be set."""
    shipped = load(data.stack(), data.deploy())
    rows = dict(shipped.choices())
    if profile is not None:
        of_profile = choose(shipped, wishes.Values(profile=profile).request()).components
        rows = {name: rows[name] for name in of_profile}
    profiles = {
        name: [one for one, said in shipped.profiles.items() if name in said.components] for name in rows
    }
    if output == "json":
        listed = [
            {
                "name": name,
                "about": row.about,
                "requires": row.requires,
                "requires one of": row.requires_one_of,
                "requires_one_of": row.requires_one_of,
                "conflicts": sorted(shipped.registry.rivals(name)),
                "settings": {key: shipped.registry.settings[key].about for key in row.settings},
                "profiles": profiles[name],
            }
            for name, row in rows.items()
        ]
        print(msgspec.json.format(msgspec.json.encode({"components": listed}), indent=2).decode())
        return 0
    for name, row in rows.items():
        print(f"{name}: {row.about}")
        told = {
            "in": profiles[name],
            "requires": row.requires,
            "requires one of": row.requires_one_of,
            "excludes": sorted(shipped.registry.rivals(name)),
            "settings": [flag(key) for key in row.settings],
        }
        for title, entries in told.items():
            if entries:
                print(f"    {title} {', '.join(entries)}")
    return 0


class _AsItIs:
    """Writes what is text already."""

    def render(self, record: str, /, out: IO[str]) -> None:
        """Write it."""
        out.write(record)


for _command in (
    wishes.taking(stack_live.diff),
    wishes.taking(stack_live.apply),
    stack_live.status,
    stack_live.rollback,
    stack_live.delete,
):
    app.command(epilog=stack_live.EXIT_CODES)(_command)
