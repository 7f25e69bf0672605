"""The command line of each program of the control plane."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.cluster.certificates import Certificates

Command = list[str | Path]

AUDIT_POLICY = """\
# Every request, once, when its answer is complete; no bodies.
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
"""

# Enough to create 10,000 pods within minutes; the defaults are meant to spare a shared API server.
CLIENT_RATE: Command = ["--kube-api-qps=500", "--kube-api-burst=1000"]


@dataclass(frozen=True)
class Layout:
    """Where the parts of one control plane lie below its folder."""

    folder: Path

    @property
    def kubeconfig(self) -> Path:
        """For people and tests: one context per user."""
        return self.folder / "kubeconfig"

    @property
    def tokens(self) -> Path:
        """The API server's token file."""
        return self.folder / "tokens.csv"

    @property
    def audit_log(self) -> Path:
        """One event per line: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ ."""
        return self.folder / "audit.log"

    @property
    def audit_policy(self) -> Path:
        """What the audit log records."""
        return self.folder / "audit-policy.yaml"

    def log(self, component: str) -> Path:
        """Return the output of one program."""
        return self.folder / f"{component}.log"

    def kubeconfig_of(self, component: str) -> Path:
        """Return the kubeconfig of one program, with its own user."""
        return self.folder / f"{component}.kubeconfig"


def etcd(layout: Layout, client_port: int, peer_port: int) -> Command:
    """Run one member, without fsync (its data is thrown away), on ports held by `reserved_port`."""
    client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
    return [
        "--unsafe-no-fsync",
        "--socket-reuse-port",
        # 100,000 pods, each written twice, come near the default of 2 GiB before history is dropped.
        f"--quota-backend-bytes={8 << 30}",
        f"--data-dir={layout.folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    ]


def api_server(layout: Layout, certificates: Certificates, etcd_port: int, port: int) -> Command:
    """Serve the API with default admission, RBAC, and an audit log of every request; the port as etcd's."""
    return [
        f"--etcd-servers=http://127.0.0.1:{etcd_port}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        "--permit-port-sharing",
        f"--tls-cert-file={certificates.server}",
        f"--tls-private-key-file={certificates.server_key}",
        f"--token-auth-file={layout.tokens}",
        "--authorization-mode=Node,RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={certificates.service_account_public}",
        f"--service-account-signing-key-file={certificates.service_account_key}",
        "--service-cluster-ip-range=10.96.0.0/16",
        # Without it no privileged container is admitted, whatever the namespace enforces.
        "--allow-privileged",
        # A loopback address is no endpoint for the Service `kubernetes`.
        "--endpoint-reconciler-type=none",
        f"--audit-policy-file={layout.audit_policy}",
        f"--audit-log-path={layout.audit_log}",
        # MiB. By default it goes on in another file after 100, and whoever reads it misses events.
        "--audit-log-maxsize=100000",
    ]


def controller_manager(layout: Layout, certificates: Certificates) -> Command:
    """Run every default controller, each as its own service account, as a real cluster does."""
    return [
        f"--kubeconfig={layout.kubeconfig_of('kube-controller-manager')}",
        "--leader-elect=false",
        "--secure-port=0",
        "--use-service-account-credentials",
        f"--service-account-private-key-file={certificates.service_account_key}",
        f"--root-ca-file={certificates.ca}",
        # By default it makes a folder below /usr.
        f"--flex-volume-plugin-dir={layout.folder / 'flexvolume'}",
        "--concurrent-deployment-syncs=20",
        "--concurrent-replicaset-syncs=20",
        "--concurrent-service-endpoint-syncs=20",
        *CLIENT_RATE,
    ]


def scheduler(layout: Layout) -> Command:
    """Run the default scheduler."""
    return [
        f"--kubeconfig={layout.kubeconfig_of('kube-scheduler')}",
        "--leader-elect=false",
        "--secure-port=0",
        *CLIENT_RATE,
    ]
