"""The CRDs that components need, as their projects publish them: from Go modules pinned in definitions/."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools import build

FOLDERS = {
    "github.com/cert-manager/cert-manager": "deploy/crds",
    "github.com/envoyproxy/gateway": "charts/gateway-helm/crds/generated",
    "github.com/kubernetes-csi/external-snapshotter/client/v8": "config/crd",
    "github.com/traefik/traefik/v3": "docs/content/reference/dynamic-configuration",
    "sigs.k8s.io/gateway-api": "config/crd/standard",
}
"""Where in its module a project keeps them."""
NAMES = {
    "github.com/kubernetes-csi/external-snapshotter/client/v8": "snapshot.storage.k8s.io_*.yaml",
    "github.com/traefik/traefik/v3": "traefik.io_*.yaml",
}
"""How the files are called where others lie beside them."""


def definitions() -> Iterator[Path]:
    """Yield the files with CRDs, one in each; the modules are downloaded once, by Go and its checksums."""
    command = ["go", "mod", "download", "-json"]
    folder = build.ROOT / "tests/stack/definitions"
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    decoder = json.JSONDecoder()
    rest = run.stdout.lstrip()
    while rest:
        module, end = decoder.raw_decode(rest)
        rest = rest[end:].lstrip()
        within = Path(module["Dir"]) / FOLDERS[module["Path"]]
        yield from sorted(within.glob(NAMES.get(module["Path"], "*_*.yaml")))
