"""Rego tests of policies, a user's too: every way of not passing is told."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from auditor.errors import BundleError
from auditor.evaluate.rego_test import RegoTest, run_rego_tests
from auditor.evaluate.stage import custom_modules
from auditor.rules import Policy, Severity
from tests.evaluate.custom import write_policy

PASS = 'test_named if count(mine.fail) == 1 with input as {"meta": {"name": "x"}}'


def ended(opa: Path, folder: Path, tests: str | None, package: str = "k8s.mine_test") -> list[RegoTest]:
    path = write_policy(folder, custom={"parameters": {"limit": 3}})
    if tests is not None:
        text = f"package {package}\n\nimport data.k8s.mine\n\n{tests}\n"
        path.with_name("mine_test.rego").write_text(text)
    policy = Policy("mine", "t", "d", (Severity.LOW,), "stack", ("Pod",), "r", parameters={"limit": 3})
    return run_rego_tests(opa, custom_modules([folder], []), [policy])


def test_pass(opa: Path, tmp_path: Path) -> None:
    assert ended(opa, tmp_path, PASS) == [RegoTest("mine", "test_named", passed=True)]


def test_the_library_and_the_parameters_are_there(opa: Path, tmp_path: Path) -> None:
    both = "example.document({}).pod\n\tdata.parameters.mine.limit == 3"
    tests = f"import data.lib.example\n\ntest_both if {{\n\t{both}\n}}"
    assert [test.passed for test in ended(opa, tmp_path, tests)] == [True]


@pytest.mark.parametrize(
    ("tests", "found"),
    [
        ("test_a if false", RegoTest("mine", "test_a", passed=False)),
        ('test_a[n] if { some n in ["p", "q"]; n == "p" }', RegoTest("mine", "test_a", passed=False)),
        ("todo_test_a if true", RegoTest("mine", "todo_test_a", passed=False, message="is left to do")),
        ("helper := 1", RegoTest("mine", "(no test)", passed=False)),
        (None, RegoTest("mine", "(no test)", passed=False)),
    ],
)
def test_not_passed(opa: Path, tmp_path: Path, tests: str | None, found: RegoTest) -> None:
    assert ended(opa, tmp_path, tests) == [found]


def test_one_failure_does_not_hide_the_others(opa: Path, tmp_path: Path) -> None:
    found = ended(opa, tmp_path, f"{PASS}\n\ntest_wrong if false")
    assert {test.name: test.passed for test in found} == {"test_named": True, "test_wrong": False}


def test_a_fault_names_the_users_file(opa: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError) as caught:
        ended(opa, tmp_path, "test_a if nobody(1)")
    assert f"{tmp_path}/mine/mine_test.rego:5: rego_type_error: undefined function nobody" in str(
        caught.value
    )


@pytest.mark.parametrize("package", ["k8s.other_test", "k8s.mine", "mine_test", "k8s.host_pid_test"])
def test_tests_in_a_package_of_others(opa: Path, tmp_path: Path, package: str) -> None:
    tests = "test_a if true" if package == "k8s.mine" else PASS
    with pytest.raises(BundleError, match=f"package {package} is none of"):
        ended(opa, tmp_path, tests, package)


def test_a_linked_test_that_leads_out(opa: Path, tmp_path: Path) -> None:
    path = write_policy(tmp_path / "folder")
    (tmp_path / "secret").write_text("hunter2")
    path.with_name("mine_test.rego").symlink_to(tmp_path / "secret")
    with pytest.raises(BundleError, match="is a link that leads out"):
        run_rego_tests(opa, custom_modules([tmp_path / "folder"], []), [])


def test_tests_reach_no_network(opa: Path, tmp_path: Path) -> None:
    """Neither by a call nor by a schema that OPA would fetch; a user's folder is untrusted too."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "object"}')

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            call = f'test_a if http.send({{"url": "{url}", "method": "get"}}).status_code == 200'
            reference = f'# METADATA\n# scope: rule\n# schemas:\n#   - input: {{"$ref": "{url}"}}'
            schema = f"{reference}\ntest_a if not input.a"
            for tests in (call, schema):
                with pytest.raises(BundleError):
                    ended(opa, tmp_path, tests)
        finally:
            server.shutdown()
            thread.join()
    assert asked == []
