# METADATA
# title: Nothing forbids running as root
# description: >-
#   Without runAsNonRoot the image decides, and most images run as root. With it the kubelet refuses
#   to start a root process. A pod in a user namespace (hostUsers false) needs it no more since v1.35.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: medium
#   category: pod_security
#   kinds: [workload]
#   wants: [namespace]
#   supersedes: [host_user_namespace_root]
#   remediation: Set runAsNonRoot of the pod's securityContext to true, and remove false from its containers.
#   same_as: [KSV-0012, C-0013, runAsRootAllowed, run-as-non-root]
#   parameters:
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.run_as_non_root_missing

import data.lib.pod_security
import data.lib.pointer

_version := data.parameters.run_as_non_root_missing.pss_version

_keys := ["securityContext", "runAsNonRoot"]

fail contains object.union(finding, _patch(setter.path, setter.context, ["runAsNonRoot"])) if {
	some setter in pod_security.setters
	setter.context.runAsNonRoot == false
	not pod_security.user_namespace(_version)
	finding := {
		"path": setter.path,
		"message": sprintf("%s allows root explicitly (runAsNonRoot is false).", [setter.who]),
		"evidence": object.union(setter.evidence, {"runAsNonRoot": false}),
	}
}

fail contains object.union(finding, _patch(input.pod.path, input.pod.spec, _keys)) if {
	object.get(input.pod.spec, _keys, null) == null # false for the pod is a finding of its own
	some container in input.containers
	object.get(container.body, _keys, null) == null
	not pod_security.user_namespace(_version)
	finding := {
		"path": _user_path(container),
		"key": sprintf("%s/runAsNonRoot", [pod_security.label(container)]),
		"message": sprintf("Neither the pod nor container %s sets runAsNonRoot.", [container.name]),
		"evidence": {"container": container.name, "role": container.role},
	}
}

# where its user is set, so that run_as_root_user at that place is the same root cause
_user_path(container) := sprintf("%s/securityContext", [input.pod.path]) if {
	input.pod.spec.securityContext.runAsUser == 0
	object.get(container.body, ["securityContext", "runAsUser"], null) == null
} else := sprintf("%s/securityContext", [container.path])

# with runAsUser 0 the pod would no longer start
_patch(path, body, keys) := {"patch": pointer.put(path, body, keys, true)} if {
	not 0 in {setter.context.runAsUser | some setter in pod_security.setters}
} else := {}
