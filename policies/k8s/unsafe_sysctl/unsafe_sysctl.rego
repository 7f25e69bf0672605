# METADATA
# title: Sysctl outside the safe list
# description: >-
#   Sysctls that are not namespaced change the kernel of the whole node, and so every pod on it.
#   Only those that the kernel isolates per pod are safe; the list grew with the versions.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   wants: [namespace]
#   remediation: Remove the sysctl, or set it on a dedicated node pool outside the pod.
#   same_as: [KSV-0026, set-sysctls-params, unsafe-sysctls]
#   parameters:
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.unsafe_sysctl

import data.lib.pod_security

# the first minor version in which the standards allow it
_safe_since := {
	"kernel.shm_rmid_forced": 0,
	"net.ipv4.ip_local_port_range": 0,
	"net.ipv4.tcp_syncookies": 0,
	"net.ipv4.ping_group_range": 0,
	"net.ipv4.ip_unprivileged_port_start": 0,
	"net.ipv4.ip_local_reserved_ports": 27,
	"net.ipv4.tcp_keepalive_time": 29,
	"net.ipv4.tcp_fin_timeout": 29,
	"net.ipv4.tcp_keepalive_intvl": 29,
	"net.ipv4.tcp_keepalive_probes": 29,
	"net.ipv4.tcp_rmem": 32,
	"net.ipv4.tcp_wmem": 32,
	"net.ipv4.tcp_slow_start_after_idle": 37,
	"net.ipv4.tcp_notsent_lowat": 37,
}

fail contains {
	"path": path,
	"message": sprintf("The pod sets the sysctl %s, which is outside the safe list.", [name]),
	"evidence": {"name": name, "value": object.get(sysctl, "value", "")},
	"patch": [{"op": "remove", "path": path}],
} if {
	some i, sysctl in input.pod.spec.securityContext.sysctls
	name := object.get(sysctl, "name", "")
	not _safe(name)
	path := sprintf("%s/securityContext/sysctls/%d", [input.pod.path, i])
}

_safe(name) if _safe_since[name] <= pod_security.minor(data.parameters.unsafe_sysctl.pss_version)
