"""The cluster's own certificate authority, its server certificate, and the key that signs account tokens.

Made by `openssl` (Python has nothing for it): elliptic curves, so that it takes milliseconds.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

DAYS = "365"
CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]


@dataclass(frozen=True)
class Certificates:
    """Paths of what `create` made, all PEM."""

    ca: Path
    ca_key: Path
    server: Path
    server_key: Path
    service_account_key: Path
    """Private: signs the tokens."""
    service_account_public: Path
    """Verifies them."""


def create(folder: Path, names: list[str]) -> Certificates:
    """Make everything in a new folder; `names` are what clients call the server, as `IP:127.0.0.1`.

    Raises `OSError` if `openssl` is missing or fails.
    """
    folder.mkdir(mode=0o700)
    made = Certificates(
        ca=folder / "ca.crt",
        ca_key=folder / "ca.key",
        server=folder / "server.crt",
        server_key=folder / "server.key",
        service_account_key=folder / "service-account.key",
        service_account_public=folder / "service-account.pub",
    )
    # Key usage and key identifiers: the strict checks of Python 3.13 and newer ask for them.
    _openssl(
        *("req", "-x509", "-days", DAYS, "-subj", "/CN=auditor-test-ca", *CURVE),
        *("-keyout", made.ca_key, "-out", made.ca),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )
    _openssl(
        *("req", "-x509", "-days", DAYS, "-subj", "/CN=kube-apiserver", *CURVE),
        *("-CA", made.ca, "-CAkey", made.ca_key, "-keyout", made.server_key, "-out", made.server),
        *("-addext", f"subjectAltName={','.join(names)}", "-addext", "basicConstraints=critical,CA:FALSE"),
        *("-addext", "extendedKeyUsage=serverAuth", "-addext", "keyUsage=critical,digitalSignature"),
    )
    _openssl(
        *("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-out", made.service_account_key),
    )
    _openssl("pkey", "-in", made.service_account_key, "-pubout", "-out", made.service_account_public)
    return made


def _openssl(*arguments: str | Path) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        raise FileNotFoundError(
            "the test cluster needs the `openssl` program for its certificates: install it"
        )
    run = subprocess.run([openssl, *arguments], capture_output=True, text=True, check=False)
    if run.returncode:
        raise OSError(f"`openssl {arguments[0]}` failed: {run.stderr.strip()}")
