# METADATA
# title: Namespace does not enforce a pod security level
# description: >-
#   The enforce label of a namespace is what makes admission refuse dangerous pods. Without it the
#   default of the cluster counts, which the API does not show and which is privileged unless
#   somebody changed it. The labels audit and warn only report: the pods are created all the same.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces
# custom:
#   severity: high
#   category: namespace
#   kinds: [Namespace]
#   remediation: >-
#     Set the label pod-security.kubernetes.io/enforce of the namespace to baseline or restricted, after
#     its pods pass that level; the labels warn and audit show beforehand which do not.
#   same_as: [C-0192, C-0193, pod-security-admission-applied-1]
#   parameters:
#     minimum: {default: baseline, description: The lowest level that will do., choices: [baseline, restricted]}
#     cluster_default: {default: privileged, description: 'The level of a namespace without a label, which the configuration of admission sets.', choices: [privileged, baseline, restricted]}
#     exempt_namespaces: {default: [kube-system, kube-public, kube-node-lease], description: Namespaces that need no label.}
package k8s.pod_security_label_missing

_parameters := data.parameters.pod_security_label_missing

_below := {"baseline": {"privileged"}, "restricted": {"privileged", "baseline"}}[_parameters.minimum]

_exempt if input.meta.name in _parameters.exempt_namespaces

fail contains {
	"path": "/metadata/labels/pod-security.kubernetes.io~1enforce",
	"message": sprintf("Namespace %s %s pods that break the level %s: %s.", [input.meta.name, _answer, minimum, fault]),
	"evidence": {"minimum": minimum, "reported": _reported},
} if {
	fault := _fault
	minimum := _parameters.minimum
	not _exempt
}

# admission takes what is no level for restricted: pod_security_label_invalid tells that
_fault := sprintf("it enforces only %s", [level]) if {
	level := input.meta.labels["pod-security.kubernetes.io/enforce"]
	level in _below
} else := sprintf("it has no enforce label, and the default of the cluster is taken to be %s", [level]) if {
	not input.meta.labels["pod-security.kubernetes.io/enforce"]
	level := _parameters.cluster_default
	level in _below
}

_answer := "only reports" if count(_reported) > 0

_answer := "does not refuse" if count(_reported) == 0

_reported[mode] := level if {
	some mode in ["audit", "warn"]
	level := input.meta.labels[sprintf("pod-security.kubernetes.io/%s", [mode])]
	level in ({"baseline", "restricted"} - _below)
}

skip contains "This namespace is exempt: its pods may be what the cluster itself runs on." if _exempt
