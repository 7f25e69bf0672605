"""Which of our policies answers which check of Kubernetes' pod security admission.

At level restricted, the four policies of `_STRICTER` answer for a baseline check and for the
restricted one that replaces it: before the version that brings the restricted check, they apply the
baseline rule, so that at every version the level fails exactly if one of its policies does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.podsecurity.oracle import Level

HOST_NAMESPACES = "hostNamespaces"
"""The one check that three of our policies share."""

_HOST_NAMESPACE_POLICIES = {"hostNetwork": "host_network", "hostPID": "host_pid", "hostIPC": "host_ipc"}

_BASELINE = {
    "privileged": "privileged_container",
    "capabilities_baseline": "capability_added",
    "hostPathVolumes": "host_path_volume",
    "hostPorts": "host_port",
    "hostProbesAndHostLifecycle": "probe_host_set",
    "appArmorProfile": "apparmor_unconfined",
    "seLinuxOptions": "selinux_options_custom",
    "procMount": "proc_mount_unmasked",
    "seccompProfile_baseline": "seccomp_unconfined",
    "sysctls": "unsafe_sysctl",
    "windowsHostProcess": "windows_host_process",
}
_STRICTER = {
    "capabilities_baseline": "capabilities_not_dropped",
    "hostPathVolumes": "volume_type_restricted",
    "procMount": "proc_mount_not_default",
    "seccompProfile_baseline": "seccomp_profile_missing",
}
_RESTRICTED = {
    "restrictedVolumes": "volume_type_restricted",
    "allowPrivilegeEscalation": "privilege_escalation_allowed",
    "runAsNonRoot": "run_as_non_root_missing",
    "runAsUser": "run_as_root_user",
    "seccompProfile_restricted": "seccomp_profile_missing",
    "capabilities_restricted": "capabilities_not_dropped",
    "procMount_restricted": "proc_mount_not_default",
}
POLICY_OF_CHECK: Mapping[Level, Mapping[str, str]] = {
    "baseline": _BASELINE,
    "restricted": {**_BASELINE, **_STRICTER, **_RESTRICTED},
}
"""By level: check id to policy id, for every check but `hostNamespaces`."""

CHECKS = frozenset({HOST_NAMESPACES, *_BASELINE, *_RESTRICTED})
"""All 19."""
POLICIES: Mapping[Level, frozenset[str]] = {
    level: frozenset({*_HOST_NAMESPACE_POLICIES.values(), *policies.values()})
    for level, policies in POLICY_OF_CHECK.items()
}
"""Our policies of a level: 14 of baseline, 17 of restricted."""


def policies_that_must_fail(level: Level, failed: Mapping[str, str]) -> frozenset[str]:
    """Return the policies that answer for the failed checks; `failed` as in `oracle.Verdict`.

    Which host namespaces are meant stands in Kubernetes' reason.
    """
    policies = {POLICY_OF_CHECK[level][check] for check in failed if check != HOST_NAMESPACES}
    shared = re.findall(r"(\w+)=true", failed.get(HOST_NAMESPACES, ""))
    return frozenset(policies.union(_HOST_NAMESPACE_POLICIES[name] for name in shared))
