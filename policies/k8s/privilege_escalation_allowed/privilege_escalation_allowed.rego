# METADATA
# title: Container may gain privileges
# description: >-
#   Unless it is forbidden, a process can gain more rights than its parent, for example by a setuid
#   program in the image. Forbidding it sets no_new_privs in the kernel and costs ordinary programs
#   nothing.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   wants: [namespace]
#   remediation: Set allowPrivilegeEscalation to false in the container's securityContext.
#   same_as: [KSV-0001, C-0016, privilegeEscalationAllowed, privilege-escalation-container]
#   parameters:
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.privilege_escalation_allowed

import data.lib.pod_security
import data.lib.pointer

_version := data.parameters.privilege_escalation_allowed.pss_version

fail contains object.union(
	{
		"path": sprintf("%s/securityContext/allowPrivilegeEscalation", [container.path]),
		"message": sprintf("Container %s may gain privileges: allowPrivilegeEscalation is %v.", [container.name, value]),
		"evidence": {"container": container.name, "role": container.role, "allowPrivilegeEscalation": value},
	},
	_patch(container),
) if {
	not pod_security.not_yet(_version, 8)
	not pod_security.windows(_version)
	some container in input.containers
	value := object.get(container.body, ["securityContext", "allowPrivilegeEscalation"], "not set")
	value != false
}

skip contains pod_security.not_yet(_version, 8)

skip contains pod_security.windows(_version)

# the API server refuses false together with either of these
_patch(container) := {} if {
	container.body.securityContext.privileged == true
} else := {} if {
	"CAP_SYS_ADMIN" in container.body.securityContext.capabilities.add
} else := {"patch": pointer.put(container.path, container.body, ["securityContext", "allowPrivilegeEscalation"], false)}
