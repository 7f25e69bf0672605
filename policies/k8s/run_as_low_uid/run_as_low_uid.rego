# METADATA
# title: User id may be one of the host
# description: >-
#   The kernel knows users by number. A process that breaks out of its container has the rights of the
#   node's user with the same id, and low ids are those of system services and of people.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   severity: info
#   category: pod_security
#   kinds: [workload]
#   remediation: Set runAsUser to an id of at least 10000 that owns the files which the program needs.
#   same_as: [KSV-0020, KSV-0021]
#   parameters:
#     minimum: {default: 10000, description: The lowest user id that will do.}
package k8s.run_as_low_uid

import data.lib.pod_security

fail contains {
	"path": sprintf("%s/runAsUser", [setter.path]),
	"message": sprintf("%s runs as user %d, below %d.", [setter.who, uid, minimum]),
	"evidence": object.union(setter.evidence, {"runAsUser": uid, "minimum": minimum}),
} if {
	minimum := data.parameters.run_as_low_uid.minimum
	some [setter, uid] in _users
	uid < minimum
	not _user_namespace
}

# a container's own user wins over the pod's, which is used only if some container sets none; root is
# judged by run_as_root_user
_users := [[setter, uid] |
	some setter in pod_security.setters
	uid := setter.context.runAsUser
	uid > 0
	_is_used(setter)
]

_is_used(setter) if setter.evidence.container

_is_used(_) if {
	some container in input.containers
	not container.body.securityContext.runAsUser
}

_user_namespace if input.pod.spec.hostUsers == false

skip contains "The pod has a user namespace: its user ids are not those of the node." if _user_namespace

skip contains "No user but root is set: the image decides, or run_as_root_user judges." if _users == []
