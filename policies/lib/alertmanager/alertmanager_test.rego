package lib.alertmanager_test

import data.lib.alertmanager

_of(body) := {
	"meta": {"kind": "StatefulSet", "name": "web"},
	"spec": {},
	"pod": {"spec": {"volumes": [{"name": "data", "emptyDir": {}}]}},
	"containers": [{"name": "server", "role": "app", "path": "/spec/template/spec/containers/0", "body": body}],
}

_run(args) := _of({"image": "prom/alertmanager:v0.28.1", "args": args, "volumeMounts": [{"name": "data", "mountPath": "/alertmanager"}]})

_own(spec) := {"meta": {"kind": "Alertmanager", "name": "main"}, "spec": spec}

_owner := {"controller": {"apiVersion": "monitoring.coreos.com/v1", "kind": "Alertmanager", "name": "main"}}

_instead := "It is made from Alertmanager main, which is judged instead."

test_absent[note] if {
	some note, [document, reason] in {
		"other program": [_of({"image": "nginx"}), "It runs no Alertmanager."],
		"made by the operator": [object.union(_run([]), {"meta": _owner}), _instead],
	}
	alertmanager.absent == reason with input as document
	not alertmanager.retention with input as document
}

test_present if {
	not alertmanager.absent with input as _run([])
	not alertmanager.absent with input as _own({})
}

test_retention[note] if {
	some note, [document, want] in {
		"default": [_run([]), "120h"],
		"flag": [_run(["--data.retention=1h"]), "1h"],
		"last flag": [_run(["--data.retention=1h", "--data.retention", "2h"]), "2h"],
		"variable elsewhere": [_run(["--cluster.listen-address=$(IP)"]), "120h"],
		"default of the operator": [_own({}), "120h"],
		"of the operator": [_own({"retention": "1h"}), "1h"],
	}
	alertmanager.retention == want with input as document
}

test_no_retention[note] if {
	some note, document in {
		"variable": _run(["--data.retention=$(TIME)"]),
		"variable for flags": _run(["$(FLAGS)"]),
		"file of flags": _run(["@flags"]),
		"hidden": _run([{"class": "named", "length": 9}]),
		"shell": _of({"image": "prom/alertmanager", "command": ["sh"]}),
	}
	not alertmanager.retention with input as document
}

test_volume[note] if {
	some note, [document, kind] in {
		"home of the image": [_run([]), "emptyDir"],
		"elsewhere": [_run(["--storage.path=/data"]), "none"],
		"of the operator": [_own({}), "emptyDir"],
		"claim of the operator": [_own({"storage": {"volumeClaimTemplate": {}}}), "persistentVolumeClaim"],
	}
	alertmanager.volume.kind == kind with input as document
}

test_words if {
	alertmanager.who == "Container server" with input as _run([])
	alertmanager.path == "/spec/template/spec/containers/0" with input as _run([])
	alertmanager.who == "Alertmanager main" with input as _own({})
	alertmanager.path == "/spec" with input as _own({})
}
