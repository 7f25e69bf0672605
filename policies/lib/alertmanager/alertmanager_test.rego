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
		"by its name": [_of({"image": "prom/alertmanager", "command": ["/bin/alertmanager", "--data.retention=1h"]}), "1h"],
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

_asked(document, items) := object.union(document, {"related": {"alertmanager_runtime": items}})

_says(name, told) := {"url": name, "at": "2026-06-01T12:00:00Z", "told": told}

_silent := {"url": "http://b", "at": "2026-06-01T12:00:00Z", "failure": "nobody listens there"}

test_what_runs_counts[note] if {
	some note, [document, want] in {
		"nobody asked": [_asked(_run(["--data.retention=1h"]), []), {"retention": "1h"}],
		"it says": [_asked(_run(["--data.retention=1h"]), [_says("a", {"retention": "9h"})]), _seen("a", "9h")],
		"it has no flag": [_asked(_own({"retention": "1h"}), [_says("a", {"peers": 0})]), _seen("a", "120h")],
		"the shortest": [_asked(_own({}), [_says("a", {"retention": "9h"}), _says("b", {"retention": "70m"}), _says("c", {"retention": "10h"})]), _seen("b", "70m")],
		"it does not tell": [_asked(_own({"retention": "1h"}), [_says("a", {"uncertain": "why"})]), {"retention": "1h"}],
		"it does not answer": [_asked(_own({"retention": "1h"}), [_silent]), {"retention": "1h"}],
		"one of two": [_asked(_own({"retention": "1h"}), [_silent, _says("a", {"retention": "9h"})]), _seen("a", "9h")],
		"where flags do not tell": [_asked(_run(["$(FLAGS)"]), [_says("a", {"retention": "9h"})]), _seen("a", "9h")],
	}
	alertmanager.evidence == want with input as document
	alertmanager.retention == want.retention with input as document
}

_seen(url, retention) := {"url": url, "at": "2026-06-01T12:00:00Z", "retention": retention}

test_unanswered if {
	alertmanager.unanswered == {"http://b did not say: nobody listens there."} with input as _asked(_own({}), [_silent, _says("a", {})])
	alertmanager.unanswered == set() with input as _asked(_own({}), [_says("a", {})])
	alertmanager.unanswered == set() with input as _asked(_of({"image": "nginx"}), [_silent])
	not alertmanager.retention with input as _asked(_of({"image": "nginx"}), [_says("a", {})])
}

test_volume[note] if {
	some note, [document, kind] in {
		"home of the image": [_run([]), "emptyDir"],
		"elsewhere": [_run(["--storage.path=/data"]), "none"],
		"its own folder": [_of({"image": "prom/alertmanager", "volumeMounts": [{"name": "data", "mountPath": "/alertmanager/data"}]}), "emptyDir"],
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
