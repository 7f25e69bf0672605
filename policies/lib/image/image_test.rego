package lib.image_test

import data.lib.example.document
import data.lib.image

_sha := "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_digest := concat("", ["sha256:", _sha])

# reference, [name, tag, digest]
_references := {
	"nginx": ["nginx", "", ""],
	"nginx:1.27": ["nginx", "1.27", ""],
	"shop/web:1.4.2": ["shop/web", "1.4.2", ""],
	"host:5000/web": ["host:5000/web", "", ""],
	"host:5000/shop/web:1.4.2": ["host:5000/shop/web", "1.4.2", ""],
	"[fd00::1]:5000/web:1": ["[fd00::1]:5000/web", "1", ""],
	"nginx:": ["nginx", "", ""],
	"web\nweb:1": ["web\nweb", "1", ""],
	concat("@", ["nginx", _digest]): ["nginx", "", _digest],
	concat("@", ["host:5000/web:latest", _digest]): ["host:5000/web", "latest", _digest],
	concat("@", ["nginx:1@x", _digest]): ["nginx", "1", ""],
}

test_parse[reference] if {
	some reference, [name, tag, digest] in _references
	image.parse(reference) == {"name": name, "tag": tag, "digest": digest}
}

_letters(count) := concat("", ["a" | some _ in numbers.range(1, count)])

# algorithm, number of digits, whether that is a digest
_digests := [
	["sha256", 64, true],
	["sha256", 63, false],
	["sha256", 65, false],
	["sha384", 96, true],
	["sha384", 64, false],
	["sha512", 128, true],
	["sha512", 64, false],
	["blake3", 64, true],
	["blake3", 32, true],
	["blake3", 31, false],
	["sha2+b3", 40, true],
	["sha2+3b", 40, false],
	["3sha", 40, false],
	["", 40, false],
]

test_digest[i] if {
	some i, [algorithm, length, want] in _digests
	digest := sprintf("%s:%s", [algorithm, _letters(length)])
	image.parse(sprintf("web@%s", [digest])).digest == {true: digest, false: ""}[want]
}

_no_digest := [
	_sha,
	concat("", ["sha256:", upper(_sha)]),
	concat("", ["sha256:g", substring(_sha, 1, -1)]),
	concat("", [_digest, ":1"]),
	concat("", [_digest, "\nx"]),
	concat("", ["x\n", _digest]),
]

test_no_digest[text] if {
	some text in _no_digest
	image.parse(concat("@", ["web", text])).digest == ""
}

_moving := {
	"nginx": true,
	"nginx:latest": true,
	"nginx:main": true,
	"nginx:1": false,
	concat("@", ["nginx", _digest]): false,
	concat("@", ["nginx:latest", _digest]): false,
	"nginx:latest@sha256:abc": true,
}

test_moves[reference] if {
	some reference, want in _moving
	parts := image.parse(reference)
	count([1 | image.moves(parts, ["latest", "main"])]) == 1 == want
}

_names := {
	"nginx": "docker.io/library/nginx",
	"docker.io/nginx": "docker.io/library/nginx",
	"index.docker.io/nginx": "docker.io/library/nginx",
	"shop/web": "docker.io/shop/web",
	"docker.io/shop/web": "docker.io/shop/web",
	"index.docker.io/shop/web": "docker.io/shop/web",
	"shop/team/web": "docker.io/shop/team/web",
	"ghcr.io/web": "ghcr.io/web",
	"host:5000/web": "host:5000/web",
	"host/web": "docker.io/host/web",
	"localhost/web": "localhost/web",
	"localhosts/web": "docker.io/localhosts/web",
	"mylocalhost/web": "docker.io/mylocalhost/web",
	"localhost": "docker.io/library/localhost",
	"Registry/shop/web": "registry/shop/web",
	"[fd00::1]/web": "[fd00::1]/web",
	"docker.io": "docker.io/library/docker.io",
}

test_full_name[name] if {
	some name, want in _names
	image.full_name(name) == want
}

_pod := {"spec": {"volumes": [
	{"name": "tmp", "emptyDir": {}},
	{"name": "model", "image": {"reference": "shop/model:3"}},
	{"image": {"reference": "shop/model ", "pullPolicy": "Never"}},
	{"name": "none", "image": {}},
	{"name": "blank", "image": {"reference": " "}},
	{"name": "secret", "image": {"reference": {"class": "named", "length": 20}}},
]}}

test_used if {
	bodies := [{"image": " web:1 ", "imagePullPolicy": "IfNotPresent"}, {"image": " "}, {"image": "debug"}]
	used := image.used with input as document(object.union(_pod, {"bodies": bodies}))
	container := {"who": "Container", "field": "image", "pull_field": "imagePullPolicy"}
	volume := {"who": "Volume", "field": "reference", "pull_field": "pullPolicy"}
	used == [
		object.union(container, {
			"name": "a",
			"path": "/spec/template/spec/containers/0",
			"reference": "web:1",
			"pull": "IfNotPresent",
			"parts": {"name": "web", "tag": "1", "digest": ""},
		}),
		object.union(container, {
			"name": "c",
			"path": "/spec/template/spec/containers/2",
			"reference": "debug",
			"pull": "Always",
			"parts": {"name": "debug", "tag": "", "digest": ""},
		}),
		object.union(volume, {
			"name": "model",
			"path": "/spec/template/spec/volumes/1/image",
			"reference": "shop/model:3",
			"pull": "Always",
			"parts": {"name": "shop/model", "tag": "3", "digest": ""},
		}),
		object.union(volume, {
			"name": "",
			"path": "/spec/template/spec/volumes/2/image",
			"reference": "shop/model",
			"pull": "Never",
			"parts": {"name": "shop/model", "tag": "", "digest": ""},
		}),
	]
}

test_unnamed if {
	bodies := [{"image": "web:1"}, {"image": " "}, {}]
	unnamed := image.unnamed with input as document(object.union(_pod, {"bodies": bodies}))
	unnamed == {
		"Container b names no image that can be read.",
		"Container c names no image that can be read.",
		"Volume blank names no image that can be read.",
		"Volume none names no image that can be read.",
		"Volume secret names no image that can be read.",
	}
}

test_every_image_is_named if image.unnamed == set() with input as document({"bodies": [{"image": "web:1"}]})

test_finding_of_container if {
	[one] := image.used with input as document({"bodies": [{"image": "web"}]})
	image.finding(one, "uses web", {"tag": ""}) == {
		"path": "/spec/template/spec/containers/0/image",
		"message": "Container a uses web.",
		"evidence": {"container": "a", "image": "web", "tag": ""},
	}
}

test_finding_of_volume if {
	[one] := image.used with input as document({"spec": {"volumes": [{"name": "m", "image": {"reference": "web"}}]}})
	image.finding(one, "uses web", {}) == {
		"path": "/spec/template/spec/volumes/0/image/reference",
		"message": "Volume m uses web.",
		"evidence": {"volume": "m", "image": "web"},
	}
}
