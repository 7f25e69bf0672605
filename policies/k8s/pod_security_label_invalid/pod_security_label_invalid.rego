# METADATA
# title: Pod security label of a namespace is invalid or outdated
# description: >-
#   Admission does not ignore a label that it cannot read: it then enforces restricted, audits and
#   warns of nothing, and takes the newest rules. A version far behind the cluster's lacks new rules.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces
# custom:
#   severity: [high, info]
#   category: namespace
#   kinds: [Namespace]
#   remediation: Set levels to privileged, baseline or restricted, versions to latest or one near the cluster's.
#   parameters:
#     max_version_lag: {default: 3, description: Minor versions that a pinned version may be behind the cluster.}
package k8s.pod_security_label_invalid

import data.lib.cluster

_instead := {"enforce": "restricted", "audit": "privileged", "warn": "privileged"} # of an invalid level

_label(mode) := concat("/", ["pod-security.kubernetes.io", mode])

_versions[mode] := input.meta.labels[_label(mode)] if some mode in ["enforce-version", "audit-version", "warn-version"]

_pinned := cluster.number_of(_versions["enforce-version"]) if regex.match(_version, _versions["enforce-version"])

_version := `^v1\.(0|[1-9][0-9]*)$`

_max_lag := data.parameters.pod_security_label_invalid.max_version_lag

fail contains _finding(mode, value, "high", sprintf("is no level, so it counts as %s", [instead])) if {
	some mode, instead in _instead
	value := input.meta.labels[_label(mode)]
	not value in {"privileged", "baseline", "restricted"}
}

fail contains _finding(mode, value, "high", "is no version, so it counts as latest") if {
	some mode, value in _versions
	value != "latest"
	not regex.match(_version, value)
}

fail contains _finding("enforce-version", value, "info", sprintf("is %d minor versions behind the cluster", [lag])) if {
	lag := cluster.minor - _pinned
	lag > _max_lag
	value := _versions["enforce-version"]
}

# v1.37 changed the rules last: what is near it is near any cluster
unknown contains "Without the version of the cluster, nobody can tell whether the pinned one is outdated." if {
	_pinned < 37 - _max_lag
	not cluster.minor
}

_finding(mode, value, severity, says) := {
	"path": sprintf("/metadata/labels/pod-security.kubernetes.io~1%s", [mode]),
	"message": sprintf("Label %s of namespace %s %s: %q.", [_label(mode), input.meta.name, says, value]),
	"severity": severity,
	"evidence": {"label": _label(mode), "value": value},
}
