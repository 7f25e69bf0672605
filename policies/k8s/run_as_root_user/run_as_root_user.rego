# METADATA
# title: Container runs as root by order
# description: >-
#   runAsUser 0 makes every process root, whatever user the image was built for. An escape from the
#   container is then root on the node, unless the pod has a user namespace: with hostUsers false it
#   is allowed since v1.35.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: high
#   category: pod_security
#   kinds: [workload]
#   wants: [namespace]
#   supersedes: [run_as_non_root_missing, host_user_namespace_root]
#   remediation: Set runAsUser to the non-root user id that the image is built for, or remove it.
#   same_as: [KSV-0105, C-0013, runAsRootAllowed, run-as-non-root]
#   parameters:
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.run_as_root_user

import data.lib.pod_security

_version := data.parameters.run_as_root_user.pss_version

fail contains {
	"path": sprintf("%s/runAsUser", [setter.path]),
	"message": sprintf("%s orders the user root (runAsUser is 0).", [setter.who]),
	"evidence": object.union(setter.evidence, {"runAsUser": 0}),
} if {
	not pod_security.not_yet(_version, 23)
	not pod_security.user_namespace(_version)
	some setter in pod_security.setters
	setter.context.runAsUser == 0
}

skip contains pod_security.not_yet(_version, 23)
