package k8s.image_not_pinned_by_digest_test

import data.k8s.image_not_pinned_by_digest
import data.lib.example.document

_sha := "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_images := {
	"web": true,
	"web:1.4.2": true,
	"web@sha256:short": true,
	sprintf("web@sha256:%sx", [_sha]): true,
	sprintf("web@sha256:%s", [_sha]): false,
	sprintf("host:5000/web:latest@sha256:%s", [_sha]): false,
	sprintf("web@sha512:%s%s", [_sha, _sha]): false,
	sprintf("web@blake3:%s", [_sha]): false,
}

test_container[image] if {
	some image, want in _images
	bodies := [{"image": image}]
	paths := {finding.path | some finding in image_not_pinned_by_digest.fail} with input as document({"bodies": bodies})
	paths == {true: {"/spec/template/spec/containers/0/image"}, false: set()}[want]
}

test_findings if {
	case := {
		"spec": {"volumes": [{"name": "model", "image": {"reference": "shop/model"}}]},
		"bodies": [{"image": "web:1"}],
	}
	image_not_pinned_by_digest.fail == {
		{
			"path": "/spec/template/spec/containers/0/image",
			"message": "Container a uses web:1 without a digest.",
			"evidence": {"container": "a", "image": "web:1"},
		},
		{
			"path": "/spec/template/spec/volumes/0/image/reference",
			"message": "Volume model uses shop/model without a digest.",
			"evidence": {"volume": "model", "image": "shop/model"},
		},
	} with input as document(case)
}

test_unknown if {
	image_not_pinned_by_digest.unknown == {"Container a names no image that can be read."} with input as document({"bodies": [{}]})
}
