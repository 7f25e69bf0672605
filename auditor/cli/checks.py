"""What a configuration file names, held against what exists; each fault is told with its line."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from auditor.cli.outputs import parse_outputs
from auditor.cli.source import VERSION
from auditor.config.file import ConfigFile
from auditor.errors import UsageError, did_you_mean
from auditor.rules import Bundle


def check_file(config: ConfigFile, formats: Collection[str]) -> None:
    """Check what needs no bundle; `formats` are those of -o. Raises `ConfigError`."""
    _check_outputs(config, formats)
    version = config.settings.kube_version
    if version and not VERSION.fullmatch(version):
        raise config.fault(f"{version!r} is no version", "kube_version", hint="write it as v1.36 or v1.36.3")
    for number, folder in enumerate(config.settings.policy_folders):
        if not Path(folder).is_dir():
            raise config.fault("is no folder", "policy_folders", number)


def check_names(config: ConfigFile, bundle: Bundle) -> None:
    """Check that frameworks and policies exist. Raises `ConfigError`.

    Those under `policies` and `namespaces` were checked when the bundle was built.
    """
    for key, what, named, known in (
        ("frameworks", "framework", config.settings.frameworks, bundle.frameworks),
        ("only_policies", "policy", config.settings.only_policies, bundle.policies),
    ):
        for number, name in enumerate(named):
            if name not in known:
                raise config.fault(f"unknown {what} {name!r}{did_you_mean(name, known)}", key, number)


def _check_outputs(config: ConfigFile, formats: Collection[str]) -> None:
    texts = config.settings.output
    for number, text in enumerate(texts):
        try:
            parse_outputs([text], formats)
        except UsageError as error:
            message = str(error).removeprefix(f"-o {text}: ")
            raise config.fault(message, "output", number, hint=error.hint) from None
    try:
        parse_outputs(texts, formats)
    except UsageError as error:
        raise config.fault(str(error), "output", hint=error.hint) from None
