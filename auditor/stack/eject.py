"""A choice as a tree for kustomize, which stands on its own: for Flux, Argo CD, or a repository."""

from __future__ import annotations

import secrets
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from auditor import __version__
from auditor.errors import OutputError, UsageError
from auditor.report.text import visible
from auditor.stack import alerts
from auditor.stack.choice import Choice
from auditor.stack.compose import identity
from auditor.stack.patches import Object, difference
from auditor.stack.render import Rendered, plain
from auditor.stack.shipped import SETTINGS_NAME, Shipped

ALERTS = "alerts"
"""The component of the overlay that puts rule files with fewer alerts in the place of the shipped ones."""

_README = """\
# The monitoring stack, as files for kustomize

Written by auditor {version} from the profile {profile}:

```sh
{command}
```

`kubectl kustomize overlays/{profile}` prints what `auditor stack render` prints with the same options.

| folder | what it is | whose |
|---|---|---|
| `base/`, `components/` | copies of what ships with auditor {version} | ours: replaced when you upgrade |
| `overlays/{profile}/` | components, settings, patches{alerts} | yours |

Point Flux or Argo CD at `overlays/{profile}`, or `kubectl apply --server-side -k overlays/{profile}`. Before
that, fill in `overlays/{profile}/settings.yaml`, and create the Secrets that the READMEs in `components/`
name{certificates}.

To upgrade, eject with the newer auditor and the options above into another folder, and take over its
`base/` and `components/`{rules}.
"""


class Tree:
    """The files to be written, by their path in the tree."""

    def __init__(self, shipped: Shipped, choice: Choice, rendered: Rendered, deploy: Path) -> None:
        """Take what is to be written, and the deploy/ that ships."""
        self.shipped, self.choice, self.rendered, self.deploy = shipped, choice, rendered, deploy

    def write(self, folder: Path, command: Sequence[str]) -> None:
        """Write everything into an empty or new folder, whole or not at all.

        Raises `UsageError` if there is something in it, and `OutputError` if it cannot be written.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder}: is not empty", "name a new folder; nothing is overwritten")
        partial = folder.absolute().with_name(f".auditor-{secrets.token_hex(8)}.tmp")
        try:
            partial.mkdir()
            self._copy(partial)
            for path, content in self.files(command):
                (partial / path).parent.mkdir(parents=True, exist_ok=True)
                (partial / path).write_text(content, encoding="utf-8")
            partial.replace(folder.absolute())
        except OSError as error:
            raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    @property
    def _components(self) -> list[str]:
        return [*self.choice.components, *self.shipped.registry.always]

    def _copy(self, folder: Path) -> None:
        # with the modes of new files: those of an installed package may be read-only
        for part in ("base", *(f"components/{name}" for name in self._components)):
            shutil.copytree(self.deploy / part, folder / part, copy_function=shutil.copyfile)
        if "cert-manager" not in self.choice.components:
            script = shutil.copyfile(self.deploy / "certificates.sh", folder / "certificates.sh")
            script.chmod(0o755)

    def files(self, command: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield path and content of every file that is no copy."""
        overlay = f"overlays/{self.choice.profile}"
        patches = dict(self._patches())
        yield "README.md", self._readme(command)
        yield f"{overlay}/kustomization.yaml", _yaml(self._kustomization(patches))
        yield f"{overlay}/settings.yaml", self._settings()
        for target, operations in patches.items():
            yield f"{overlay}/{_file(target)}", _yaml(operations)
        if self.rendered.off:
            rules = self._rules()
            yield f"{overlay}/{ALERTS}/kustomization.yaml", self._alerts(rules)
            for config_map, texts in rules.items():
                for key, text in texts.items():
                    yield f"{overlay}/{ALERTS}/{config_map}/{key}", text

    def _readme(self, command: Sequence[str]) -> str:
        own = (
            "" if "cert-manager" in self.choice.components else "; `certificates.sh` prints those of the TLS"
        )
        return _README.format(
            version=__version__,
            profile=self.choice.profile,
            command=visible(shlex.join(command)),
            alerts=", and in `alerts/` the rule files without what is switched off"
            if self.rendered.off
            else "",
            rules=f", and `overlays/{self.choice.profile}/alerts/`" if self.rendered.off else "",
            certificates=own,
        )

    def _kustomization(self, patches: Mapping[str, Any]) -> Object:
        components = [f"../../components/{name}" for name in self._components]
        if self.rendered.off:
            components.append(ALERTS)
        made: Object = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": ["../../base", "settings.yaml"],
            "components": components,
        }
        if patches:
            made["patches"] = [{"path": _file(one), "target": _target(one)} for one in patches]
        return made

    def _settings(self) -> str:
        """The ConfigMap that the component settings reads, each key with what it is for."""
        lines = [
            "# All that a user has to set. It is used while rendering, and is not part of what is applied.",
            "apiVersion: v1",
            "kind: ConfigMap",
            "metadata:",
            f"  name: {SETTINGS_NAME}",
            "  annotations:",
            '    config.kubernetes.io/local-config: "true"',
            "data:",
        ]
        for key, value in self.choice.settings.items():
            lines.append(f"  # {self.shipped.registry.settings[key].about}")
            if self.shipped.registry.settings[key].kind == "cidrs" and "," in value:
                lines.append("  # (where they are entries of a list, the patches beside this file say them)")
            lines += [f"  {line}" for line in _yaml({key: value}).splitlines()]
        return "\n".join(lines) + "\n"

    def _patches(self) -> Iterator[tuple[str, list[Object]]]:
        """What no setting says: the difference to what components and settings give alone."""
        before = {identity(one): one for one in plain(self.shipped, self.choice)}
        for one in self.rendered.objects:
            target = identity(one)
            rules = alerts.rule_files(one)
            after = {**one, "data": before[target]["data"]} if rules else one
            if operations := list(difference(before[target], after)):
                yield (
                    target,
                    [{"op": each.op, "path": each.path, "value": each.value} for each in operations],
                )

    def _rules(self) -> dict[str, dict[str, str]]:
        """The rule files from which something was cut, by ConfigMap."""
        before = {identity(one): one for one in plain(self.shipped, self.choice)}
        found: dict[str, dict[str, str]] = {}
        for one in self.rendered.objects:
            for key, text in alerts.rule_files(one).items():
                if text != before[identity(one)]["data"][key]:
                    found.setdefault(identity(one), {})[key] = text
        return {f"{target.rpartition('/')[2]}": texts for target, texts in found.items()}

    def _alerts(self, rules: Mapping[str, Mapping[str, str]]) -> str:
        listed = [one for one in self.rendered.objects if alerts.rule_files(one)]
        namespaces = {one["metadata"]["name"]: one["metadata"]["namespace"] for one in listed}
        generators = [
            {
                "name": name,
                "namespace": namespaces[name],
                "behavior": "merge",
                "files": [f"{name}/{key}" for key in texts],
            }
            for name, texts in rules.items()
        ]
        made = {
            "apiVersion": "kustomize.config.k8s.io/v1alpha1",
            "kind": "Component",
            "configMapGenerator": generators,
        }
        return self.rendered.head + _yaml(made)


def _yaml(value: Any) -> str:
    return yaml.dump(
        value,
        Dumper=yaml.CSafeDumper,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=True,
        width=2**31 - 1,
    )


def _target(target: str) -> dict[str, str]:
    group, kind, namespace, name = target.split("/")
    parts = {"group": group, "kind": kind, "namespace": namespace, "name": name}
    return {key: value for key, value in parts.items() if value}


def _file(target: str) -> str:
    _, kind, namespace, name = target.split("/")
    return "-".join(part for part in ("patch", kind.lower(), namespace, name) if part) + ".yaml"
