"""Which files of a user's folder are policies, and which are refused before OPA sees them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor import data
from auditor.errors import BundleError
from auditor.evaluate.stage import (
    MAX_BYTES,
    RULES,
    Module,
    custom_modules,
    lay_out,
    library,
    rule_names,
    shipped_modules,
)
from tests.cli.program import ROOT, powerless
from tests.evaluate.custom import write_policy, write_text


def refusal(*folders: Path) -> str:
    with pytest.raises(BundleError) as caught:
        custom_modules(folders, ["host_pid"])
    return str(caught.value)


def test_what_ships() -> None:
    modules = shipped_modules(data.policies())
    assert [module.id for module in modules] == sorted(path.name for path in data.policies().glob("k8s/*"))
    assert not any(module.custom for module in modules)
    files = library(data.policies())
    assert files["main/main.rego"] == (data.policies() / "main/main.rego").read_bytes()
    assert not [name for name in files if name.endswith("_test.rego")]


def test_a_folder_of_many_and_the_folder_of_one(tmp_path: Path) -> None:
    """By id, tests and samples left out, wherever they lie."""
    second = write_policy(tmp_path / "samples" / "team", "second")
    first = write_policy(tmp_path / "samples" / "deep" / "down", "first")
    first.with_name("first_test.rego").write_text("package k8s.first_test\n")
    write_text(first.parent / "samples", "no_policy", b"")
    for folders in ([tmp_path / "samples"], [second.parent, first.parent]):
        found = custom_modules(folders, ["host_pid"])
        assert [(module.id, module.path) for module in found] == [("first", first), ("second", second)]
        assert found[0].source == first.read_bytes()


def test_the_folder_may_be_named_by_a_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_policy(tmp_path).parent)
    [module] = custom_modules([Path()], [])
    assert module.id == "mine"


def test_a_mounted_config_map_shows_each_file_once(tmp_path: Path) -> None:
    """The kubelet puts files into a dated folder and links to it, twice."""
    path = write_policy(tmp_path / "..2026_11_24")
    (tmp_path / "..data").symlink_to("..2026_11_24")
    (tmp_path / "mine").symlink_to("..data/mine")
    assert [module.path for module in custom_modules([tmp_path], [])] == [path]


def test_no_folder_and_no_policy(tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent") == f"--policies {tmp_path}/absent: no such folder"
    assert refusal(write_policy(tmp_path)).endswith("mine.rego: no such folder")
    (tmp_path / "empty").mkdir()
    assert refusal(tmp_path / "empty") == f"--policies {tmp_path}/empty: no policy in it"


@pytest.mark.parametrize("name", ["Mine", "mi-ne", "mine_", "mine_test", "mine\n", "1", "mï"])
def test_a_name_that_is_no_id(tmp_path: Path, name: str) -> None:
    path = write_policy(tmp_path, name)
    assert refusal(tmp_path) == f"{path}: {name!r} is no policy id"


def test_a_file_in_a_folder_of_another_name(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    other = path.rename(path.with_name("other.rego"))
    assert refusal(tmp_path) == f"{other}: a policy lies in a folder of its own name, other/other.rego"


def test_a_second_file_in_the_folder_is_not_ignored(tmp_path: Path) -> None:
    second = write_policy(tmp_path).with_name("more.rego")
    second.write_text("package k8s.mine\n")
    assert refusal(tmp_path).startswith(f"{second}: a policy lies in a folder of its own name")


def test_a_taken_id(tmp_path: Path) -> None:
    path = write_policy(tmp_path, "host_pid")
    assert refusal(tmp_path) == f"{path}: the id host_pid is taken by a shipped policy"


def test_a_link_that_leads_out(tmp_path: Path) -> None:
    """OPA's messages quote lines: what the link leads to would be shown."""
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    path = tmp_path / "folder" / "mine" / "mine.rego"
    path.parent.mkdir(parents=True)
    path.symlink_to(secret)
    assert refusal(tmp_path / "folder") == f"{path}: is a link that leads out of {tmp_path}/folder"


def test_a_link_within_the_folder_is_fine(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    path.rename(tmp_path / "text")
    path.symlink_to(tmp_path / "text")
    assert len(custom_modules([tmp_path], [])) == 1


def test_a_link_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "mine" / "mine.rego"
    path.parent.mkdir()
    path.symlink_to(path)
    assert refusal(tmp_path).startswith(f"{path}: ")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "mine" / "mine.rego"
    path.parent.mkdir()
    os.mkfifo(path)
    assert refusal(tmp_path) == f"{path}: is no file"


def test_sizes(tmp_path: Path) -> None:
    path = write_text(tmp_path, "mine", b"#" * MAX_BYTES)
    assert len(custom_modules([tmp_path], [])[0].source) == MAX_BYTES
    write_text(tmp_path, "mine", b"#" * (MAX_BYTES + 1))
    assert refusal(tmp_path) == f"{path}: is larger than 64 KiB"


def test_a_size_limit_that_cuts_a_character_is_still_about_size(tmp_path: Path) -> None:
    path = write_text(tmp_path, "mine", "é".encode() * MAX_BYTES)
    assert refusal(tmp_path) == f"{path}: is larger than 64 KiB"


def test_no_utf_8(tmp_path: Path) -> None:
    path = write_text(tmp_path, "mine", b"package k8s.mine\n# caf\xe9\n")
    assert refusal(tmp_path) == f"{path}:2: is no UTF-8 text"


def test_what_cannot_be_read(tmp_path: Path) -> None:
    path = write_policy(tmp_path)
    path.chmod(0)
    assert refusal_without_rights(tmp_path) == f"{path}: cannot be read: Permission denied"
    path.parent.chmod(0)
    try:
        assert refusal_without_rights(tmp_path) == f"{path.parent}: cannot be read: Permission denied"
    finally:
        path.parent.chmod(0o700)


def refusal_without_rights(folder: Path) -> str:
    """What `refusal` says in a process that not even root's rights help."""
    program = "import sys, pathlib; from tests.evaluate.test_stage import refusal; "
    program += "print(refusal(pathlib.Path(sys.argv[1])))"
    done = subprocess.run(
        [*powerless(), sys.executable, "-c", program, folder],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    return done.stdout.strip()


def test_roots_are_ours(tmp_path: Path) -> None:
    """Nothing of the user's folder but the module is laid out: no manifest, no data."""
    path = write_policy(tmp_path / "user")
    (path.parent / ".manifest").write_text('{"roots": [""]}')
    (path.parent / "data.json").write_text('{"k8s": 1}')
    lay_out(tmp_path / "stage", custom_modules([tmp_path / "user"], []), {}, None)
    assert sorted(one.name for one in (tmp_path / "stage").rglob("*") if one.is_file()) == [
        ".manifest",
        "mine.rego",
    ]
    assert json.loads((tmp_path / "stage/.manifest").read_bytes()) == {"roots": ["k8s/mine"]}


@pytest.mark.parametrize(
    ("source", "rules"),
    [
        (b"fail contains 1", {"fail": True}),
        (b"skip contains x if { unknown_thing }", {"fail": False, "skip": True, "unknown": False}),
        (b"fail contains 1\n\nfail contains 2\n\n_a if not fail\n", {"fail": True}),
        (b"fail := {1}", {"fail": False}),
        (b"fail contains 1\n\nfail := {1}", {"fail": False}),
        (b"fail contains 1\n\ndefault fail := false", {"fail": False}),
        (b"fail contains 1\n\nfail[x] contains 1", {"fail": False}),
        (b"failing contains 1\n", {"fail": False}),
    ],
)
def test_only_rules_that_a_module_may_have_are_asked_for(source: bytes, rules: dict[str, bool]) -> None:
    """And only of those that nothing but sets can be an empty one goes without saying."""
    assert rule_names(Module("mine", Path("mine.rego"), custom=False, source=source)) == rules
    believed = rule_names(Module("mine", Path("mine.rego"), custom=True, source=source))
    assert believed == dict.fromkeys(rules, False)


def test_every_shipped_rule_is_a_set() -> None:
    for module in shipped_modules(data.policies()):
        names = rule_names(module)
        assert names["fail"], module.id
        assert {name for name, sure in names.items() if sure} == {
            name for name in RULES if f"\n{name} contains ".encode() in module.source
        }
