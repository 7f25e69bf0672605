# METADATA
# title: Containers of the pod share one process namespace
# description: >-
#   Each container sees the processes of the others, with their arguments and environment, can signal
#   them and read their files under /proc. One that is broken into opens the whole pod.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/
# custom:
#   severity: low
#   category: pod_security
#   kinds: [workload]
#   remediation: Remove shareProcessNamespace from the pod spec, or set it to false.
package k8s.process_namespace_shared

fail contains {
	"path": path,
	"message": "The containers of the pod see and can signal the processes of each other.",
	"evidence": {"shareProcessNamespace": true},
	"patch": [{"op": "remove", "path": path}],
} if {
	input.pod.spec.shareProcessNamespace == true
	path := sprintf("%s/shareProcessNamespace", [input.pod.path])
}
