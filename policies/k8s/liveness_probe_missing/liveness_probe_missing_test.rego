package k8s.liveness_probe_missing_test

import data.k8s.liveness_probe_missing
import data.lib.example.document

_always := {"restartPolicy": "Always"}

_probe := {"livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}}}

_path(i) := sprintf("/spec/template/spec/containers/%d/livenessProbe", [i])

test_finding if {
	liveness_probe_missing.fail == {{
		"path": _path(0),
		"message": "Container a has no liveness probe.",
		"evidence": {"container": "a", "role": "app"},
	}} with input as document({"spec": _always, "bodies": [{"readinessProbe": {}}, _probe]})
}

_cases := {
	"every container": [[_probe, _probe], set()],
	"sidecar too": [[_probe, {}], {1}],
	"debug containers have none": [[_probe, _probe, {}], set()],
	"both": [[{}, {}, {}], {0, 1}],
}

test_containers[note] if {
	some note, [bodies, want] in _cases
	case := {"spec": _always, "bodies": bodies}
	paths := {finding.path | some finding in liveness_probe_missing.fail} with input as document(case)
	paths == {_path(i) | some i in want}
	liveness_probe_missing.skip == set() with input as document(case)
}

test_init_container if {
	case := {"pod": {"spec": _always}, "containers": [{"name": "a", "role": "init", "path": "/spec/initContainers/0", "body": {}}]}
	liveness_probe_missing.fail == set() with input as case
}

test_pod_that_ends[policy] if {
	some policy in ["Never", "OnFailure"]
	[liveness_probe_missing.fail, liveness_probe_missing.skip] == [
		set(),
		{"Its containers are not restarted when they have done their work."},
	] with input as document({"spec": {"restartPolicy": policy}, "bodies": [{}]})
}
