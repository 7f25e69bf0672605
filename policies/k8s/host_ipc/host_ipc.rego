# METADATA
# title: Pod shares the host's IPC namespace
# description: >-
#   Shared memory, semaphores and message queues of every process on the node are open to the pod.
#   It can read and change what other programs exchange there.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   category: pod_security
#   kinds: [workload]
#   remediation: Remove hostIPC from the pod spec, or set it to false.
#   same_as: [KSV-0008, C-0038, hostIPCSet, host-ipc]
package k8s.host_ipc

fail contains {
	"path": path,
	"message": "The pod reaches the shared memory of its node (hostIPC is true).",
	"evidence": {"hostIPC": true},
	"patch": [{"op": "remove", "path": path}],
} if {
	input.pod.spec.hostIPC == true
	path := sprintf("%s/hostIPC", [input.pod.path])
}
