"""One Prometheus or Alertmanager of the stack without a cluster: nothing is discovered, nobody told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.stack.loopback import certificates
from tests.stack.pods import Notifier, Replica, patch
from tests.stack.render import SETTINGS, complete, own_overlay

COMPONENTS = complete("high-availability", "alertmanager-mesh")
NOBODY = "http://127.0.0.1:1/"
KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "c", "cluster": {"server": NOBODY}}],
    "users": [{"name": "u", "user": {}}],
    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "x",
}


@contextmanager
def replica(folder: Path) -> Iterator[Replica]:
    """Run a pod of Prometheus, whose working directory is `folder/prometheus`."""
    listed = own_overlay(COMPONENTS, SETTINGS)
    tls = certificates(folder / "tls", "monitoring/prometheus")["prometheus"]
    (folder / "kubeconfig").write_text(yaml.safe_dump(KUBECONFIG))
    change = patch(NOBODY, folder / "kubeconfig")
    one = Replica("prometheus-0", folder / "prometheus", listed, tls, change)
    (one.folder / "account/token").write_text("for nobody")
    (one.folder / "account/ca.crt").write_text((tls / "ca.crt").read_text())
    try:
        one.start()
        one.wait()
        yield one
    finally:
        one.end()


@contextmanager
def notifier(folder: Path) -> Iterator[Notifier]:
    """Run a pod of Alertmanager, a mesh of one."""
    listed = own_overlay(COMPONENTS, SETTINGS)
    tls = certificates(folder / "tls", "monitoring/alertmanager")["alertmanager"]
    one = Notifier("alertmanager-0", folder / "alertmanager", listed, tls, NOBODY)
    try:
        one.start()
        yield one
    finally:
        one.end()
