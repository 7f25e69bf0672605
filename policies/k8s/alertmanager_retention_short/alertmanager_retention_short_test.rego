package k8s.alertmanager_retention_short_test

import data.k8s.alertmanager_retention_short

_run(replicas, args, mounts) := {
	"meta": {"kind": "StatefulSet", "name": "web"},
	"spec": {"replicas": replicas, "volumeClaimTemplates": [{"metadata": {"name": "made"}}]},
	"pod": {"spec": {}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": "/spec/template/spec/containers/0",
		"body": {"image": "prom/alertmanager:v0.28.1", "args": args, "volumeMounts": mounts},
	}],
}

_on(name) := [{"name": name, "mountPath": "/alertmanager"}]

_own(spec) := {"meta": {"kind": "Alertmanager", "name": "main"}, "spec": spec, "containers": []}

_stored(spec) := object.union({"storage": {"volumeClaimTemplate": {}}}, spec)

_asked(answer) := object.union(
	_own(_stored({"retention": "1h"})),
	{"related": {"alertmanager_runtime": [object.union({"url": "http://a", "at": "2026-06-01T12:00:00Z"}, answer)]}},
)

_untold := "How long it keeps silences, or where, cannot be told."

# keys, skip, unknown
_cases := {
	"defaults, on a claim": [_run(1, [], _on("made")), [], [], []],
	"defaults": [_run(1, [], []), ["storage"], [], []],
	"more than one": [_run(2, [], []), [], [], []],
	"short": [_run(1, ["--data.retention=119h"], _on("made")), ["retention"], [], []],
	"just so": [_run(1, ["--data.retention=120h"], _on("made")), [], [], []],
	"longer": [_run(1, ["--data.retention=121h"], _on("made")), [], [], []],
	"both": [_run(1, ["--data.retention=1h"], []), ["retention", "storage"], [], []],
	"no duration": [_run(1, ["--data.retention=5d"], _on("made")), [], [], [_untold]],
	"missing volume": [_run(1, [], _on("gone")), [], [], [_untold]],
	"variable": [_run(1, ["$(FLAGS)"], _on("made")), [], [], [_untold]],
	"of the operator": [_own({}), ["storage"], [], []],
	"of the operator, on a claim": [_own(_stored({})), [], [], []],
	"short, of the operator": [_own(_stored({"retention": "24h"})), ["retention"], [], []],
	"more than one, of the operator": [_own({"replicas": 3}), [], [], []],
	"short where it runs": [_asked({"told": {"retention": "24h"}}), ["retention"], [], []],
	"long enough where it runs": [_asked({"told": {}}), [], [], []],
	"silent": [_asked({"failure": "nobody listens there"}), ["retention"], [], ["http://a did not say: nobody listens there."]],
	"none": [object.union(_own({}), {"meta": {"kind": "Pod"}}), [], ["It runs no Alertmanager."], []],
}

test_verdict[note] if {
	some note, [document, keys, skipped, untold] in _cases
	{one.key | some one in alertmanager_retention_short.fail} == {one | some one in keys} with input as document
	alertmanager_retention_short.skip == {one | some one in skipped} with input as document
	alertmanager_retention_short.unknown == {one | some one in untold} with input as document
}

test_findings if {
	alertmanager_retention_short.fail == {
		{
			"path": "/spec/template/spec/containers/0",
			"key": "retention",
			"message": "Container server keeps silences for 1h, less than 120h.",
			"evidence": {"retention": "1h"},
		},
		{
			"path": "/spec/template/spec/containers/0",
			"key": "storage",
			"message": "Container server is alone, and loses its silences with its pod.",
			"evidence": {"kind": "none", "replicas": 1},
		},
	} with input as _run(1, ["--data.retention=1h"], [])
}

test_required if {
	count(alertmanager_retention_short.fail) == 1 with input as _own(_stored({}))
		with data.parameters.alertmanager_retention_short as {"required": "121h"}
}
