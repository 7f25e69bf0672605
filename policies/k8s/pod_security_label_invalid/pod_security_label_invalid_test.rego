package k8s.pod_security_label_invalid_test

import data.k8s.pod_security_label_invalid

_namespace(labels, version) := {
	"meta": {"name": "shop", "labels": {concat("/", ["pod-security.kubernetes.io", mode]): value |
		some mode, value in labels
	}},
	"cluster": {"version": version},
}

_said(label, says, value) := sprintf("Label pod-security.kubernetes.io/%s of namespace shop %s: %q.", [label, says, value])

# labels, version of the cluster, what is said
_cases := {
	"none": [{}, "v1.36.3", []],
	"valid": [
		{"enforce": "privileged", "audit": "baseline", "warn": "restricted", "enforce-version": "latest", "warn-version": "v1.0"},
		"v1.36.3",
		[],
	],
	"other labels": [{"enforced": "Baseline"}, "v1.36.3", []],
	"levels": [
		{"enforce": "Baseline", "audit": "", "warn": "none"},
		"v1.36.3",
		[
			["enforce", "is no level, so it counts as restricted", "Baseline"],
			["audit", "is no level, so it counts as privileged", ""],
			["warn", "is no level, so it counts as privileged", "none"],
		],
	],
	"versions": [
		{"enforce-version": "1.36", "audit-version": "v1.036", "warn-version": "v2.0"},
		"v1.36.3",
		[
			["enforce-version", "is no version, so it counts as latest", "1.36"],
			["audit-version", "is no version, so it counts as latest", "v1.036"],
			["warn-version", "is no version, so it counts as latest", "v2.0"],
		],
	],
	"more than a version": [
		{"audit-version": "v1.36.3", "warn-version": "latest "},
		"v1.36.3",
		[
			["audit-version", "is no version, so it counts as latest", "v1.36.3"],
			["warn-version", "is no version, so it counts as latest", "latest "],
		],
	],
	"old, but no version": [
		{"enforce-version": "v1.20.1"},
		"v1.36.3",
		[["enforce-version", "is no version, so it counts as latest", "v1.20.1"]],
	],
	"a little behind": [{"enforce-version": "v1.33"}, "v1.36.3", []],
	"ahead": [{"enforce-version": "v1.40"}, "v1.36.3", []],
	"far behind": [
		{"enforce-version": "v1.32"},
		"v1.36.3",
		[["enforce-version", "is 4 minor versions behind the cluster", "v1.32"]],
	],
	"only what is enforced": [{"audit-version": "v1.25", "warn-version": "v1.25"}, "v1.36.3", []],
	"old, of an unknown cluster": [{"enforce-version": "v1.33"}, "", []],
}

test_finding[note] if {
	some note, [labels, version, faults] in _cases
	found := pod_security_label_invalid.fail with input as _namespace(labels, version)
	found == {finding |
		some [label, says, value] in faults
		finding := {
			"path": sprintf("/metadata/labels/pod-security.kubernetes.io~1%s", [label]),
			"message": _said(label, says, value),
			"severity": {true: "info", false: "high"}[contains(says, "behind")],
			"evidence": {"label": sprintf("pod-security.kubernetes.io/%s", [label]), "value": value},
		}
	}
}

# pinned version, version of the cluster, whether something is unknown
_unknown := [
	["v1.33", "", true],
	["v1.34", "", false],
	["latest", "", false],
	["v1.33", "v1.36.3", false],
	["v1.9", "v1.36.3", false],
	["1.20", "", false],
]

test_unknown[case] if {
	some case in _unknown
	[pinned, version, want] := case
	reasons := pod_security_label_invalid.unknown with input as _namespace({"enforce-version": pinned}, version)
	count(reasons) == 1 == want
	all := {"Without the version of the cluster, nobody can tell whether the pinned one is outdated."}
	reasons - all == set()
}
