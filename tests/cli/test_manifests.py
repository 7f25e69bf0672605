"""Manifests that are broken, huge, odd or hostile: the good ones are judged, the rest is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli import program
from tests.cli.conftest import Ended, Run
from tests.cli.manifests import containers, deployment, write


def judged(ended: Ended) -> set[str]:
    """Names of the objects with findings."""
    return {one.resource.name for one in ended.record.findings}


BROKEN = {
    "syntax": (b"a: [1\nb: }\n", ":"),
    "tab": (b"a:\n\tb: 1\n", ":2: a tab stands where only spaces may"),
    "binary": (bytes(range(256)) * 40, ":"),
    "NUL": (b"kind: \0\n", ":1: not valid text in UTF-8: "),
    "deep": (b"a: " + b"[" * 5000 + b"]" * 5000, ":1: nested more than 100 levels deep"),
    "anchor bomb": (
        b"a: &a ["
        + b"x," * 9
        + b"x]\n"
        + b"".join(
            b"%c: &%c [%s]\n" % (new, new, b",".join([b"*%c" % old] * 10))
            for old, new in zip(b"abcdefg", b"bcdefgh", strict=True)
        ),
        ": aliases expand to more than 400,000 values",
    ),
    "no name": (b"apiVersion: v1\nkind: Pod\nmetadata: {}\n", ": metadata.name is missing"),
    "kind that is no text": (b"apiVersion: v1\nkind: 1\n", ": kind is a number, and must be text"),
}


@pytest.mark.parametrize(("data", "cause"), BROKEN.values(), ids=BROKEN)
def test_broken_file_beside_a_good_one(audited: Run, data: bytes, cause: str, tmp_path: Path) -> None:
    write(tmp_path / "good.yaml", deployment(privileged=True))
    (tmp_path / "bad.yaml").write_bytes(data)
    ended = audited("-f", tmp_path, "-o", "json")
    assert judged(ended) == {"web"}
    [gap] = ended.record.gaps
    assert gap.reason.startswith(f"{tmp_path / 'bad.yaml'}:")
    assert cause in gap.reason
    assert ended.record.summary.coverage < 1
    assert ended.code == 1
    note = ended.err.splitlines()[-1]
    assert "at or above high; coverage " in note
    assert note.endswith("is below 100%")


def test_broken_document_beside_good_ones(audited: Run, tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    texts = [json.dumps(deployment(name)) for name in ("one", "two")]
    path.write_text(f"{texts[0]}\n---\na: }}\n---\n{texts[1]}\n")
    ended = audited("-f", path, "-o", "json")
    assert ended.record.summary.documents == 2
    assert [gap.reason.rpartition(": ")[0] for gap in ended.record.gaps] == [f"{path}:3"]
    assert ended.code == 3
    assert ended.err.startswith("note: exit 3: coverage ")


def test_lower_bar_lets_a_gap_pass(audited: Run, tmp_path: Path) -> None:
    write(tmp_path / "good.yaml", deployment())
    (tmp_path / "bad.yaml").write_text("a: }")
    assert audited("-f", tmp_path, "-o", "json", "--min-coverage", "0").code == 0


@pytest.mark.parametrize("data", [b"", b"\n\n", b"---\n---\n", b"# only a comment\n", b"\xef\xbb\xbf"])
def test_empty_file_is_neither_gap_nor_finding(audited: Run, data: bytes, tmp_path: Path) -> None:
    write(tmp_path / "good.yaml", deployment())
    (tmp_path / "empty.yaml").write_bytes(data)
    ended = audited("-f", tmp_path, "-o", "json")
    assert (ended.code, ended.record.gaps, ended.record.summary.documents) == (0, (), 1)


def test_only_an_empty_file_is_incomplete(audited: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").touch()
    ended = audited("-f", tmp_path, "-o", "json")
    assert ended.code == 3
    assert "nothing was collected" in ended.err


def test_unreadable_file_and_folder(tmp_path: Path, home: Path) -> None:
    manifests = tmp_path / "manifests"
    (manifests / "closed").mkdir(parents=True)
    write(manifests / "good.yaml", deployment())
    write(manifests / "secret.yaml", deployment("secret")).chmod(0)
    (manifests / "closed").chmod(0)
    ended = program.ended("audit", "-f", manifests, "-o", "json", home=home, before=program.powerless())
    (manifests / "closed").chmod(0o700)
    assert ended.returncode == 3, ended.stderr
    record = json.loads(ended.stdout)
    assert [gap["reason"] for gap in record["gaps"]] == [
        f"{manifests / 'closed'}: cannot be read: Permission denied",
        f"{manifests / 'secret.yaml'}: cannot be read: Permission denied",
    ]
    assert record["summary"]["documents"] == 1
    assert record["summary"]["coverage"] < 1


def test_annotations_of_one_mebibyte(audited: Run, tmp_path: Path) -> None:
    """Over the bound for documents (256 KiB): without a verdict, and the neighbour is judged as ever."""
    huge = deployment("huge", privileged=True)
    huge["spec"]["template"]["metadata"]["annotations"] = {"note": "ä" * 2**19}
    path = write(tmp_path / "a.yaml", huge, deployment("small", privileged=True))
    ended = audited("-f", path, "-o", "json")
    unjudged = ended.record.not_evaluated
    assert judged(ended) == {"small"}
    reasons = {(one.resource.name, one.reason) for one in unjudged if one.resource}
    [(name, reason)] = reasons
    assert name == "huge"
    assert re.fullmatch(r"it has 10\d\d KiB; documents over 256 KiB are not judged", reason)
    bundle = ended.record.audit.bundle
    judging = {one.policy for one in bundle.rules if "Deployment" in one.kinds}
    assert {one.policy for one in unjudged} == judging.intersection(bundle.policies)
    assert ended.record.summary.coverage < 1
    assert (ended.code, "is below 100%" in ended.err) == (1, True)


def test_a_thousand_containers(audited: Run, tmp_path: Path) -> None:
    many = deployment()
    [one] = containers(many)
    many["spec"]["template"]["spec"]["containers"] = [
        {**one, "name": f"c{n}", "securityContext": {"privileged": True}} for n in range(1000)
    ]
    ended = audited("-f", write(tmp_path / "a.yaml", many), "-o", "json")
    found = {one.path for one in ended.record.findings if one.policy == "privileged_container"}
    assert found == {f"/spec/template/spec/containers/{n}/securityContext/privileged" for n in range(1000)}
    assert (ended.code, ended.record.not_evaluated) == (1, ())


def test_ten_thousand_documents_in_one_file(audited: Run, tmp_path: Path) -> None:
    """Every one is counted; time is bounded by what is done: the one policy that is asked for."""
    path = write(tmp_path / "a.yaml", *(deployment(f"web-{n}", privileged=n == 9999) for n in range(10_000)))
    ended = audited("-f", path, "--policy", "privileged_container", "-o", "json")
    summary = ended.record.summary
    assert (summary.resources, summary.documents, summary.evaluations) == (10_000, 10_000, 10_000)
    assert judged(ended) == {"web-9999"}
    [finding] = ended.record.findings
    assert finding.resource.source
    assert finding.resource.source.document == 10_000


def test_names_in_every_script(audited: Run, tmp_path: Path) -> None:
    """The API server would refuse them; a manifest may hold them, and reports show them."""
    names = ["größe", "名前", "имя", "שם", "🚢"]
    path = write(tmp_path / "dépôt.yaml", *(deployment(name, privileged=True) for name in names))
    ended = audited("-f", path, "-o", "json")
    assert judged(ended) == set(names)
    ended = audited("-f", path)
    assert all(name in ended.out for name in names)
    assert ended.code == 1


def test_duplicate_keys_are_told_and_the_last_counts(audited: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    text = json.dumps(deployment(), indent=1)
    assert text.count('"runAsNonRoot": true') == 1
    path.write_text(
        text.replace(
            '"runAsNonRoot": true', '"runAsNonRoot": true,\n"privileged": false,\n"privileged": true'
        )
    )
    ended = audited("-f", path, "-o", "json")
    line = path.read_text().splitlines().index('"privileged": true,') + 1
    assert ended.err.splitlines()[0] == (
        f"warning: {path}:{line}: the key stands twice in its mapping; the last one counts"
    )
    assert "privileged_container" in {one.policy for one in ended.record.findings}


def test_many_duplicate_keys_are_counted(audited: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("---\n".join("a: 1\na: 2\n" for _ in range(50)))
    ended = audited("-f", path)
    assert sum("the key stands twice" in line for line in ended.err.splitlines()) == 20
    assert "warning: 30 more like these" in ended.err.splitlines()


@pytest.mark.parametrize("where", ["missing", "broken", "configuration", "policies"])
def test_hostile_file_names_are_made_visible(
    run: Run, request: pytest.FixtureRequest, where: str, tmp_path: Path
) -> None:
    name = "a\x1b[2J\u202eb\n.yaml"
    path = tmp_path / name
    if where == "missing":
        ended = run("audit", "-f", path)
    elif where == "configuration":
        path.write_text("polices: {}")
        ended = run("audit", "-f", tmp_path, "--config", path)
    elif where == "policies":
        ended = run("audit", "-f", tmp_path, "--policies", path)
    else:
        path.write_text("a: }")
        ended = request.getfixturevalue("audited")("-f", path)
    shown = ended.out + ended.err
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "\\x1b[2J\\u202eb" in shown
    assert ended.code == (3 if where == "broken" else 2)
