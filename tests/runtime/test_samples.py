"""A sample says what running programs say: `# observed: {...}`."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.trial import NOW
from tests.cli.program import ended

POLICY = "my_retention_drift"

MODULE = """\
# METADATA
# title: Prometheus keeps something else
# description: What runs counts, whatever the manifests say of it.
# related_resources: [{ref: "https://prometheus.io/docs/"}]
# custom:
#   severity: low
#   category: retention
#   kinds: [Deployment]
#   needs: [prometheus_runtime]
#   remediation: Ask somebody who knows.
package k8s.my_retention_drift

fail contains {"path": "/spec", "message": one.told.retention} if {
	some one in input.related.prometheus_runtime
	one.told.retention != "30d"
}
"""

TEST = """\
package k8s.my_retention_drift_test

import data.k8s.my_retention_drift

test_nobody_asked if {
	count(my_retention_drift.fail) == 0 with input as {"related": {"prometheus_runtime": []}}
}
"""

SAMPLE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: registry.example.com/web:1}]}
"""

OBSERVED = f'# observed: {{"program":"prometheus","namespace":"shop","name":"web","url":"http://a","at":"{NOW}","told":'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "policies" / POLICY
    (folder / "samples").mkdir(parents=True)
    (folder / f"{POLICY}.rego").write_text(MODULE)
    (folder / f"{POLICY}_test.rego").write_text(TEST)
    (folder / "samples" / "pass.yaml").write_text(f'{OBSERVED}{{"retention":"30d"}}}}\n{SAMPLE}')
    (folder / "samples" / "fail.yaml").write_text(f'{OBSERVED}{{"retention":"1d"}}}}\n{SAMPLE}')
    return folder


def test_they_are_judged_by_it(folder: Path, tmp_path: Path) -> None:
    done = ended("policies", "test", folder.parent, home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 samples" in done.stdout


def test_a_line_that_is_none(folder: Path, tmp_path: Path) -> None:
    path = folder / "samples" / "pass.yaml"
    path.write_text('# observed: {"program": 1}\n' + path.read_text())
    done = ended("policies", "test", folder.parent, home=tmp_path)
    assert done.returncode == 1
    assert "found a line `# observed:` that is no observation: Expected `str`" in done.stdout
    assert "Traceback" not in done.stderr
