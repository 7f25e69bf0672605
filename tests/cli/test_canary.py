"""No credential leaves the program: not even through a policy that repeats all it sees."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import formats
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


FORMATS = ("table", "json", "html", "sarif", "junit", "csv", "markdown", "github", "summary", "metrics")
"""Every form of a report: a new one belongs here, which `test_every_format_is_searched` sees to."""

KINDS = ["workload", "ConfigMap", "Namespace", "Secret"]


def found(data: bytes) -> bool:
    """Tell whether the canary is in bytes: in clear, in base64 at any offset, in hex, or packed so."""
    clear = CANARY.encode()
    # of three offsets in base64, the characters that hang on nothing but the canary
    begins = {0: 0, 1: 2, 2: 3}
    shifted = (base64.b64encode(b"x" * lead + clear)[first:-4] for lead, first in begins.items())
    return any(word in data for word in (clear, clear.hex().encode(), *shifted))


def contents(path: Path) -> bytes:
    """The bytes of a file, unpacked where it is packed, and those of all packed columns of a database."""
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        return gzip.decompress(data)
    if not data.startswith(b"SQLite format 3"):
        return data
    rows = [data]
    with closing(sqlite3.connect(path)) as store:
        for (table,) in store.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in store.execute(f'select * from "{table}"'):
                rows += [_unpacked(one) if isinstance(one, bytes) else str(one).encode() for one in row]
    return b"\n".join(rows)


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return data


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    clear = CANARY.encode()
    for lead in range(3):
        assert found(base64.b64encode(b"abc"[:lead] + clear + b" and more"))
    assert found(b"x" + clear)
    assert not found(b"c4nary-Zq9")
    packed = tmp_path / "a.gz"
    packed.write_bytes(gzip.compress(clear))
    store = tmp_path / "a.db"
    with closing(sqlite3.connect(store)) as made:
        made.execute("create table t (a)")
        made.execute("insert into t values (?)", (zlib.compress(clear),))
        made.commit()
    assert found(contents(packed))
    assert found(contents(store))


def test_every_format_is_searched() -> None:
    assert set(FORMATS) == set(formats.FORMATS)


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_that_is_written_holds_the_canary(tmp_path: Path, home: Path, form: str) -> None:
    manifests = write(tmp_path / "all.yaml", *planted_objects())
    broken = tmp_path / "broken.yaml"
    broken.write_text(f"kind: Secret\nstringData: {{password: {CANARY}\n")
    write_policy(tmp_path / "own", "echo", ECHO, custom={"kinds": KINDS})
    reports = tmp_path / "reports"
    reports.mkdir()
    outputs = {name: reports / f"report.{name}" for name in FORMATS}
    done = ended(
        *("audit", "-f", manifests, "-f", broken, "--policies", tmp_path / "own", "--log-format", form),
        *("--fail-on", "never", "--with-secrets", "--store", home / "history.db"),
        *(word for name, path in outputs.items() for word in ("-o", f"{name}={path}")),
        home=home,
    )
    assert done.returncode == 3, done.stderr
    # the policy did see the objects, and what stands in place of the canary
    seen = outputs["json"].read_text()
    assert '"policy": "echo"' in seen
    assert "class" in seen
    assert "DB_PASSWORD" in seen
    assert {one["resource"]["kind"] for one in json.loads(seen)["findings"] if one["policy"] == "echo"} >= {
        *("Secret", "ConfigMap", "Deployment", "Pod")
    }
    first = json.loads(seen)["findings"][0]["fingerprint"]
    store: list[str | Path] = ["--store", home / "history.db"]
    later: list[list[str | Path]] = [
        ["history", "export", reports / "history.jsonl", *store],
        ["history", "export", reports / "history.gz", *store],
        ["report", "last", *store, "-o", "html"],
        ["diff", outputs["json"], outputs["json"], "-o", "json"],
        ["waivers", "new", first, "--audit", outputs["json"]],
    ]
    texts = [done.stdout.encode(), done.stderr.encode()]
    for words in later:
        again = ended(*words, home=home)
        assert again.returncode == 0, (words, again.stderr)
        texts += [again.stdout.encode(), again.stderr.encode()]
    assert contents(home / "history.db").count(b"DB_PASSWORD"), "the store was not unpacked"
    assert contents(reports / "history.jsonl") == contents(reports / "history.gz")
    files = [path for folder in (home, reports) for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if found(contents(path))]
    assert not [text for text in texts if found(text)]


NOTE = {"annotations": {"example.dev/api-token": CANARY}}
API = "rbac.authorization.k8s.io"
RIGHTS: list[dict[str, Any]] = [
    {
        "apiVersion": f"{API}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "reader", **NOTE},
        "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}],
    },
    {
        "apiVersion": f"{API}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "readers", **NOTE},
        "roleRef": {"apiGroup": API, "kind": "ClusterRole", "name": "reader"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "shop"}],
    },
]


@pytest.mark.parametrize("form", ["table", "json"])
def test_commands_that_ask_hold_no_canary(tmp_path: Path, home: Path, form: str) -> None:
    manifests = write(tmp_path / "all.yaml", *planted_objects(), *RIGHTS)
    change = write(tmp_path / "change.yaml", *planted_objects()[:3])
    drawn: list[list[str | Path]] = [
        ["reach", "external", "-o", "svg"],
        ["reach", "external", "-o", "dot"],
        ["reach", "--diff", change, "--whole", "-o", "svg"],
    ]
    asking: list[list[str | Path]] = [
        ["reach", "external", "-o", form],
        ["reach", "--diff", change, "--whole", "-o", form],
        ["who-can", "get", "secrets", "-o", form],
        ["access", "shop/default", "-o", form],
    ]
    for words in (*asking, *drawn):
        done = ended(*words, "-f", manifests, home=home)
        assert done.returncode in (0, 1, 3), (words, done.stderr)
        assert done.stdout, words
        assert not found((done.stdout + done.stderr).encode()), words
