"""An audit against those before it: history, baselines and waivers, as a user runs them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from auditor.store.sqlite import SqliteStore
from tests.cli import program
from tests.cli.conftest import Run
from tests.cli.manifests import deployment, write


def host_network(manifest: dict[str, Any]) -> dict[str, Any]:
    """The same Deployment with one fault more, high."""
    manifest["spec"]["template"]["spec"]["hostNetwork"] = True
    return manifest


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A manifest with one finding, critical."""
    return write(tmp_path / "shop.yaml", deployment(privileged=True))


def test_the_second_audit_knows_the_first(run: Run, shop: Path, tmp_path: Path) -> None:
    store = tmp_path / "history.db"
    first = run("audit", "-f", shop, "--store", store, "-o", "json").record
    assert first.delta is None
    assert {one.first_seen.cause for one in first.findings if one.first_seen} == {"first_looked_at"}
    write(shop, host_network(deployment()))
    second = run("audit", "-f", shop, "--store", store, "-o", "json").record
    assert first.history and second.history and second.delta  # noqa: PT018
    assert second.history.previous == first.history.head
    assert [one.policy for one in second.findings if one.fingerprint in second.delta.new] == ["host_network"]
    assert "privileged_container" in {one.policy for one in second.delta.resolved}
    (new,) = second.findings
    assert new.first_seen and new.first_seen.cause == "cluster_changed"  # noqa: PT018


def test_other_manifests_have_a_history_of_their_own(run: Run, shop: Path, tmp_path: Path) -> None:
    store = tmp_path / "history.db"
    run("audit", "-f", shop, "--store", store)
    other = write(tmp_path / "other.yaml", deployment())
    assert run("audit", "-f", other, "--store", store, "-o", "json").record.delta is None


def test_it_is_kept_in_the_home_of_the_user_unless_told_otherwise(run: Run, shop: Path) -> None:
    assert run("audit", "-f", shop, "-o", "json").record.history
    assert run("history", "list").out.count("manifests:") == 1
    assert run("audit", "-f", shop, "--store", "none", "-o", "json").record.history is None
    assert run("history", "list").out.count("manifests:") == 1


def test_with_a_baseline_only_new_findings_fail_the_run(run: Run, shop: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    assert run("audit", "-f", shop, "-o", f"json={baseline}").code == 1
    known = run("audit", "-f", shop, "--baseline", baseline)
    assert known.code == 0
    assert "no new finding at or above high (1 known one does not count)" in known.out
    write(shop, host_network(deployment(privileged=True)))
    more = run("audit", "-f", shop, "--baseline", baseline)
    assert more.code == 1
    assert "1 new finding at or above high" in more.out


def test_the_last_audit_as_the_baseline(run: Run, shop: Path, tmp_path: Path) -> None:
    store = tmp_path / "history.db"
    first = run("audit", "-f", shop, "--store", store, "--baseline", "last")
    assert first.code == 1
    assert f"--baseline last: {store} has no audit of manifests:" in first.err
    assert run("audit", "-f", shop, "--store", store, "--baseline", "last").code == 0
    refused = run("audit", "-f", shop, "--store", "none", "--baseline", "last")
    assert (refused.code, refused.out) == (2, "")
    assert "--baseline last: no store is used" in refused.err


def test_a_baseline_that_is_none(run: Run, shop: Path, tmp_path: Path) -> None:
    for name, says in (("gone.json", "no such file"), (str(shop), "not an audit")):
        ended = run("audit", "-f", shop, "--baseline", name)
        assert (ended.code, ended.out) == (2, "")
        assert says in ended.err


def test_a_waiver_from_the_template_to_the_report(run: Run, shop: Path, tmp_path: Path) -> None:
    report, waivers = tmp_path / "report.json", tmp_path / "waivers.yaml"
    found = run("audit", "-f", shop, "-o", f"json={report}", "-o", "json", "--policy", "privileged_container")
    (finding,) = found.record.findings
    new = run(
        *("waivers", "new", finding.fingerprint[:12], "--audit", report),
        *("--owner", "team-shop", "--approver", "ann@example.org", "--days", "20"),
    )
    assert new.code == 0
    waivers.write_text(new.out)
    assert run("waivers", "check", waivers).code == 2
    reason = '"The proxy needs it until the mesh is replaced."'
    waivers.write_text(new.out.replace('reason: ""', f"reason: {reason}"))
    assert run("waivers", "check", waivers).code == 0
    waived = run("audit", "-f", shop, "--policy", "privileged_container", "--waivers", waivers, "-o", "json")
    assert waived.code == 0
    (finding,) = waived.record.findings
    assert (finding.status, waived.record.summary.findings.waived) == ("waived", 1)
    assert [one.state for one in waived.record.waivers] == ["active"]
    assert waived.record.audit.waivers.startswith("sha256:")


def test_a_waiver_uncovers_what_its_finding_superseded(run: Run, shop: Path, tmp_path: Path) -> None:
    manifest = host_network(deployment())
    manifest["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": 80, "hostPort": 80}]
    write(shop, manifest)
    report, waivers = tmp_path / "report.json", tmp_path / "waivers.yaml"
    network = ("--policy", "host_network", "--policy", "host_port")
    found = run("audit", "-f", shop, *network, "-o", f"json={report}", "-o", "json").record
    assert {one.policy: one.superseded_by for one in found.findings} == {
        "host_network": None,
        "host_port": "host_network",
    }
    (finding,) = (one for one in found.findings if one.policy == "host_network")
    people = ("--owner", "team-shop", "--approver", "ann@example.org", "--days", "20")
    new = run("waivers", "new", finding.fingerprint, "--audit", report, *people)
    reason = "It has to answer on the network of the node."
    waivers.write_text(new.out.replace('reason: ""', f'reason: "{reason}"'))
    waived = run("audit", "-f", shop, *network, "--waivers", waivers, "--fail-on", "medium", "-o", "json")
    assert waived.code == 1
    assert [(one.policy, one.superseded_by) for one in waived.record.findings if one.status == "open"] == [
        ("host_port", None)
    ]


def test_a_baseline_of_something_else_is_remarked_upon(run: Run, shop: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    other = write(tmp_path / "other.yaml", deployment(privileged=True))
    run("audit", "-f", other, "-o", f"json={baseline}")
    ended = run("audit", "-f", shop, "--baseline", baseline)
    assert f"not the same manifests: the baseline is of {other}, this audit of {shop}" in ended.err


def test_an_empty_folder_resolves_nothing(run: Run, shop: Path, tmp_path: Path) -> None:
    store = tmp_path / "history.db"
    asked = ("audit", "-f", shop, "--policy", "host_network", "--store", store)
    run(*asked)
    write(shop, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    ended = run(*asked, "-o", "json")
    assert ended.code == 3
    assert ended.record.delta
    assert not ended.record.delta.resolved
    assert "nothing was collected" in ended.record.delta.unknown[0].reason


def test_a_locked_store_costs_the_record_and_not_the_report(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keywords = SqliteStore.__init__.__kwdefaults__
    assert keywords
    monkeypatch.setitem(keywords, "patience", 0.05)
    store, report = tmp_path / "history.db", tmp_path / "report.json"
    run("audit", "-f", shop, "--store", store)
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ended = run("audit", "-f", shop, "--store", store, "-o", f"json={report}")
    assert ended.code == 4
    assert "another" in ended.err
    assert json.loads(report.read_text())["findings"]


def test_a_home_that_is_read_only_costs_the_history_and_nothing_else(shop: Path, home: Path) -> None:
    (home / "tmp").mkdir()
    home.chmod(0o555)
    store = {"AUDITOR_STORE": str(home / "history.db")}
    for env, code in (({}, 1), (store, 4)):
        ended = program.ended(
            *("audit", "-f", shop), home=home, before=program.powerless(), env={**env, "XDG_CACHE_HOME": "/"}
        )
        assert ended.returncode == code, ended.stderr
        assert "history.db" in ended.stderr
    assert "no history is kept" not in ended.stderr


def test_two_audits_at_once_are_both_kept(shop: Path, tmp_path: Path, run: Run) -> None:
    store = tmp_path / "history.db"
    (tmp_path / "tmp").mkdir(exist_ok=True)
    both = [
        program.Running(["audit", "-f", shop, "--store", store, "--fail-on", "never"], tmp_path)
        for _ in range(2)
    ]
    assert [one.end()[0] for one in both] == [0, 0]
    listed = json.loads(run("history", "list", "--store", store, "-o", "json").out)
    assert len(listed["audits"]) == 2
    assert run("history", "verify", "--store", store).code == 0
