# METADATA
# title: Container is in the group root by order
# description: >-
#   Much on a node may be read or written by the group root. A process with group 0 shares these
#   rights in every volume that comes from the node, and in the image, though its user is not root.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   severity: low
#   category: pod_security
#   kinds: [workload]
#   remediation: >-
#     Set runAsGroup and fsGroup of the securityContext to a group of your own, and take 0 out of
#     supplementalGroups.
#   same_as: [KSV-0116]
package k8s.run_as_root_group

import data.lib.pod_security

fail contains _finding(setter, "runAsGroup", "runAsGroup") if {
	some setter in pod_security.setters
	setter.context.runAsGroup == 0
	_is_used(setter)
}

# a container's own group wins over the pod's, which is used only if some container sets none
_is_used(setter) if setter.evidence.container

_is_used(_) if {
	some container in input.containers
	not container.body.securityContext.runAsGroup
}

# only the pod can set these two
fail contains _finding(setter, "fsGroup", "fsGroup") if {
	some setter in pod_security.setters
	setter.context.fsGroup == 0
}

fail contains _finding(setter, "supplementalGroups", sprintf("supplementalGroups/%d", [i])) if {
	some setter in pod_security.setters
	some i, 0 in setter.context.supplementalGroups
}

_finding(setter, field, place) := {
	"path": sprintf("%s/%s", [setter.path, place]),
	"message": sprintf("%s sets %s to the group root (0).", [setter.who, field]),
	"evidence": object.union(setter.evidence, {field: 0}),
}
