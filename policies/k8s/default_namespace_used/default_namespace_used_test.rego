package k8s.default_namespace_used_test

import data.k8s.default_namespace_used

_object(namespace, kind, name) := {"meta": {"namespace": namespace, "kind": kind, "name": name}}

_absent := "The manifest names no namespace: whoever applies it chooses one."

_own := "The cluster itself puts it there."

# namespace, kind, name, whether none counts as default: why it is not judged, whether it fails
_cases := {
	"default": [["default", "Deployment", "web", false], set(), true],
	"other": [["shop", "Deployment", "web", false], set(), false],
	"longer name": [["default-shop", "Service", "kubernetes", false], set(), false],
	"none": [["", "Deployment", "web", false], {_absent}, false],
	"none, which goes there": [["", "Deployment", "web", true], set(), true],
	"other, where none goes there": [["shop", "Deployment", "web", true], set(), false],
	"of the cluster": [["default", "Service", "kubernetes", false], {_own}, false],
	"of the cluster, without a namespace": [["", "ServiceAccount", "default", true], {_own}, false],
	"of the cluster, elsewhere": [["shop", "ConfigMap", "kube-root-ca.crt", true], set(), false],
	"same name, other kind": [["default", "Deployment", "kubernetes", false], set(), true],
}

test_verdict[note] if {
	some note, [[namespace, kind, name, absent], reasons, want] in _cases
	parameters := object.union(data.parameters.default_namespace_used, {"treat_absent_as_default": absent})
	found := default_namespace_used.fail with input as _object(namespace, kind, name)
		with data.parameters.default_namespace_used as parameters
	skipped := default_namespace_used.skip with input as _object(namespace, kind, name)
		with data.parameters.default_namespace_used as parameters
	count(found) == 1 == want
	skipped == reasons
}

test_finding if {
	default_namespace_used.fail == {{
		"path": "/metadata/namespace",
		"message": "CronJob report lies in the namespace default.",
		"evidence": {"namespace": "default"},
	}} with input as _object("default", "CronJob", "report")
}
