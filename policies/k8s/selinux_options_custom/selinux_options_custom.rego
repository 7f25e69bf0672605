# METADATA
# title: Custom SELinux label
# description: >-
#   On nodes with SELinux the label decides what a process may touch. A type of one's own, or a user
#   or role, can take the container out of the confinement that all others share.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   wants: [namespace]
#   remediation: >-
#     Remove user and role from seLinuxOptions and use the type container_t, container_init_t,
#     container_kvm_t or container_engine_t, or none; level is free.
#   same_as: [KSV-0025]
#   parameters:
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.selinux_options_custom

import data.lib.pod_security

fail contains {
	"path": path,
	"message": sprintf("%s sets the SELinux %s %s.", [setter.who, field, value]),
	"evidence": object.union(setter.evidence, {field: value}),
	"patch": [{"op": "remove", "path": path}],
} if {
	some setter in pod_security.setters
	some field in ["type", "user", "role"]
	value := setter.context.seLinuxOptions[field]
	not _allowed(field, value)
	path := sprintf("%s/seLinuxOptions/%s", [setter.path, field])
}

_allowed("type", value) if value in {"container_t", "container_init_t", "container_kvm_t"}

_allowed("type", "container_engine_t") if {
	pod_security.minor(data.parameters.selinux_options_custom.pss_version) >= 31
}
