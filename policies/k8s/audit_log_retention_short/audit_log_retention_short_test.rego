package k8s.audit_log_retention_short_test

import data.k8s.audit_log_retention_short

_server(version, args) := {
	"meta": {"namespace": "kube-system", "labels": {"component": "kube-apiserver"}},
	"containers": [{
		"name": "kube-apiserver",
		"role": "app",
		"path": "/spec/containers/0",
		"body": {"image": sprintf("registry.k8s.io/kube-apiserver:%s", [version]), "args": args},
	}],
	"cluster": {"version": ""},
}

_limited(age, backups, size) := [
	"--audit-log-path=/a",
	sprintf("--audit-log-maxage=%d", [age]),
	sprintf("--audit-log-maxbackup=%d", [backups]),
	sprintf("--audit-log-maxsize=%d", [size]),
]

_unrotated := ["growth", "medium", "grows without limit: --audit-log-maxsize=0 turns its rotation off"]

_undeleted := ["growth", "medium", "grows without limit: nothing deletes its old files"]

_days(number) := ["age", "medium", sprintf("reaches back %d days only", [number])]

_megabytes(number) := ["size", "low", sprintf("holds %d MB only", [number])]

# version, flags, faults
_cases := {
	"what benchmarks ask for": ["v1.36.3", _limited(30, 10, 100), []],
	"the same, on an older one": ["v1.30.0", _limited(30, 10, 100), []],
	"defaults": ["v1.36.3", ["--audit-log-path=/a"], []],
	"older defaults": ["v1.35.0", ["--audit-log-path=/a"], [_undeleted]],
	"not rotated": ["v1.36.3", _limited(7, 3, 0), [_unrotated]],
	"not rotated, though nothing limits it": ["v1.36.3", _limited(0, 0, 0), [_unrotated]],
	"rotated at 100": ["v1.35.0", _limited(30, 10, 0), []],
	"rotated at 100, a few files": ["v1.35.0", _limited(30, 9, 0), [_megabytes(900)]],
	"not deleted": ["v1.36.3", _limited(0, 0, 100), [_undeleted]],
	"deleted by number": ["v1.36.3", _limited(0, 10, 100), []],
	"deleted by age": ["v1.36.3", _limited(30, 0, 100), []],
	"too soon": ["v1.36.3", _limited(29, 0, 100), [_days(29)]],
	"after a day": ["v1.36.3", _limited(1, 10, 100), [_days(1)]],
	"too small": ["v1.36.3", _limited(30, 1, 999), [_megabytes(999)]],
	"too soon and too small": ["v1.36.3", _limited(7, 3, 100), [_days(7), _megabytes(300)]],
}

test_verdict[note] if {
	some note, [version, args, faults] in _cases
	document := _server(version, args)
	[audit_log_retention_short.skip, audit_log_retention_short.unknown] == [set(), set()] with input as document
	found := {[finding.key, finding.severity, finding.message] | some finding in audit_log_retention_short.fail} with input as document
	found == {[key, severity, sprintf("The audit log of kube-apiserver %s.", [says])] | some [key, severity, says] in faults}
}

test_finding if {
	audit_log_retention_short.fail == {{
		"path": "/spec/containers/0",
		"key": "age",
		"message": "The audit log of kube-apiserver reaches back 7 days only.",
		"severity": "medium",
		"evidence": {"maxage": 7, "maxbackup": 10, "maxsize": 100},
	}} with input as _server("v1.36.3", _limited(7, 10, 100))
}

test_parameters if {
	found := audit_log_retention_short.fail with input as _server("v1.36.3", _limited(30, 10, 100))
		with data.parameters.audit_log_retention_short as {"min_age": 31, "min_megabytes": 1001}
	{finding.key | some finding in found} == {"age", "size"}
}

test_unknown if {
	document := _server("stable", ["--audit-log-path=/a"])
	[audit_log_retention_short.fail, audit_log_retention_short.skip] == [set(), set()] with input as document
	audit_log_retention_short.unknown == {"A limit of the audit log, or the version with its default, cannot be told."} with input as document
}

test_no_file if {
	document := _server("v1.35.0", ["--audit-log-path=-", "--audit-log-maxage=1"])
	[audit_log_retention_short.fail, audit_log_retention_short.unknown] == [set(), set()] with input as document
	audit_log_retention_short.skip == {"It writes no audit log into a file."} with input as document
}
