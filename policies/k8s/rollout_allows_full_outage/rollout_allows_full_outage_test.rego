package k8s.rollout_allows_full_outage_test

import data.k8s.rollout_allows_full_outage

_fields := {"Deployment": "strategy", "StatefulSet": "updateStrategy", "DaemonSet": "updateStrategy"}

_rolling(kind, replicas, parameters) := {
	"meta": {"kind": kind, "name": "web"},
	"spec": object.union(
		{"replicas": replicas},
		{_fields[kind]: {"type": "RollingUpdate", "rollingUpdate": parameters}},
	),
	"cluster": {"version": ""},
}

_limit(surge, unavailable) := {"maxSurge": surge, "maxUnavailable": unavailable}

# kind, replicas, parameters, whether all may be missing
_cases := {
	"default": ["Deployment", 4, _limit("25%", "25%"), false],
	"default of one": ["Deployment", 1, _limit("25%", "25%"), false],
	"all": ["Deployment", 3, _limit(0, "100%"), true],
	"all of one": ["Deployment", 1, _limit(0, "100%"), true],
	"nearly all": ["Deployment", 3, _limit(0, "99%"), false],
	"as many as there are": ["Deployment", 3, _limit(0, 3), true],
	"more than there are": ["Deployment", 2, _limit("50%", 5), true],
	"one less": ["Deployment", 3, _limit(0, 2), false],
	"one of one": ["Deployment", 1, _limit(0, 1), false],
	"none of none": ["Deployment", 0, _limit(0, 1), false],
	"one of two": ["Deployment", 2, _limit(0, 1), false],
	"two of two": ["Deployment", 2, _limit(0, 2), true],
	"one of two, by rounding": ["Deployment", 2, _limit(0, "1%"), false],
	"stateful default": ["StatefulSet", 3, {"partition": 0}, false],
	"stateful all": ["StatefulSet", 3, {"maxUnavailable": "100%"}, true],
	"stateful, as many as there are": ["StatefulSet", 3, {"maxUnavailable": 3}, true],
	"stateful, rounded down": ["StatefulSet", 3, {"maxUnavailable": "90%"}, false],
	"stateful, one of one": ["StatefulSet", 1, {"maxUnavailable": 1}, false],
	"daemon default": ["DaemonSet", 0, _limit(0, 1), false],
	"daemon all": ["DaemonSet", 0, _limit(0, "100%"), true],
	"daemon, some number of unknown nodes": ["DaemonSet", 0, _limit(0, 50), false],
}

test_verdict[note] if {
	some note, [kind, replicas, parameters, want] in _cases
	found := rollout_allows_full_outage.fail with input as _rolling(kind, replicas, parameters)
	count(found) == 1 == want
	rollout_allows_full_outage.skip == set() with input as _rolling(kind, replicas, parameters)
}

test_finding if {
	path := "/spec/strategy/rollingUpdate/maxUnavailable"
	rollout_allows_full_outage.fail == {{
		"path": path,
		"message": "A rollout of web may take all its pods at once: maxUnavailable is 100%.",
		"evidence": {"maxUnavailable": "100%", "replicas": 3, "surge": 1, "unavailable": 3},
		"patch": [{"op": "replace", "path": path, "value": 1}],
	}} with input as _rolling("Deployment", 3, _limit("25%", "100%"))
}

test_evidence_of_stateful_set if {
	[finding] := [one | some one in rollout_allows_full_outage.fail] with input as _rolling("StatefulSet", 2, {"maxUnavailable": 3})
	finding.evidence == {"maxUnavailable": 3, "replicas": 2, "surge": 0, "unavailable": 3}
}

test_finding_of_daemon_set if {
	path := "/spec/updateStrategy/rollingUpdate/maxUnavailable"
	document := {
		"meta": {"kind": "DaemonSet", "name": "agent"},
		"spec": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": _limit(0, "100%")}},
	}
	rollout_allows_full_outage.fail == {{
		"path": path,
		"message": "A rollout of agent may take all its pods at once: maxUnavailable is 100%.",
		"evidence": {"maxUnavailable": "100%"},
		"patch": [{"op": "replace", "path": path, "value": 1}],
	}} with input as document
}

_verdict(document) := verdict if {
	verdict := [rollout_allows_full_outage.fail, rollout_allows_full_outage.skip] with input as document
}

_typed(kind, type) := {"meta": {"kind": kind, "name": "web"}, "spec": {"replicas": 3, _fields[kind]: {"type": type}}}

_on_delete := {
	"path": "/spec/updateStrategy/type",
	"message": "Pods of web are replaced when somebody deletes them, however many at once.",
	"severity": "info",
}

_reason := "There is no rolling update of its pods."

test_recreate if _verdict(_typed("Deployment", "Recreate")) == [set(), {_reason}]

test_on_delete_of_daemon_set if _verdict(_typed("DaemonSet", "OnDelete")) == [set(), {_reason}]

# as no API server would take it
test_on_delete_with_a_limit if {
	document := object.union(
		_typed("StatefulSet", "OnDelete"),
		{"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": {"maxUnavailable": "100%"}}}},
	)
	_verdict(document) == [{_on_delete}, set()]
}

test_on_delete_of_stateful_set if _verdict(_typed("StatefulSet", "OnDelete")) == [{_on_delete}, set()]

# version, kind, parameters, whether it is skipped
_versions := {
	"from then on": ["v1.37.0", "StatefulSet", {"maxUnavailable": 3}, false],
	"before": ["v1.36.3", "StatefulSet", {"maxUnavailable": 3}, true],
	"before, but not asked for": ["v1.36.3", "StatefulSet", {"partition": 0}, false],
	"other kind": ["v1.36.3", "Deployment", _limit(0, "100%"), false],
}

test_version[note] if {
	some note, [version, kind, parameters, want] in _versions
	document := object.union(_rolling(kind, 3, parameters), {"cluster": {"version": version}})
	[found, skipped] := _verdict(document)
	all := {"Before v1.37 maxUnavailable counts only with a feature gate, MaxUnavailableStatefulSet."}
	skipped == {reason | some reason in all; want}
	count(found) == count([1 | not want; parameters != {"partition": 0}])
}

# a live pod that differs from its template
test_variant if _verdict({"meta": {"kind": "Pod", "name": "web-0"}, "spec": {}}) == [set(), set()]
