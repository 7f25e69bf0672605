"""What the real kubectl refuses in a kubeconfig is refused, and said in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.collect.connect import connect
from auditor.errors import SourceError
from tests.live import users
from tests.live.as_kubectl import kubectl
from tests.live.live import source, write_kubeconfig
from tests.live.plugins import API, credential, plugin, printing
from tests.live.recorder import Recorder, recorder
from tests.live.users import User


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    """A server that remembers who called."""
    with recorder(tmp_path_factory.mktemp("recorder") / "made") as running:
        yield running


BROKEN_USERS: dict[str, tuple[Callable[[Recorder, Path], User], str]] = {
    "empty token file": (lambda _, folder: users.token_file(folder, "\n"), "token: the token file is empty"),
    "no token file": (lambda *_: {"tokenFile": "gone"}, "/gone: No such file or directory"),
    "token in lines": (lambda *_: {"token": "two\nlines"}, "characters that HTTP does not allow"),
    "folded token": (lambda *_: {"token": "two\n lines"}, "characters that HTTP does not allow"),
    "token and password": (lambda *_: {"token": "t", "username": "u"}, "token and username are both given"),
    "token file and password": (
        lambda _, folder: {**users.token_file(folder), "username": "u"},
        "token and username are both given",
    ),
    "certificate twice": (
        lambda *given: {**users.certificate_files(*given), "client-certificate-data": "YQ=="},
        "both client-certificate and client-certificate-data",
    ),
    "key twice": (
        lambda *given: {**users.certificate_files(*given), "client-key-data": "YQ=="},
        "both client-key and client-key-data",
    ),
    "no key": (
        lambda *_: {"client-certificate-data": "YQ=="},
        "client-certificate is given without client-key",
    ),
    "no certificate file": (
        lambda *_: {"client-certificate": "gone", "client-key": "gone"},
        "/gone: No such file or directory",
    ),
    "no base64": (lambda *_: {"client-certificate-data": "a", "client-key-data": "b"}, "is not base64"),
    "unreadable key": (
        users.unreadable,
        "client certificate and key cannot be used: one of them is not in PEM",
    ),
    "foreign key": (
        users.foreign_key,
        "client certificate and key cannot be used: they do not belong together",
    ),
    "key with a pass phrase": (users.encrypted_key, "the key of the client certificate has a pass phrase"),
    "groups without a user": (lambda *_: {"as-groups": ["g"]}, "as-groups and as-user-extra need as"),
    "control character": (lambda *_: users.impersonating(**{"as-uid": "a\nb"}), "holds a control character"),
    "Google": (
        lambda *_: {"auth-provider": {"name": "gcp"}},
        "auth-provider 'gcp' is no longer supported; use the credential plugin gke-gcloud-auth-plugin",
    ),
    "Azure": (
        lambda *_: {"auth-provider": {"name": "azure"}},
        "auth-provider 'azure' is no longer supported",
    ),
    "unknown provider": (lambda *_: {"auth-provider": {"name": "x"}}, "auth-provider 'x' is unknown"),
    "OpenID without a token": (
        lambda *_: {"auth-provider": {"name": "oidc", "config": {"client-id": "c"}}},
        "there is no id-token",
    ),
    "plugin and provider": (
        lambda _, folder: {**users.token_of_plugin(folder), **users.oidc()},
        "exec and auth-provider are both given",
    ),
    "no command": (lambda _, folder: plugin(folder, "", command=""), "exec: command is missing"),
    "old plugin": (
        lambda _, folder: plugin(folder, "", apiVersion="client.authentication.k8s.io/v1alpha1"),
        "exec: apiVersion 'client.authentication.k8s.io/v1alpha1' is none of",
    ),
    "variable without a name": (lambda _, folder: plugin(folder, "", env=[{"value": "v"}]), "has no name"),
    "mode missing": (
        lambda _, folder: plugin(folder, "", interactiveMode=None),
        "interactiveMode '' is none",
    ),
    "mode unknown": (
        lambda _, folder: plugin(folder, "", interactiveMode="x"),
        "interactiveMode 'x' is none",
    ),
    "mode that needs a terminal": (
        lambda _, folder: plugin(folder, "", interactiveMode="Always"),
        "needs a terminal: standard input is none",
    ),
    "plugin missing": (
        lambda _, folder: plugin(folder, "", command="no-such-plugin"),
        "the credential plugin 'no-such-plugin' is not installed",
    ),
    "plugin that is no program": (
        lambda _, folder: plugin(folder, "", command="./plugin.py"),
        "plugin.py' cannot be run: Permission denied",
    ),
    "plugin that fails": (
        lambda _, folder: plugin(folder, "raise SystemExit(7)"),
        "failed with exit code 7; what it says stands above",
    ),
    "plugin that is killed": (
        lambda _, folder: plugin(folder, "import os; os.kill(os.getpid(), 9)"),
        "was killed; what it says stands above",
    ),
    "plugin that chats": (lambda _, folder: plugin(folder, "print('hello')"), "is no ExecCredential"),
    "plugin that is silent": (lambda _, folder: plugin(folder, ""), "is no ExecCredential"),
    "plugin that answers a list": (lambda _, folder: plugin(folder, "print([])"), "is no ExecCredential"),
    "plugin without a status": (
        lambda _, folder: plugin(folder, printing({"apiVersion": API, "kind": "ExecCredential"})),
        "missing required field `status`",
    ),
    "plugin of another version": (
        lambda _, folder: plugin(folder, printing(credential(f"{API}beta1", token="t"))),
        f"it did not answer with an ExecCredential of {API}",
    ),
    "plugin that answers something else": (
        lambda _, folder: plugin(folder, printing({**credential(token="t"), "kind": "Pod"})),
        "it did not answer with an ExecCredential",
    ),
    "plugin that gives nothing": (
        lambda _, folder: plugin(folder, printing(credential())),
        "neither a token",
    ),
    "plugin that gives half": (
        lambda _, folder: plugin(folder, printing(credential(token="t", clientKeyData="k"))),
        "it gave only one of certificate and key",
    ),
    "plugin that gives junk": (
        lambda _, folder: plugin(folder, printing(credential(clientCertificateData="c", clientKeyData="k"))),
        "client certificate and key cannot be used: one of them is not in PEM",
    ),
    "plugin with an odd time": (
        lambda _, folder: plugin(folder, printing(credential(token="t", expirationTimestamp="soon"))),
        "is no ExecCredential: Invalid RFC3339 encoded datetime",
    ),
}


@pytest.mark.parametrize("name", BROKEN_USERS)
def test_who_is_refused(server: Recorder, tmp_path: Path, name: str) -> None:
    make, message = BROKEN_USERS[name]
    file = write_kubeconfig(tmp_path / "kubeconfig", server.cluster(), make(server, tmp_path))
    before = len(server.callers)
    assert kubectl(tmp_path, "get", "--raw", "/version", f"--kubeconfig={file}").returncode != 0
    with pytest.raises(SourceError) as refused:
        source(file).facts()
    assert server.callers[before:] == []
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.hint


BROKEN_FILES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no server": ({"server": ""}, {}, "its server is no https:// address"),
    "authority twice": (
        {"certificate-authority-data": "YQ=="},
        {},
        "both certificate-authority and certificate-authority-data are given",
    ),
    "authority that is ignored": (
        {"insecure-skip-tls-verify": True},
        {},
        "certificate-authority together with insecure-skip-tls-verify is not allowed",
    ),
    "no authority": ({"certificate-authority": "gone"}, {}, "/gone: No such file or directory"),
    "authority that is none": ({"certificate-authority": "kubeconfig"}, {}, "is no certificate in PEM"),
    "another kind": ({}, {"kind": "Pod"}, "no kubeconfig: its kind is 'Pod'"),
    "another type": ({"server": 1}, {}, "no kubeconfig: Expected `str`, got `int`"),
    "twice the same name": (
        {},
        {"users": [{"name": "u"}] * 2},
        "no kubeconfig: 'u' stands twice under users",
    ),
    "no list": ({}, {"users": {"u": {}}}, "no kubeconfig: Expected `array`, got `object`"),
    "broken YAML": ({}, {}, ":1: no kubeconfig: "),
}


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_what_is_refused(server: Recorder, tmp_path: Path, name: str) -> None:
    cluster, more, message = BROKEN_FILES[name]
    file = write_kubeconfig(tmp_path / "kubeconfig", server.cluster(**cluster), {"token": "t"})
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_bytes()), **more}))
    if name == "broken YAML":
        file.write_text("a: {")
    assert kubectl(tmp_path, "get", "--raw", "/version", f"--kubeconfig={file}").returncode != 0
    with pytest.raises(SourceError) as refused:
        connect(str(file), None, {})
    assert message in str(refused.value)
