# METADATA
# title: Pod shares the host's process namespace
# description: >-
#   Every process of the node is visible to the pod, and can be signalled or read through /proc:
#   environment variables, open files, credentials of other pods. One compromised container then
#   is a compromised node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   category: pod_security
#   kinds: [workload]
#   remediation: Remove hostPID from the pod spec, or set it to false.
#   same_as: [KSV-0010, C-0038, hostPIDSet, host-pid]
package k8s.host_pid

fail contains {
	"path": path,
	"message": "The pod sees and signals every process of its node (hostPID is true).",
	"evidence": {"hostPID": true},
	"patch": [{"op": "remove", "path": path}],
} if {
	input.pod.spec.hostPID == true
	path := sprintf("%s/hostPID", [input.pod.path])
}
