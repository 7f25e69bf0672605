"""Which context, and what it names, in kubeconfigs made at random: the real kubectl says the same."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
import yaml

from auditor.collect.kubeconfig import choose_context, kubeconfig_files
from auditor.errors import AuditorError
from tests.live.as_kubectl import kubectl

NAMES = ("one", "two")
FOLDERS = ("first", "second", "third")
PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


def made(random: Random, folder: Path) -> dict[str, Any]:
    """Make a kubeconfig that may lack anything, and its folder."""

    def maybe(**fields: Any) -> dict[str, Any]:
        kept = {key.replace("_", "-"): value for key, value in fields.items() if random.random() < 0.5}
        return {key: None if random.random() < 0.1 else value for key, value in kept.items()}

    def some(kind: str, entry: Any) -> list[dict[str, Any]]:
        return [{"name": name, kind: entry()} for name in NAMES if random.random() < 0.6]

    folder.mkdir()
    own = folder.name  # part of every path, to tell where it comes from
    words = iter(range(1000))

    def cluster() -> dict[str, Any]:
        where = {"server": f"https://{next(words)}.example/{random.choice(['', 'a/'])}"}
        authority = random.choice([f"{own}.crt", f"./sub/../{own}.crt", f"/{own}.crt"])
        more = maybe(
            tls_server_name="other.example", proxy_url="http://proxy:1", certificate_authority=authority
        )
        return {**where, **more}

    def user() -> dict[str, Any]:
        certificate = {"client-certificate": f"sub/{own}.crt", "client-key": f"./{own}.key"}
        data = {f"{key}-data": base64.b64encode(b"y").decode() for key in certificate}
        identity = random.choice([{}, certificate, data, {"token": f"t{next(words)}"}, {"username": "u"}])
        command = random.choice([own, f"bin/{own}", f"../{own}", f"/bin/{own}"])
        plugin = {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": command,
            "interactiveMode": "Never",
        }
        more = maybe(exec=plugin, password="p") if identity.get("username") else maybe(exec=plugin)
        if random.random() < 0.3:
            more |= {"as": "a", **maybe(as_uid="1", as_groups=["g", "h"], as_user_extra={"k": ["v"]})}
        if "username" not in identity and random.random() < 0.3:
            more["tokenFile"] = random.choice([own, f"../{own}", f"/{own}"])
        return {**identity, **more}

    def context() -> dict[str, Any]:
        return {"cluster": random.choice(NAMES), "user": random.choice(NAMES), **maybe(namespace="ns")}

    parts = {
        "clusters": some("cluster", cluster),
        "users": some("user", user),
        "contexts": some("context", context),
        "current-context": random.choice(["", "one", "two"]),
        "kind": random.choice(["", "Config"]),
        "preferences": {},
    }
    return {key: value for key, value in parts.items() if random.random() < 0.85}


def kept(value: Any) -> Any:
    """Return a value without what is empty, and lists as lists."""
    if isinstance(value, dict):
        return {key: kept(one) for key, one in value.items() if kept(one)}
    return [kept(one) for one in value] if isinstance(value, list | tuple) else value


def located(value: Any, base: Path, field: str = "") -> Any:
    """Return what kubectl shows with the paths that it shows as they were written made absolute."""
    if isinstance(value, dict):
        return {key: located(one, base, key) for key, one in value.items()}
    if isinstance(value, list):
        return [located(one, base) for one in value]
    if field in PATHS or (field == "command" and "/" in value):
        folder = next(name for name in FOLDERS if name in value)
        return os.path.normpath(base / folder / value)
    return value


@pytest.mark.parametrize("seed", range(int(os.environ.get("KUBECONFIGS", "24"))))
def test_as_kubectl(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    files = []
    for name in FOLDERS:
        config = made(random, tmp_path / name)
        files.append(tmp_path / name / "config")
        files[-1].write_text(yaml.safe_dump(config) if config else "")
    listed = [*map(str, files), str(tmp_path / "missing"), "", str(random.choice(files))]
    random.shuffle(listed)
    environ = {"KUBECONFIG": os.pathsep.join(listed)}
    context = random.choice([None, "one"])

    flags = [f"--context={context}"] if context else []
    run = kubectl(tmp_path, "config", "view", "--minify", "--raw", "-o", "json", *flags, environ=environ)
    viewed = located(kept(json.loads(run.stdout)), tmp_path) if run.returncode == 0 else {}
    try:
        chosen = choose_context(kubeconfig_files(None, environ), context)
    except AuditorError:
        # kubectl shows a context that names what does not exist; used, it would be nobody, or nowhere
        assert not viewed.get("clusters") or not viewed.get("users")
        return
    assert viewed["current-context"] == chosen.context
    assert viewed["clusters"][0]["cluster"] == kept(msgspec.to_builtins(chosen.cluster))
    assert viewed["users"][0].get("user", {}) == kept(msgspec.to_builtins(chosen.user))
