# METADATA
# title: Namespace could enforce a higher level of pod security
# description: >-
#   Everything in it passes a level above the one that admission enforces, at the same version. To
#   enforce that level costs nothing today, and keeps out what would fail it tomorrow.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/
# custom:
#   severity: info
#   category: namespace
#   kinds: [Namespace]
#   needs: [results]
#   counts: [pss_baseline, pss_restricted]
#   remediation: >-
#     Set the label pod-security.kubernetes.io/enforce of the namespace to the level that is named. What
#     is not there today, such as a job that is started by hand, may fail it.
#   parameters:
#     cluster_default: {description: 'The level of a namespace without a label, which the configuration of admission sets', default: privileged, choices: [privileged, baseline, restricted]}
#     pss_version: {default: latest, description: 'The version of the Pod Security Standards to judge by, such as v1.30.', pattern: '^(latest|v1\.(0|[1-9][0-9]{0,2}))$'}
package k8s.pod_security_level_promotable

import data.lib.pod_security

_parameters := data.parameters.pod_security_level_promotable

_level := pod_security.enforced(_parameters.cluster_default)

_higher := {"privileged": ["restricted", "baseline"], "baseline": ["restricted"]}[_level]

_open := [level | some level in _higher; pod_security.failing(level) == set()]

_possible := [level | some level in _open; pod_security.unjudged(level) == set()]

fail contains {
	"path": _label,
	"message": sprintf("Everything in it passes %s at version %s, and it enforces %s.", [best, version, _level]),
	"evidence": {"enforces": _level, "could_enforce": best, "version": version},
	"patch": array.flatten([
		[{"op": "add", "path": "/metadata/labels", "value": {}} | input.meta.labels == {}],
		{"op": "add", "path": _label, "value": best},
		{"op": "add", "path": sprintf("%s-version", [_label]), "value": version},
	]),
} if {
	best := _possible[0]
	not pod_security.empty
	version := pod_security.version(_parameters.pss_version)
}

_label := "/metadata/labels/pod-security.kubernetes.io~1enforce"

unknown contains sprintf("Whether everything in it passes %s is not known: %s.", [level, concat(", ", left)]) if {
	some level in _open
	left := pod_security.unjudged(level)
	left != set()
	not _open[0] in _possible
}

skip contains "Nothing that has pods is in it." if pod_security.empty
