package k8s.prometheus_storage_ephemeral_test

import data.k8s.prometheus_storage_ephemeral

_run(args, mounts) := {
	"meta": {"kind": "StatefulSet", "name": "web"},
	"spec": {"volumeClaimTemplates": [{"metadata": {"name": "made"}}]},
	"pod": {"spec": {"volumes": [{"name": "scratch", "emptyDir": {}}, {"name": "node", "hostPath": {"path": "/x"}}]}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": "/spec/template/spec/containers/0",
		"body": {"image": "prom/prometheus:v3.5.0", "args": args, "volumeMounts": mounts},
	}],
}

_on(name) := _run([], [{"name": name, "mountPath": "/prometheus"}])

_own(spec) := {"meta": {"kind": "Prometheus", "name": "k8s"}, "spec": spec, "containers": []}

_lost(who, place) := [[sprintf("%s keeps its samples %s, and loses them with its pod.", [who, place]), "high"]]

_remote(spec) := object.union({"remoteWrite": [{"url": "https://metrics.example.com"}]}, spec)

_none := "It runs no Prometheus."

_spec := "on volume of spec.storage, of the kind"

_low := [[sprintf("Prometheus k8s keeps its samples %s emptyDir, and loses them with its pod.", [_spec]), "low"]]

# findings, skip, unknown
_cases := {
	"nowhere": [_run([], []), _lost("Container server", "in the container itself"), [], []],
	"in a volume of the pod": [_on("scratch"), _lost("Container server", "on volume scratch, of the kind emptyDir"), [], []],
	"on the node": [_on("node"), [], [], []],
	"on its claim": [_on("made"), [], [], []],
	"missing volume": [_on("gone"), [], [], ["Volume gone is not in the pod."]],
	"variable": [_run(["--storage.tsdb.path=$(X)"], []), [], [], ["Where it keeps its samples cannot be told."]],
	"no prometheus": [object.union(_own({}), {"meta": {"kind": "Deployment"}}), [], [_none], []],
	"default of the operator": [_own({}), _lost("Prometheus k8s", sprintf("%s emptyDir", [_spec])), [], []],
	"emptyDir of the operator": [_own({"storage": {"emptyDir": {}}}), _lost("Prometheus k8s", sprintf("%s emptyDir", [_spec])), [], []],
	"ephemeral of the operator": [_own({"storage": {"ephemeral": {}}}), _lost("Prometheus k8s", sprintf("%s ephemeral", [_spec])), [], []],
	"claim of the operator": [_own({"storage": {"volumeClaimTemplate": {}}}), [], [], []],
	"sent elsewhere": [_own(_remote({})), _low, [], []],
	"sent elsewhere, on a claim": [_own(_remote({"storage": {"volumeClaimTemplate": {}}})), [], [], []],
}

test_verdict[note] if {
	some note, [document, findings, skipped, untold] in _cases
	found := {[finding.message, finding.severity] | some finding in prometheus_storage_ephemeral.fail} with input as document
	found == {one | some one in findings}
	prometheus_storage_ephemeral.skip == {one | some one in skipped} with input as document
	prometheus_storage_ephemeral.unknown == {one | some one in untold} with input as document
}

test_finding if {
	[finding] := [one | some one in prometheus_storage_ephemeral.fail] with input as _on("scratch")
	finding.path == "/spec/template/spec/containers/0"
	finding.evidence == {"kind": "emptyDir"}
}

test_remote_does_not_count if {
	[finding] := [one | some one in prometheus_storage_ephemeral.fail] with input as _own(_remote({}))
		with data.parameters.prometheus_storage_ephemeral as {"accept_remote": false}
	finding.severity == "high"
}
