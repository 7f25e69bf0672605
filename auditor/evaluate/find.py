"""Finds the OPA binary and makes sure that it is one we can use."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from auditor.errors import EngineError
from auditor.evaluate.cache import cache_folder

OLDEST = (1, 0, 0)
"""The first OPA whose default language is Rego v1, which the policies are written in.

https://www.openpolicyagent.org/docs/v0-upgrade
"""
TOO_NEW = (2, 0, 0)
"""A new major version may change the language or the commands that we rely on."""

PATIENCE = 30.0
"""Seconds that `opa version` may take; it needs hundredths, a cold disk more."""

HINT = (
    "`make setup` in a checkout builds OPA, the wheel auditor-opa brings it, "
    "--opa or AUDITOR_OPA names one that you have"
)


def find_opa(explicit: str | None, environ: Mapping[str, str]) -> Path:
    """Return the path of the OPA binary to use.

    Looked up in this order: `explicit` (the flag --opa), AUDITOR_OPA, the package auditor-opa,
    PATH, the newest one that tools/build.py left in its cache folder. One that is named but is
    not a file raises `EngineError`, and so does finding none. Whether it is an OPA that we can
    use is the question of `opa_version`.
    """
    for name, value in (("--opa", explicit), ("AUDITOR_OPA", environ.get("AUDITOR_OPA"))):
        if value:
            return _named(name, value)
    found = _packaged() or shutil.which("opa", path=environ.get("PATH", "")) or _built(environ)
    if not found:
        raise EngineError("OPA, the engine that evaluates the policies, was not found", hint=HINT)
    return Path(found).absolute()


def opa_version(opa: Path) -> str:
    """Return the version of an OPA binary, such as `1.22.2`.

    Raises `EngineError` if it cannot be run, is not OPA, or is older than `OLDEST` or not older
    than `TOO_NEW`.
    """
    try:
        run = subprocess.run(
            [opa, "version"],
            env=scrubbed(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"{opa}: no answer to `opa version` in {PATIENCE:.0f} s", hint=HINT) from error
    except OSError as error:
        raise EngineError(f"{opa}: cannot be run as OPA: {error.strerror}", hint=HINT) from error
    match = re.search(rb"^Version: ((\d+)\.(\d+)\.(\d+)\S*)", run.stdout, re.MULTILINE)
    if not match:
        raise EngineError(f"{opa}: is not OPA: `opa version` names no version", hint=HINT)
    version = match[1].decode(errors="backslashreplace")
    if not OLDEST <= (int(match[2]), int(match[3]), int(match[4])) < TOO_NEW:
        wanted = f"at least {_dotted(OLDEST)} and below {_dotted(TOO_NEW)}"
        raise EngineError(f"{opa}: is OPA {version}, needed is {wanted}", hint=HINT)
    return version


def opa_identity(opa: Path) -> list[str | int] | None:
    """Return what changes whenever another program lies at this path; None if nothing tells.

    That is so for a version manager's script, and for its link to a program of another name: which
    OPA it starts is decided each time anew. The last change of the file (ctime) is part of it, for
    tools that put back its date.
    """
    try:
        real = opa.resolve(strict=True)
        found = real.stat()
        with real.open("rb") as file:
            script = file.read(2) == b"#!"
    except (OSError, RuntimeError):  # a link that leads to itself is a RuntimeError
        return None
    if script or "opa" not in real.name:
        return None
    return [str(opa.absolute()), str(real), found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def scrubbed(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without OPA_*, each of which OPA reads as one of its own flags."""
    return {name: value for name, value in environ.items() if not name.startswith("OPA_")}


def _named(name: str, value: str) -> Path:
    path = Path(value).expanduser()
    if not path.is_file():
        raise EngineError(f"{name}: {value} is not a file", hint=HINT)
    return path.absolute()


def _packaged() -> Path | None:
    """Return the binary of the distribution auditor-opa, an optional one."""
    if importlib.util.find_spec("auditor_opa") is None:
        return None
    return Path(importlib.import_module("auditor_opa").binary())


def _built(environ: Mapping[str, str]) -> Path | None:
    """Return the newest binary in the cache folder of tools/build.py."""
    folder = cache_folder(environ)
    # The name ends in a hexadecimal digest; a build under way ends in `.partial`.
    built = folder.glob("tools/opa-*[0-9a-f]/bin/opa") if folder else ()
    return max(built, key=lambda path: path.stat().st_mtime_ns, default=None)


def _dotted(version: tuple[int, int, int]) -> str:
    return ".".join(str(number) for number in version)
