package k8s.audit_log_disabled_test

import data.k8s.audit_log_disabled

_server(component, body) := {
	"meta": {"namespace": "kube-system", "labels": {"component": component}},
	"containers": [{"name": "kube-apiserver", "role": "app", "path": "/spec/containers/0", "body": body}],
}

_policy := "--audit-policy-file=/a"

_no_policy := "no --audit-policy-file"

_no_place := "neither --audit-log-path nor --audit-webhook-config-file"

# flags, what is missing
_cases := {
	"nothing": [[], {_no_policy, _no_place}],
	"policy": [[_policy], {_no_place}],
	"file": [["--audit-log-path=/b"], {_no_policy}],
	"webhook": [["--audit-webhook-config-file=/b"], {_no_policy}],
	"policy and file": [[_policy, "--audit-log-path=/b"], set()],
	"policy and standard output": [[_policy, "--audit-log-path", "-"], set()],
	"policy and webhook": [[_policy, "--audit-webhook-config-file=/b"], set()],
	"all": [[_policy, "--audit-log-path=/b", "--audit-webhook-config-file=/c"], set()],
	"empty": [["--audit-policy-file=", "--audit-log-path="], {_no_policy, _no_place}],
	"taken back": [[_policy, "--audit-log-path=/b", "--audit-policy-file="], {_no_policy}],
}

test_verdict[note] if {
	some note, [args, missing] in _cases
	document := _server("kube-apiserver", {"args": args})
	[audit_log_disabled.skip, audit_log_disabled.unknown] == [set(), set()] with input as document
	{finding.evidence.missing | some finding in audit_log_disabled.fail} == {missing | count(missing) > 0} with input as document
}

test_finding if {
	audit_log_disabled.fail == {{
		"path": "/spec/containers/0",
		"message": sprintf("kube-apiserver writes no audit log: it has %s and %s.", [_no_place, _no_policy]),
		"evidence": {"container": "kube-apiserver", "missing": {_no_policy, _no_place}},
	}} with input as _server("kube-apiserver", {"args": []})
}

test_shell if {
	document := _server("kube-apiserver", {"command": ["sh", "-c", "kube-apiserver"]})
	[audit_log_disabled.fail, audit_log_disabled.skip] == [set(), set()] with input as document
	audit_log_disabled.unknown == {"kube-apiserver is not started by its name, so its flags cannot be told."} with input as document
}

test_flags_from_elsewhere if {
	document := _server("kube-apiserver", {"args": ["$(FLAGS)"]})
	[audit_log_disabled.fail, audit_log_disabled.skip] == [set(), set()] with input as document
	count(audit_log_disabled.unknown) == 1 with input as document
}

test_other_pod if {
	document := _server("etcd", {"args": []})
	[audit_log_disabled.fail, audit_log_disabled.unknown] == [set(), set()] with input as document
	audit_log_disabled.skip == {"This pod is not the API server of the cluster."} with input as document
}
