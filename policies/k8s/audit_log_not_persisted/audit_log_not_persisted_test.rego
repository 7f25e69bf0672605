package k8s.audit_log_not_persisted_test

import data.k8s.audit_log_not_persisted

_server(args, mounts) := {
	"meta": {"namespace": "kube-system", "labels": {"component": "kube-apiserver"}},
	"containers": [{
		"name": "kube-apiserver",
		"role": "app",
		"path": "/spec/containers/0",
		"body": {"args": args, "volumeMounts": [{"name": name, "mountPath": path} | some [name, path] in mounts]},
	}],
	"pod": {"spec": {"volumes": [
		{"name": "host", "hostPath": {"path": "/x"}},
		{"name": "claim", "persistentVolumeClaim": {"claimName": "x"}},
		{"name": "empty", "emptyDir": {}},
		{"name": "config", "configMap": {"name": "x"}},
	]}},
}

_file := "--audit-log-path=/var/log/audit/audit.log"

# mounts, the volume that it lies on, whether that is a fault
_cases := {
	"no mount": [[], "", true],
	"folder of the node": [[["host", "/var/log/audit"]], "host", false],
	"claim": [[["claim", "/var/log/audit/"]], "claim", false],
	"the file": [[["host", "/var/log/audit/audit.log"]], "host", false],
	"a folder above": [[["host", "/var"]], "host", false],
	"empty": [[["empty", "/var/log/audit"]], "empty", true],
	"config": [[["config", "/var/log/audit"]], "config", true],
	"begins alike": [[["host", "/var/log/aud"], ["host", "/var/log/audit/audit.log.1"]], "", true],
	"other folder": [[["host", "/var/lib"]], "", true],
	"volume inside": [[["host", "/var/log"], ["empty", "/var/log/audit"]], "empty", true],
	"volume of the node inside": [[["host", "/var/log/audit"], ["empty", "/var/log"]], "host", false],
	"unknown volume": [[["lost", "/var/log"]], "lost", true],
}

test_verdict[note] if {
	some note, [mounts, volume, want] in _cases
	document := _server([_file], mounts)
	[audit_log_not_persisted.skip, audit_log_not_persisted.unknown] == [set(), set()] with input as document
	volumes := {finding.evidence.volume | some finding in audit_log_not_persisted.fail} with input as document
	volumes == {volume | want}
}

test_finding if {
	audit_log_not_persisted.fail == {{
		"path": "/spec/containers/0",
		"message": "The audit log /a/b of kube-apiserver lies on no volume that outlives the pod.",
		"evidence": {"container": "kube-apiserver", "file": "/a/b", "volume": "empty"},
	}} with input as _server(["--audit-log-path", "/a/b"], [["empty", "/a"]])
}

_unknown := {
	"value from elsewhere": [["--audit-log-path=$(A)"], "The value of --audit-log-path is not in the pod."],
	"hidden": [["--audit-log-path", {"class": "named", "length": 3}], "The value of --audit-log-path is not in the pod."],
	"flags from elsewhere": [[_file, "$(A)"], "A variable whose value is not in the pod stands for flags of kube-apiserver."],
}

test_unknown[note] if {
	some note, [args, reason] in _unknown
	document := _server(args, [])
	[audit_log_not_persisted.fail, audit_log_not_persisted.skip] == [set(), set()] with input as document
	audit_log_not_persisted.unknown == {reason} with input as document
}

test_no_file[args] if {
	some args in [[], ["--audit-log-path=-"]]
	document := _server(args, [])
	[audit_log_not_persisted.fail, audit_log_not_persisted.unknown] == [set(), set()] with input as document
	audit_log_not_persisted.skip == {"It writes no audit log into a file."} with input as document
}
