"""No credential leaves the program: not even through a policy that repeats all it sees."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.cli.manifests import write
from tests.cli.program import ended
from tests.document.test_canary import CANARY, planted_objects
from tests.evaluate.custom import write_policy

ECHO = """
fail contains {"path": "", "key": "object", "message": json.marshal(seen), "evidence": seen} if {
	seen := {"meta": input.meta, "spec": input.spec}
}

fail contains {"path": "", "key": "pod", "message": json.marshal(seen), "evidence": seen} if {
	seen := {"pod": input.pod, "containers": input.containers}
}
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_that_is_written_holds_the_canary(tmp_path: Path, home: Path, form: str) -> None:
    manifests = write(tmp_path / "all.yaml", *planted_objects())
    broken = tmp_path / "broken.yaml"
    broken.write_text(f"kind: Secret\nstringData: {{password: {CANARY}\n")
    write_policy(tmp_path / "own", "echo", ECHO, custom={"kinds": ["workload", "ConfigMap", "Namespace"]})
    outputs = {name: tmp_path / f"report.{name}" for name in ("table", "json", "html")}
    done = ended(
        *("audit", "-f", manifests, "-f", broken, "--policies", tmp_path / "own", "--log-format", form),
        *("--fail-on", "never"),
        *(word for name, path in outputs.items() for word in ("-o", f"{name}={path}")),
        home=home,
    )
    assert done.returncode == 3, done.stderr
    texts = [done.stdout, done.stderr, *(path.read_text() for path in outputs.values())]
    # the policy did see the objects, and what stands in place of the canary
    assert '"policy": "echo"' in texts[3]
    assert "class" in texts[3]
    assert "DB_PASSWORD" in texts[3]
    for text in texts:
        assert CANARY not in text
        assert base64.b64encode(CANARY.encode()).decode() not in text
    left = [path for path in home.rglob("*") if path.is_file()]
    assert not [path for path in left if CANARY.encode() in path.read_bytes()]
