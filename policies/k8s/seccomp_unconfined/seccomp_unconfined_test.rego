package k8s.seccomp_unconfined_test

import data.k8s.seccomp_unconfined
import data.lib.example.document

_case := {
	"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"},
	"bodies": [{"securityContext": {"seccompProfile": {"type": "Unconfined"}}}],
}

_paths := {
	"v1.18": {"/spec/template/metadata/annotations/seccomp.security.alpha.kubernetes.io~1pod"},
	"latest": {"/spec/template/spec/containers/0/securityContext/seccompProfile"},
}

test_version[version] if {
	some version, paths in _paths
	found := seccomp_unconfined.fail with input as document(_case)
		with data.parameters.seccomp_unconfined as {"pss_version": version}
	{finding.path | some finding in found} == paths
}

test_not_set if {
	seccomp_unconfined.fail == set() with input as document({"bodies": [{}]})
		with data.parameters.seccomp_unconfined as {"pss_version": "latest"}
}
