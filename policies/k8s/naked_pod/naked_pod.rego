# METADATA
# title: Pod without a controller
# description: >-
#   Nobody makes a new pod when this one is evicted, its node fails or somebody deletes it: a drain
#   of the node ends it for good, and refuses to begin without being forced.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/overview/#naked-pods-vs-replicasets-deployments-and-jobs
# custom:
#   severity: medium
#   category: availability
#   kinds: [Pod]
#   remediation: Put the pod's spec into the template of a Deployment, StatefulSet, DaemonSet or Job.
#   same_as: [C-0073]
#   parameters:
#     exempt_namespaces: {default: [], description: Namespaces whose pods may stand alone.}
package k8s.naked_pod

fail contains {
	"path": "/metadata/ownerReferences",
	"message": sprintf("Nothing replaces pod %s when it is gone: it has no controller.", [input.meta.name]),
	"evidence": {"restartPolicy": input.pod.spec.restartPolicy},
} if {
	not input.meta.controller
	count(skip) == 0
}

skip contains "It ends when its work is done." if input.pod.spec.restartPolicy != "Always"

skip contains "It is a file on its node, and the kubelet there replaces it." if {
	input.meta.annotations["kubernetes.io/config.mirror"]
}

skip contains "Pods of this namespace may stand alone." if {
	input.meta.namespace in data.parameters.naked_pod.exempt_namespaces
}
