# METADATA
# title: The ServiceAccount of a pod, and its token
# description: >-
#   As admission decides about it: plugin/pkg/admission/serviceaccount of Kubernetes. A policy that uses
#   it needs the relation service_account.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
package lib.service_account

# METADATA
# title: Why a pod has no ServiceAccount, undefined if it has one
static := "It is a static pod, made from a file of its node: such pods have no ServiceAccount." if {
	input.pod.annotations["kubernetes.io/config.mirror"]
}

# METADATA
# title: Whether a token is mounted, and who says so
# description: The pod wins over its ServiceAccount, and nobody's word is yes.
automount := {"mounted": value, "by": "the pod"} if {
	value := input.pod.spec.automountServiceAccountToken
} else := {"mounted": value, "by": "the ServiceAccount"} if {
	value := input.related.service_account.automountServiceAccountToken
} else := {"mounted": true, "by": "default"}

# METADATA
# title: The names of the containers that it would be mounted into
# description: >-
#   A container that mounts something else in its place gets none. Debug containers get none either;
#   what admission mounted in a live pod is what this is about.
takers := [container.name |
	some container in input.containers
	container.role != "ephemeral"
	not _taken(container)
]

_taken(container) if {
	some mount in container.body.volumeMounts
	mount.mountPath == "/var/run/secrets/kubernetes.io/serviceaccount"
	not startswith(mount.name, "kube-api-access-")
}
