package k8s.image_pull_policy_stale_test

import data.k8s.image_pull_policy_stale
import data.lib.example.document

_sha := "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

# image, policy, whether it fails
_cases := {
	"latest, if not present": ["web:latest", "IfNotPresent", true],
	"no tag, never": ["host:5000/web", "Never", true],
	"latest, always": ["web:latest", "Always", false],
	"release": ["web:1.4.2", "IfNotPresent", false],
	"digest": [sprintf("web:latest@sha256:%s", [_sha]), "Never", false],
}

test_container[note] if {
	some note, [image, policy, want] in _cases
	case := {"bodies": [{"image": image, "imagePullPolicy": policy}]}
	paths := {finding.path | some finding in image_pull_policy_stale.fail} with input as document(case)
	paths == {true: {"/spec/template/spec/containers/0/image"}, false: set()}[want]
}

test_findings if {
	volumes := [
		{"name": "model", "image": {"reference": "shop/model:main", "pullPolicy": "Never"}},
		{"name": "other", "image": {"reference": "shop/model:latest", "pullPolicy": "Never"}},
	]
	case := {"spec": {"volumes": volumes}, "bodies": [{"image": "web:main", "imagePullPolicy": "IfNotPresent"}]}
	image_pull_policy_stale.fail == {
		{
			"path": "/spec/template/spec/containers/0/image",
			"message": "Container a uses web:main, whose tag moves, and pulls it by the policy IfNotPresent.",
			"evidence": {"container": "a", "image": "web:main", "pullPolicy": "IfNotPresent"},
			"patch": [{"op": "add", "path": "/spec/template/spec/containers/0/imagePullPolicy", "value": "Always"}],
		},
		{
			"path": "/spec/template/spec/volumes/0/image/reference",
			"message": "Volume model uses shop/model:main, whose tag moves, and pulls it by the policy Never.",
			"evidence": {"volume": "model", "image": "shop/model:main", "pullPolicy": "Never"},
			"patch": [{"op": "add", "path": "/spec/template/spec/volumes/0/image/pullPolicy", "value": "Always"}],
		},
	} with input as document(case)
		with data.parameters.image_pull_policy_stale as {"mutable_tags": ["main"]}
}

test_unknown if {
	image_pull_policy_stale.unknown == {"Container a names no image that can be read."} with input as document({"bodies": [{}]})
}
