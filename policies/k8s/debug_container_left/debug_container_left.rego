# METADATA
# title: Debug container left in a pod
# description: >-
#   An ephemeral container stays in the pod's spec until the pod is gone, and whatever tools and
#   rights it brought with it stay within reach. It was started by hand, past the review that the
#   template had.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
# custom:
#   severity: [low, high]
#   category: pod_security
#   kinds: [workload]
#   remediation: >-
#     Delete the pod, so that its controller makes a new one; an ephemeral container cannot be taken
#     out. Debug in a copy of the pod (kubectl debug --copy-to).
package k8s.debug_container_left

fail contains {
	"path": container.path,
	"message": sprintf("The %sdebug container %s (%s) is still in the pod.", [words, container.name, image]),
	"severity": severity,
	"evidence": {"container": container.name, "image": image, "target": target},
} if {
	some container in input.containers
	container.role == "ephemeral"
	[words, severity] := _grade(container.body)
	image := object.get(container.body, "image", "")
	target := object.get(container.body, "targetContainerName", "")
}

_grade(body) := ["privileged ", "high"] if {
	body.securityContext.privileged == true
} else := ["", "low"]
