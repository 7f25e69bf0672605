# METADATA
# title: Container runs privileged
# description: >-
#   A privileged container has all capabilities, all devices of the node and no seccomp or AppArmor
#   confinement: root in the container is root on the node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: critical
#   category: pod_security
#   kinds: [workload]
#   remediation: Remove privileged from the container's securityContext, or set it to false.
#   same_as: [KSV-0017, C-0057, runAsPrivileged, privileged-container]
package k8s.privileged_container

fail contains {
	"path": path,
	"message": sprintf("Container %s runs privileged: it has every right of root on the node.", [container.name]),
	"evidence": {"container": container.name, "role": container.role, "privileged": true},
	"patch": [{"op": "replace", "path": path, "value": false}],
} if {
	some container in input.containers
	container.body.securityContext.privileged == true
	path := sprintf("%s/securityContext/privileged", [container.path])
}
