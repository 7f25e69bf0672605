# METADATA
# title: Container sees an unmasked /proc
# description: >-
#   Runtimes hide and write-protect the parts of /proc that show or change the kernel. Without the
#   masks a container reads them as root of the node would; only a user namespace takes the edge
#   off, and so allows it since v1.35.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   wants: [namespace]
#   supersedes: [proc_mount_not_default]
#   remediation: Remove procMount from the container's securityContext, or set hostUsers of the pod to false.
#   same_as: [KSV-0027, set-procmount-default, procMount, unsafe-proc-mount]
#   parameters:
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.proc_mount_unmasked

import data.lib.pod_security

fail contains {
	"path": path,
	"message": sprintf("Container %s sets procMount to %s.", [container.name, mount]),
	"evidence": {"container": container.name, "role": container.role, "procMount": mount},
	"patch": [{"op": "remove", "path": path}],
} if {
	not pod_security.user_namespace(data.parameters.proc_mount_unmasked.pss_version)
	some container in input.containers
	mount := container.body.securityContext.procMount
	mount != "Default"
	path := sprintf("%s/securityContext/procMount", [container.path])
}
