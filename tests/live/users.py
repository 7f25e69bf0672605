"""Users of kubeconfigs: each function returns a `user` entry, and makes the files that it names."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

from tests.live.plugins import credential, plugin, printing
from tests.live.recorder import Recorder, client_certificate

User = dict[str, Any]


def certificate_files(server: Recorder, folder: Path) -> User:
    certificate, key = client_certificate(server, folder, "jane")
    return {"client-certificate": certificate.name, "client-key": key.name}


def certificate_data(server: Recorder, folder: Path) -> User:
    files = client_certificate(server, folder, "joe")
    kinds = zip(("client-certificate-data", "client-key-data"), files, strict=True)
    # in lines, as some tools write it
    return {kind: base64.encodebytes(file.read_bytes()).decode() for kind, file in kinds}


def certificate_of_plugin(server: Recorder, folder: Path, **more: Any) -> User:
    certificate, key = (file.read_text() for file in client_certificate(server, folder, "jim"))
    given = credential(clientCertificateData=certificate, clientKeyData=key, **more)
    return plugin(folder, printing(given))


def token_file(folder: Path, text: str = " of the file\n\n") -> User:
    (folder / "token").write_text(text)
    return {"tokenFile": "token"}


def oidc() -> User:
    claims = base64.urlsafe_b64encode(b'{"exp": 4102444800}').decode().rstrip("=")
    config = {"idp-issuer-url": "https://login.example", "client-id": "c", "id-token": f"e30.{claims}.x"}
    return {"auth-provider": {"name": "oidc", "config": config}}


def impersonating(**more: Any) -> User:
    return {"token": "t", "as": "Jörg (x)", **more}


def token_of_plugin(folder: Path) -> User:
    return plugin(folder, printing(credential(token="of the plugin")))


def unreadable(server: Recorder, folder: Path) -> User:
    (folder / "other.key").write_text("no key")
    return {**certificate_files(server, folder), "client-key": "other.key"}


def encrypted_key(server: Recorder, folder: Path) -> User:
    files = certificate_files(server, folder)
    lock = ["openssl", "pkey", "-aes256", "-passout", "pass:word", "-in", "jane.key", "-out", "locked.key"]
    subprocess.run(lock, cwd=folder, check=True, capture_output=True)
    return {**files, "client-key": "locked.key"}


def foreign_key(server: Recorder, folder: Path) -> User:
    return {
        **certificate_files(server, folder),
        "client-key": client_certificate(server, folder, "eve")[1].name,
    }
