"""What a random pod may hold in each place that the Pod Security Standards look at.

For every aspect two sets of values: `plain` breaks no rule of any version, `deviant` breaks one at
some version, or looks as if it did. The plainest value stands first. The values are shared between
pods: read only.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

ABSENT: Final = object()
"""The field is not there."""
UNSET = (ABSENT, None)


class Values(NamedTuple):
    """The values of one aspect."""

    plain: tuple[Any, ...]
    deviant: tuple[Any, ...]


PROFILES = ({"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "p.json"})
NO_PROFILES: tuple[Any, ...] = (
    {"type": "Unconfined"},
    {},
    {"type": ""},
    {"type": None},
    {"type": "runtimeDefault"},
    {"localhostProfile": "p.json"},
)
BASELINE_CAPABILITIES = (
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
)
OTHER_CAPABILITIES = (
    "NET_RAW",
    "SYS_ADMIN",
    "ALL",
    "chown",
    "CAP_CHOWN",
    "net_bind_service",
    "CAP_NET_BIND_SERVICE",
    " KILL",
    "",
    None,
)
SAFE_SYSCTLS = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
)
NEW_SYSCTLS: dict[int, frozenset[str]] = {
    27: frozenset({"net.ipv4.ip_local_reserved_ports"}),
    29: frozenset(
        {
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
        }
    ),
    32: frozenset({"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}),
    37: frozenset({"net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"}),
}
"""Sysctls that became safe, by minor version."""
UNSAFE_SYSCTLS = (
    "kernel.msgmax",
    "net.ipv4.ip_forward",
    "net/ipv4/tcp_syncookies",
    "kernel/shm_rmid_forced",
    "Kernel.shm_rmid_forced",
    "net.ipv4.tcp_syncookies ",
    "",
    None,
)

ALLOWED_VOLUMES: tuple[dict[str, Any], ...] = (
    {"emptyDir": {}},
    {"configMap": {"name": "c"}},
    {"csi": {"driver": "d"}},
    {"downwardAPI": {"items": []}},
    {"ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
    {"image": {"reference": "r"}},
    {"persistentVolumeClaim": {"claimName": "p"}},
    {"projected": {"sources": [{"secret": {"name": "s"}}]}},
    {"secret": {"secretName": "s"}},
    {"csi": {}},
    {"image": {}},
    {"secret": {}, "hostPath": None},
    {},
    {"emptyDir": None},
    {"hostPath": None},
    {"nfs": None},
)
RESTRICTED_VOLUMES: tuple[dict[str, Any], ...] = (
    {"awsElasticBlockStore": {"volumeID": "v"}},
    {"azureDisk": {"diskName": "d", "diskURI": "u"}},
    {"azureFile": {"secretName": "s", "shareName": "s"}},
    {"cephfs": {"monitors": ["m"]}},
    {"cinder": {"volumeID": "v"}},
    {"fc": {}},
    {"flexVolume": {"driver": "d"}},
    {"flocker": {}},
    {"gcePersistentDisk": {"pdName": "p"}},
    {"gitRepo": {"repository": "r"}},
    {"glusterfs": {"endpoints": "e", "path": "p"}},
    {"iscsi": {"targetPortal": "t", "iqn": "i", "lun": 0}},
    {"nfs": {"server": "s", "path": "/"}},
    {"photonPersistentDisk": {"pdID": "p"}},
    {"portworxVolume": {"volumeID": "v"}},
    {"quobyte": {"registry": "r", "volume": "v"}},
    {"rbd": {"monitors": ["m"], "image": "i"}},
    {"scaleIO": {"gateway": "g", "system": "s", "secretRef": None}},
    {"storageos": {}},
    {"vsphereVolume": {"volumePath": "v"}},
    {"nfs": {}, "emptyDir": None},
    {"nfs": {}, "configMap": {}},
)
HOST_PATH_VOLUMES: tuple[dict[str, Any], ...] = (
    {"hostPath": {"path": "/"}},
    {"hostPath": {}},
    {"hostPath": {"path": "/var/log", "type": "Directory"}, "emptyDir": None},
    {"hostPath": {"path": "/"}, "emptyDir": {}},
)

FLAG = Values((ABSENT, None, False), (True,))
ASPECTS: dict[str, Values] = {
    "host_network": FLAG,
    "host_pid": FLAG,
    "host_ipc": FLAG,
    "privileged": FLAG,
    "capability_add": Values((), BASELINE_CAPABILITIES),
    "capability_foreign": Values((), OTHER_CAPABILITIES),
    "capability_drop": Values(
        (["ALL"], ["ALL", "NET_RAW"], ["CHOWN", "ALL"]),
        (ABSENT, None, [], ["all"], ["CAP_ALL"], ["NET_RAW", "SYS_ADMIN"], [None], [*BASELINE_CAPABILITIES]),
    ),
    "host_path": Values((), HOST_PATH_VOLUMES),
    "volume": Values(ALLOWED_VOLUMES, RESTRICTED_VOLUMES),
    "host_port": Values((ABSENT, None, 0), (80, 8080, 65535, -1)),
    "probe_host": Values((ABSENT, None, ""), ("127.0.0.1", "169.254.169.254", "::1", "example.com", " ")),
    "app_armor": Values((*UNSET, *PROFILES), NO_PROFILES),
    "app_armor_annotation": Values(
        ("runtime/default", "localhost/p", "localhost/", "", None),
        ("unconfined", "runtime/default ", "Localhost/p", "localhost", "docker/default", "RuntimeDefault"),
    ),
    "seccomp_annotation": Values(
        ("runtime/default", "docker/default", "localhost/p", "localhost/"),
        ("unconfined", "", None, "localhost", "Runtime/Default", "RuntimeDefault"),
    ),
    "se_linux": Values(
        (
            *UNSET,
            {},
            {"type": "container_t"},
            {"type": "container_init_t", "level": "s0:c123,c456"},
            {"type": "container_kvm_t", "user": "", "role": None},
            {"type": "", "level": "s0"},
            {"type": None},
        ),
        (
            {"type": "spc_t"},
            {"type": "Container_t"},
            {"user": "system_u"},
            {"type": "container_t", "role": "sysadm_r"},
            {"type": "container_engine_t", "user": "system_u"},
        ),
    ),
    "se_linux_engine": Values((), ({"type": "container_engine_t"},)),
    "proc_mount": Values((*UNSET, "Default"), ("Unmasked", "", "default")),
    "seccomp": Values(PROFILES, (*NO_PROFILES, *UNSET)),
    "run_as_non_root": Values((True,), (False, *UNSET)),
    "run_as_user": Values((*UNSET, 1000, 1, 65534, -1, 2**63 - 1), (0,)),
    "sysctl": Values(SAFE_SYSCTLS, UNSAFE_SYSCTLS),
    "sysctl_new": Values((), tuple(sorted(frozenset().union(*NEW_SYSCTLS.values())))),
    "windows_host_process": Values(
        (*UNSET, {}, {"hostProcess": False}, {"hostProcess": None}, {"runAsUserName": "u"}),
        ({"hostProcess": True}, {"hostProcess": True, "runAsUserName": "u"}),
    ),
    "privilege_escalation": Values((False,), (*UNSET, True)),
    "security_context": Values((), (ABSENT, None, {})),
}
"""By aspect: what a pod may deviate in. Where `plain` is empty, deviating adds something."""

HOST_USERS = (ABSENT, True, None, False, False)
OS: tuple[Any, ...] = (
    ABSENT,
    {"name": "linux"},
    None,
    {},
    {"name": "windows"},
    {"name": "Windows"},
    {"name": ""},
)
WINDOWS = {"name": "windows"}

EXEMPT_ON_WINDOWS = ("privilege_escalation", "capability_drop", "capability_add", "seccomp")
"""Aspects that the restricted level does not look at on Windows, since 1.25."""
RELAXED_BY_USER_NAMESPACE = ("run_as_non_root", "run_as_user", "proc_mount")
"""Aspects that some check does not look at where hostUsers is false, since 1.35."""

APP_ARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_PREFIX = "container.seccomp.security.alpha.kubernetes.io/"
IGNORED_ANNOTATIONS = (
    APP_ARMOR_PREFIX.rstrip("/"),
    "container.apparmor.security.alpha.kubernetes.io/app-0",
    SECCOMP_POD + "s",
    SECCOMP_PREFIX + "ghost",
    "kubernetes.io/os",
)
"""Keys that look like those above and mean nothing."""
