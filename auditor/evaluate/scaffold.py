"""Makes the folder of a new policy: one that passes its own tests, to be changed from there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from auditor.errors import OutputError, UsageError
from auditor.evaluate.metadata import ID

_POLICY = """\
# METADATA
# title: Container is called change-me
# description: >-
#   Say in two or three sentences why this matters, in words that a reviewer understands. This
#   example fails containers named "change-me".
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   remediation: Say what to change, and where.
package k8s.{id}

fail contains {{
	"path": container.path,
	"message": sprintf("Container %s is called change-me.", [container.name]),
	"evidence": {{"container": container.name, "role": container.role}},
}} if {{
	some container in input.containers
	container.name == "change-me"
}}
"""

_TEST = """\
package k8s.{id}_test

import data.k8s.{id}

test_fails_on_the_name if {{
	found := {id}.fail with input as {{"containers": [_container("change-me")]}}
	{{finding.path | some finding in found}} == {{"/spec/containers/0"}}
}}

test_passes_another_name if {{
	count({id}.fail) == 0 with input as {{"containers": [_container("web")]}}
}}

_container(name) := {{"name": name, "role": "app", "path": "/spec/containers/0", "body": {{}}}}
"""

_SAMPLE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: {{app: web}}
  template:
    metadata:
      labels: {{app: web}}
    spec:
      containers:
        - name: {name}
          image: registry.example/web:1.0
"""


def scaffold(policy_id: str, parent: Path) -> list[Path]:
    """Write the folder `parent`/`policy_id` and return its files.

    Raises `UsageError` for an id that is no id or a folder that exists, `OutputError` if it cannot
    be written.
    """
    if not ID.fullmatch(policy_id) or policy_id.endswith("_test"):
        raise UsageError(f"{policy_id!r} is no policy id", "lower case words joined by _, naming the fault")
    folder = parent / policy_id
    if folder.exists():
        raise UsageError(f"{folder}: exists already", "choose another id, or another folder by --into")
    files: Mapping[str, str] = {
        f"{policy_id}.rego": _POLICY.format(id=policy_id),
        f"{policy_id}_test.rego": _TEST.format(id=policy_id),
        "samples/pass.yaml": _SAMPLE.format(name="web"),
        "samples/fail.yaml": _SAMPLE.format(name="change-me"),
    }
    written = []
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from None
    return written
