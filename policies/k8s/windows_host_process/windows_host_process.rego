# METADATA
# title: Windows HostProcess container
# description: >-
#   A HostProcess container runs directly on the Windows node, with its files, devices and network,
#   and as its administrator if it wants: there is no container around it.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: critical
#   category: pod_security
#   kinds: [workload]
#   remediation: Remove windowsOptions.hostProcess from the securityContext, or set it to false.
#   same_as: [KSV-0103, set-hostprocess-true, hostProcess]
package k8s.windows_host_process

import data.lib.pod_security

fail contains {
	"path": path,
	"message": sprintf("%s runs as a process of the Windows node (hostProcess is true).", [setter.who]),
	"evidence": object.union(setter.evidence, {"hostProcess": true}),
	"patch": [{"op": "remove", "path": path}],
} if {
	some setter in pod_security.setters
	setter.context.windowsOptions.hostProcess == true
	path := sprintf("%s/windowsOptions/hostProcess", [setter.path])
}
