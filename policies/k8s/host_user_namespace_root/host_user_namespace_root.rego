# METADATA
# title: Root of the container is root of the node
# description: >-
#   In a user namespace of its own, root in the container is nobody on the node, and what capabilities
#   allow ends at the container. Without one, who escapes from a root process is root on the node. Not
#   asked for where it cannot be had.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
# custom:
#   severity: low
#   category: pod_security
#   kinds: [workload]
#   excuses: [nodes]
#   remediation: >-
#     Set hostUsers of the pod to false; its volumes must be on file systems that can map users, so not
#     on NFS. Or run the container as another user than root, without added capabilities.
package k8s.host_user_namespace_root

import data.lib.pod_security
import data.lib.user_namespace

fail contains {
	"path": where,
	"key": sprintf("%s/hostUsers", [pod_security.label(container)]),
	"message": sprintf("Container %s %s, and the pod has no user namespace of its own.", [container.name, what]),
	"evidence": {"container": container.name, "role": container.role},
	"patch": [{"op": "add", "path": sprintf("%s/hostUsers", [input.pod.path]), "value": false}],
} if {
	object.get(input.pod.spec, "hostUsers", true)
	some i, container in input.containers
	[what, where] := _power(i)
	user_namespace.unavailable == set()
}

# root at the place where run_as_non_root_missing finds that nothing forbids it
_power(i) := ["may run as root", sprintf("%s/securityContext", [_decides(i)])] if {
	_setting(i, "runAsNonRoot", false) == false
	_setting(i, "runAsUser", 0) == 0
} else := [sprintf("adds %s", [concat(", ", added)]), sprintf("%s/hostUsers", [input.pod.path])] if {
	added := {name | some name in input.containers[i].body.securityContext.capabilities.add} - {"NET_BIND_SERVICE"}
	added != set()
}

_setting(i, name, otherwise) := object.get(input.containers[i].body, ["securityContext", name], of_pod) if {
	of_pod := object.get(input.pod.spec, ["securityContext", name], otherwise)
}

_decides(i) := input.pod.path if {
	object.get(input.containers[i].body, ["securityContext", "runAsNonRoot"], "") == ""
	_pod_allows(i)
} else := input.containers[i].path

_pod_allows(_) if input.pod.spec.securityContext.runAsNonRoot == false

_pod_allows(i) if {
	input.pod.spec.securityContext.runAsUser == 0
	object.get(input.containers[i].body, ["securityContext", "runAsUser"], "") == ""
}

skip contains reason if some reason in user_namespace.unavailable
