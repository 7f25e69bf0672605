"""Kubeconfig files that are none, or lack something: refused, naming the file and what is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.collect.connect import connect
from auditor.errors import AuditorError, SourceError, UsageError

WHOLE: dict[str, Any] = {
    "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {"token": "t"}}],
    "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "one",
}


def context(**fields: str) -> dict[str, Any]:
    return {**WHOLE, "contexts": [{"name": "one", "context": fields}]}


def user(**fields: Any) -> dict[str, Any]:
    return {**WHOLE, "users": [{"name": "u", "user": fields}]}


def cluster(**fields: Any) -> dict[str, Any]:
    return {**WHOLE, "clusters": [{"name": "c", "cluster": fields}]}


def server(**fields: Any) -> dict[str, Any]:
    return cluster(server="https://127.0.0.1:1", **fields)


def test_whole(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump(WHOLE))
    found = connect(str(file), None, {})
    assert (found.context, found.server) == ("one", "https://127.0.0.1:1")
    assert connect(str(file), "one", {}).context == "one"
    file.write_text(yaml.safe_dump(cluster(server="HTTPS://127.0.0.1:1/base/?query#fragment")))
    assert connect(str(file), None, {}).server == "https://127.0.0.1:1/base"
    file.write_text(yaml.safe_dump({**WHOLE, "users": None, **context(cluster="c")}))
    assert connect(str(file), None, {}).context == "one"


def test_files_that_add_nothing(tmp_path: Path) -> None:
    whole, empty, folder = tmp_path / "whole", tmp_path / "empty", tmp_path / "folder"
    whole.write_text(yaml.safe_dump(WHOLE))
    empty.write_text("# nothing\n")
    environ = {"KUBECONFIG": f":{empty}:{whole}::{whole}:{tmp_path / 'gone'}:"}
    assert connect(None, None, environ).context == "one"
    folder.mkdir()
    with pytest.raises(SourceError, match=f"{folder}: Is a directory"):
        connect(None, None, {"KUBECONFIG": f"{whole}:{folder}"})
    # as a name it is one file, not a list of them
    odd = tmp_path / "odd:name"
    odd.write_text(yaml.safe_dump(WHOLE))
    assert connect(str(odd), None, {}).context == "one"


def test_pipe() -> None:
    """`--kubeconfig <(...)`: it can be read once only."""
    read, write = os.pipe()
    os.write(write, yaml.safe_dump(WHOLE).encode())
    os.close(write)
    try:
        assert connect(f"/dev/fd/{read}", None, {}).context == "one"
    finally:
        os.close(read)


def test_first_of_two_files_defines_a_name(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text(yaml.safe_dump(WHOLE))
    broken = {"name": "one", "context": {"cluster": "nowhere"}}
    no_server = {"name": "c", "cluster": {"server": ""}}
    no_user = {"name": "u", "user": {"as-groups": ["g"]}}
    for other in ({"contexts": [broken]}, {"clusters": [no_server]}, {"users": [no_user]}):
        second.write_text(yaml.safe_dump(other))
        found = connect(None, None, {"KUBECONFIG": f"{first}:{second}"})
        assert found.server == "https://127.0.0.1:1"
        with pytest.raises(SourceError):
            connect(None, None, {"KUBECONFIG": f"{second}:{first}"})


def test_context_chosen_where_none_is_current(tmp_path: Path) -> None:
    file = tmp_path / "config"
    for current in ({"current-context": ""}, {"current-context": None}):
        file.write_text(yaml.safe_dump({**WHOLE, **current}))
        assert connect(str(file), "one", {}).context == "one"
        with pytest.raises(SourceError, match="no context is the current one") as none:
            connect(str(file), None, {})
        assert none.value.hint == "choose one by --context; known contexts: one"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({**WHOLE, "current-context": "two"}, "the current context 'two' is missing"),
        ({**WHOLE, "contexts": []}, "the current context 'one' is missing"),
        (context(cluster="d", user="u"), "context 'one': there is no cluster 'd'"),
        (context(user="u"), "context 'one': there is no cluster ''"),
        (context(cluster="c", user="v"), "context 'one': there is no user 'v'"),
        (cluster(), "cluster 'c': its server is no https:// address"),
        (cluster(server=""), "cluster 'c': its server is no https:// address"),
        (cluster(server="127.0.0.1:1"), "cluster 'c': its server is no https:// address"),
        (cluster(server="ftp://127.0.0.1:1"), "cluster 'c': its server is no https:// address"),
        (cluster(server="https://"), "cluster 'c': its server is no https:// address"),
        (cluster(server="https://[::1"), "cluster 'c': its server is no https:// address"),
        (cluster(server="https://h:99999"), "cluster 'c': its server is no https:// address"),
        (cluster(server="https://u:n0tthis@h"), "cluster 'c': its server holds a user name"),
        (
            cluster(server=6443),
            "no kubeconfig: Expected `str`, got `int` - at `$.clusters[0].cluster.server`",
        ),
        (user(**{"as-groups": ["g"]}), "user 'u': as-uid, as-groups and as-user-extra need as"),
        (
            user(exec={"command": "x"}),
            "user 'u': exec: apiVersion '' is none of client.authentication.k8s.io/v1, ",
        ),
        (user(tokenFile="gone"), "gone: No such file or directory"),
        (server(**{"certificate-authority": "gone"}), "/gone: No such file or directory"),
        (server(**{"certificate-authority-data": "a"}), "certificate-authority-data is not base64"),
        (
            server(**{"certificate-authority-data": "YQ=="}),
            "the certificate authority is no certificate in PEM",
        ),
        (
            server(**{"certificate-authority": "a", "certificate-authority-data": "YQ=="}),
            "both certificate-authority and certificate-authority-data are given",
        ),
        (
            server(**{"certificate-authority": "a", "insecure-skip-tls-verify": True}),
            "certificate-authority together with insecure-skip-tls-verify is not allowed",
        ),
        (
            server(**{"certificate-authority-data": "YQ==", "insecure-skip-tls-verify": True}),
            "certificate-authority together with insecure-skip-tls-verify is not allowed",
        ),
        ({**WHOLE, "users": {"u": {}}}, "no kubeconfig: Expected `array`, got `object` - at `$.users`"),
        ({**WHOLE, "users": [*WHOLE["users"]] * 2}, "no kubeconfig: 'u' stands twice under users"),
        ({**WHOLE, "kind": "Pod"}, "no kubeconfig: its kind is 'Pod'"),
        ({**WHOLE, "contexts": ["one"]}, "Expected `object`, got `str` - at `$.contexts[0]`"),
        (["one"], "no kubeconfig: Expected `object`, got `array`"),
        ("one", "no kubeconfig: Expected `object`, got `str`"),
    ],
)
def test_something_is_wrong(tmp_path: Path, config: Any, message: str) -> None:
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump(config))
    with pytest.raises(SourceError) as refused:
        connect(str(file), None, {})
    assert str(refused.value).startswith(f"{file}: ")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "{file}: no kubeconfig: the file is empty"),
        (b"# nothing\n", "{file}: no kubeconfig: the file is empty"),
        (b"users:\n- name: a\n  user: {\n", "{file}:3: no kubeconfig: did not find expected"),
        (b"a: \xff\xfe", "{file}:1: no kubeconfig: not valid text in UTF-8: "),
        (b"a: 1\n---\nb: 2\n", "{file}: no kubeconfig: it holds 2 documents"),
        (b"a: !!python/object:os.system {}\n", "{file}: no context is the current one"),
    ],
)
def test_no_kubeconfig(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "config"
    file.write_bytes(content)
    with pytest.raises(SourceError) as refused:
        connect(None, None, {"KUBECONFIG": str(file)})
    assert str(refused.value).startswith(message.format(file=file))


@pytest.mark.parametrize(
    ("kubeconfig", "chosen", "environ", "kind", "message"),
    [
        ("gone", None, {}, UsageError, "--kubeconfig gone: no such file"),
        (".", None, {}, UsageError, "--kubeconfig .: no such file"),
        (None, None, {"KUBECONFIG": "gone:away"}, SourceError, "KUBECONFIG=gone:away: no such file"),
        (None, None, {}, SourceError, "no cluster: there is no kubeconfig, and this is no pod"),
        (None, "one", {}, UsageError, "--context one: there is no kubeconfig"),
        (None, "one", {"KUBERNETES_SERVICE_HOST": "h"}, UsageError, "--context one: there is no kubeconfig"),
        (None, None, {"KUBERNETES_SERVICE_HOST": "h"}, SourceError, "KUBERNETES_SERVICE_PORT is not set"),
    ],
)
def test_no_file(
    tmp_path: Path,
    kubeconfig: str | None,
    chosen: str | None,
    environ: dict[str, str],
    kind: type[AuditorError],
    message: str,
) -> None:
    with pytest.raises(kind) as refused:
        connect(kubeconfig, chosen, {"HOME": str(tmp_path), **environ})
    assert message in str(refused.value)
    assert "auditor audit -f PATH" in refused.value.hint or kind is UsageError
