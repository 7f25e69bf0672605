"""How a person sees with kubectl what a finding is about: the command that shows that place.

https://kubernetes.io/docs/reference/kubectl/jsonpath/
"""

from __future__ import annotations

import re
import shlex

from auditor.document.kinds import KINDS
from auditor.record import Finding

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_QUOTABLE = re.compile(r"[A-Za-z0-9_./:*-]+")
_MAPPINGS = frozenset(("annotations", "labels", "matchLabels", "data", "nodeSelector", "limits", "requests"))
"""Fields whose keys users choose: a number below them is a key, not a place in a list."""


def command(finding: Finding) -> str:
    """Return a line for a shell, "" where no cluster has the object: a manifest, or what is no object."""
    resource = finding.resource
    if resource.source is not None or resource.kind not in KINDS or not resource.name:
        return ""
    group, _, version = resource.apiVersion.rpartition("/")
    kind = f"{resource.kind}.{version}.{group}" if group else resource.kind
    where = ["--namespace", resource.namespace] if resource.namespace else []
    expression = _jsonpath(finding.path)
    output = f"jsonpath={expression}" if expression else "yaml"
    return shlex.join(["kubectl", "get", f"{kind}/{resource.name}", *where, "--output", output])


def _jsonpath(pointer: str) -> str:
    """Return a JSON pointer as kubectl wants it, "" for the whole object or where it cannot be written."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    written, before = "", ""
    for part in parts:
        if part.isdecimal() and part.isascii() and before not in _MAPPINGS:
            written += f"[{part}]"
        elif _KEY.fullmatch(part):
            written += f".{part}"
        elif _QUOTABLE.fullmatch(part):
            escaped = part.replace(".", "\\.")
            written += f"['{escaped}']"
        else:
            return ""
        before = part
    return f"{{{written}}}" if written else ""
