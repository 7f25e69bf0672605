# METADATA
# title: What runs in the namespace would be refused by the level that it enforces
# description: >-
#   Admission looks at a pod when it is made. One that is older than the label of its namespace, or than
#   its version, goes on running until it is replaced, and its successor is refused. Exemptions of users
#   and runtime classes cannot be seen from here.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
# custom:
#   severity: medium
#   category: namespace
#   kinds: [Namespace]
#   needs: [results]
#   counts: [pss_baseline, pss_restricted]
#   remediation: >-
#     Change the objects until they pass the level, before their pods are replaced; what has to run as it
#     is belongs in a namespace of its own with a lower level.
#   parameters:
#     cluster_default: {description: 'The level of a namespace without a label, which the configuration of admission sets', default: privileged, choices: [privileged, baseline, restricted]}
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.pod_security_violators

import data.lib.pod_security

_parameters := data.parameters.pod_security_violators

_level := pod_security.enforced(_parameters.cluster_default)

_version := pod_security.version(_parameters.pss_version)

fail contains {
	"path": "/metadata/labels/pod-security.kubernetes.io~1enforce",
	"message": sprintf("It enforces %s, and objects in it fail %s.", [_level, concat(", ", failing)]),
	"evidence": {"enforces": _level, "version": _version, "objects": objects},
	"related": [object.union(one, {"namespace": input.meta.name}) | some one in array.slice(sort(named), 0, 20)],
} if {
	failing := pod_security.failing(_level)
	failing != set()
	_version == pod_security.own_version
	objects := {policy: input.results[policy].objects_failing | some policy in failing}
	named := {one | some policy in failing; some one in input.results[policy].failing}
}

unknown contains sprintf("Whether what is in it passes %s is not known: %s.", [_level, concat(", ", left)]) if {
	left := pod_security.unjudged(_level)
	left != set()
}

unknown contains sprintf("It enforces the version %s, and is judged at %s.", [pod_security.own_version, _version]) if {
	_level != "privileged"
	_version != pod_security.own_version
	not pod_security.empty
}

skip contains "It enforces no level." if _level == "privileged"

skip contains "Nothing that has pods is in it." if pod_security.empty
