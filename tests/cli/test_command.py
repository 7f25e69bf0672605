"""`auditor audit` takes its options as typer does, without what typer needs for it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from auditor.cli.audit import audit
from auditor.cli.command import PlainCommand, PlainGroup

LOADED = """
import sys
from auditor.cli.app import run
run(["audit", "-f", "nowhere", "-o", "json", "--fail-on", "never", "--policy", "host_pid", "--store", "none"])
print(*sorted({"pydantic", "auditor.cli.history", "psutil"} & set(sys.modules)))
"""


def test_an_audit_does_not_wait_for_what_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert "nowhere: no such file" in done.stderr
    assert done.stdout == "\n"


def parsed(
    command: type[TyperCommand], group: type[TyperGroup], arguments: list[str]
) -> dict[str, Any] | str:
    """The values of the options of `auditor audit`, or what is wrong with them."""
    app = typer.Typer(cls=group)
    app.callback()(lambda: None)
    app.command("audit", cls=command)(audit)
    found: Any = typer.main.get_command(app)
    try:
        context = found.commands["audit"].make_context("audit", arguments)
    except typer.TyperException as error:
        return error.format_message()
    params: dict[str, Any] = context.params
    return params


@pytest.mark.parametrize(
    "line",
    [
        "",
        "-f a -f b -n shop --fail-on never -o json=x",
        "--fail-on-system --dry-run",
        "--no-fail-on-system --min-coverage 99.5",
        "--policies here --policies there --config auditor.yaml --store none --color always",
        "--fail-on hihg",
        "--fail-on HIGH",
        "--min-coverage 101",
        "--min-coverage many",
        "--color sometimes",
        "--kubeconfig",
        "--log-format json --waivers none --baseline last",
    ],
)
def test_options_are_read_as_typer_reads_them(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_OPA", "/opt/opa")
    monkeypatch.delenv("AUDITOR_CONFIG", raising=False)
    plain = parsed(PlainCommand, PlainGroup, line.split())
    usual = parsed(TyperCommand, TyperGroup, line.split())
    assert plain == usual
    if isinstance(plain, dict) and isinstance(usual, dict):
        assert {key: type(one) for key, one in plain.items()} == {
            key: type(one) for key, one in usual.items()
        }
        assert plain["opa"] == "/opt/opa"
