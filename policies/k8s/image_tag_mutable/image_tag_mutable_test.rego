package k8s.image_tag_mutable_test

import data.k8s.image_tag_mutable
import data.lib.example.document

_sha := "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_images := {
	"web": true,
	"web:latest": true,
	"host:5000/web": true,
	"host:5000/web:latest": true,
	"web:latest@sha256:short": true,
	"web:1.4.2": false,
	"host:5000/web:1.4.2": false,
	"web:latest-1": false,
	sprintf("web@sha256:%s", [_sha]): false,
	sprintf("host:5000/web:latest@sha256:%s", [_sha]): false,
}

test_container[image] if {
	some image, want in _images
	paths := {finding.path | some finding in image_tag_mutable.fail} with input as document({"bodies": [{"image": image}]})
	paths == {true: {"/spec/template/spec/containers/0/image"}, false: set()}[want]
}

test_findings if {
	case := {
		"spec": {"volumes": [{"name": "model", "image": {"reference": "shop/model"}}]},
		"bodies": [{"image": "web:main"}, {"image": "web:latest"}],
	}
	image_tag_mutable.fail == {
		{
			"path": "/spec/template/spec/containers/0/image",
			"message": "Container a uses web:main, whose tag is moved from image to image.",
			"evidence": {"container": "a", "image": "web:main", "tag": "main"},
		},
		{
			"path": "/spec/template/spec/volumes/0/image/reference",
			"message": "Volume model uses shop/model without a tag, which means latest.",
			"evidence": {"volume": "model", "image": "shop/model", "tag": ""},
		},
	} with input as document(case)
		with data.parameters.image_tag_mutable as {"mutable_tags": ["main"]}
}

test_unknown if {
	image_tag_mutable.unknown == {"Container b names no image that can be read."} with input as document({"bodies": [{"image": "web:1"}, {}]})
}
