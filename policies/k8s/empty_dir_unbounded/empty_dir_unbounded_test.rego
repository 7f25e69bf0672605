package k8s.empty_dir_unbounded_test

import data.k8s.empty_dir_unbounded
import data.lib.example.document

_mount := {"volumeMounts": [{"name": "v", "mountPath": "/v"}]}

_limit(amount) := {"resources": {"limits": {"ephemeral-storage": amount}}}

# the emptyDir, the bodies, severities
_cases := {
	"disk": [{}, [_mount], {"low"}],
	"size": [{"sizeLimit": "1Gi"}, [_mount], set()],
	"size in bytes": [{"sizeLimit": 1048576}, [_mount], set()],
	"size as an exponent": [{"sizeLimit": "1e9"}, [_mount], set()],
	"exabyte": [{"sizeLimit": "1E"}, [_mount], set()],
	"fraction": [{"sizeLimit": "0.5Gi"}, [_mount], set()],
	"size 0": [{"sizeLimit": "0"}, [_mount], {"low"}],
	"size 0 as a number": [{"sizeLimit": 0}, [_mount], {"low"}],
	"size 0 with a unit": [{"sizeLimit": "0Gi"}, [_mount], {"low"}],
	"size 0 as an exponent": [{"sizeLimit": "0e9"}, [_mount], {"low"}],
	"limit": [{}, [object.union(_mount, _limit("2Gi"))], set()],
	"limit of another container": [{}, [_mount, _limit("2Gi")], set()],
	"limit 0": [{}, [object.union(_mount, _limit("0"))], {"low"}],
	"limit of something else": [{}, [object.union(_mount, {"resources": {"limits": {"memory": "1Gi"}}})], {"low"}],
	"request only": [{}, [object.union(_mount, {"resources": {"requests": {"ephemeral-storage": "1Gi"}}})], {"low"}],
	"not mounted": [{}, [{}, {"volumeMounts": [{"name": "w", "mountPath": "/v"}]}], set()],
	"memory": [{"medium": "Memory"}, [_mount], {"medium"}],
	"memory, limit of the disk": [{"medium": "Memory"}, [object.union(_mount, _limit("2Gi"))], {"medium"}],
	"memory with a size": [{"medium": "Memory", "sizeLimit": "64Mi"}, [_mount], set()],
	"memory, not mounted": [{"medium": "Memory"}, [{}], set()],
	"huge pages": [{"medium": "HugePages-2Mi"}, [_mount], set()],
}

test_severity[note] if {
	some note, [volume, bodies, want] in _cases
	case := {"spec": {"volumes": [{"name": "v", "emptyDir": volume}]}, "bodies": bodies}
	severities := {finding.severity | some finding in empty_dir_unbounded.fail} with input as document(case)
	severities == want
}

test_findings if {
	mounts := {"volumeMounts": [{"name": "a", "mountPath": "/a"}, {"name": "b", "mountPath": "/b"}]}
	volumes := [
		{"name": "a", "emptyDir": {}},
		{"name": "c", "configMap": {"name": "c"}},
		{"name": "b", "emptyDir": {"medium": "Memory"}},
	]
	empty_dir_unbounded.fail == {
		{
			"path": "/spec/template/spec/volumes/0/emptyDir",
			"message": "Volume a may grow until the node runs out of disk space.",
			"severity": "low",
			"evidence": {"volume": "a", "medium": "", "containers": {"a", "c"}},
		},
		{
			"path": "/spec/template/spec/volumes/2/emptyDir",
			"message": "Volume b may grow until the node runs out of memory.",
			"severity": "medium",
			"evidence": {"volume": "b", "medium": "Memory", "containers": {"a", "c"}},
		},
	} with input as document({"spec": {"volumes": volumes}, "bodies": [mounts, {}, mounts]})
}

test_without_a_name if {
	bodies := [{"volumeMounts": [{"name": "", "mountPath": "/a"}]}]
	found := empty_dir_unbounded.fail with input as document({"spec": {"volumes": [{"emptyDir": {}}]}, "bodies": bodies})
	{finding.evidence.volume | some finding in found} == {""}
}

test_no_volumes if empty_dir_unbounded.fail == set() with input as document({"bodies": [_mount]})
