# METADATA
# title: /proc is not mounted with the default masks
# description: >-
#   Runtimes hide and write-protect the parts of /proc that show or change the kernel. The restricted
#   level asks for these masks always, also in a user namespace where baseline allows to drop them.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   remediation: Remove procMount from the container's securityContext, or set it to Default.
#   same_as: [KSV-0027, set-procmount-default, procMount, unsafe-proc-mount]
package k8s.proc_mount_not_default

fail contains {
	"path": path,
	"message": sprintf("Container %s sets procMount to %s, not to Default.", [container.name, mount]),
	"evidence": {"container": container.name, "role": container.role, "procMount": mount},
	"patch": [{"op": "remove", "path": path}],
} if {
	some container in input.containers
	mount := container.body.securityContext.procMount
	mount != "Default"
	path := sprintf("%s/securityContext/procMount", [container.path])
}
