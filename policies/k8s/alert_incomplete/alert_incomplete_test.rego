package k8s.alert_incomplete_test

import data.k8s.alert_incomplete

_rules(rules) := {"meta": {"kind": "PrometheusRule"}, "spec": {"groups": [{"rules": rules}]}}

_alert := {"alert": "Down", "severity": "critical", "annotated": ["runbook_url", "summary"]}

_finding(severity, key, says) := {
	"path": "/spec/groups",
	"key": sprintf("/spec/groups %s", [key]),
	"severity": severity,
	"message": sprintf("Its rules: no %s in Down.", [says]),
	"evidence": {"rules": ["Down"], "total": 1},
}

_severity := _finding("medium", "severity", "label severity")

_runbook := _finding("low", "runbook_url", "annotation runbook_url")

_cases := {
	"complete": [[_alert], set()],
	"recorded": [[_alert, {"record": "r", "annotated": []}], set()],
	"no severity": [[object.remove(_alert, ["severity"])], {_severity}],
	"no runbook": [[object.union(_alert, {"annotated": ["summary"]})], {_runbook}],
	"neither": [[object.union(object.remove(_alert, ["severity"]), {"annotated": ["summary"]})], {_severity, _runbook}],
	"one of two": [[_alert, object.remove(_alert, ["severity"])], {_severity}],
}

test_verdict[note] if {
	some note, [rules, want] in _cases
	[alert_incomplete.fail, alert_incomplete.skip, alert_incomplete.unknown] == [want, set(), set()] with input as _rules(rules)
}

test_parameter if {
	alert_incomplete.fail == set() with input as _rules([object.union(_alert, {"annotated": []})])
		with data.parameters.alert_incomplete.annotations as []
}

test_absent if alert_incomplete.skip == {"It holds no rules of Prometheus."} with input as _rules([])

test_unread if {
	alert_incomplete.unknown == {"a cannot be read: x."} with input as {
		"meta": {"kind": "ConfigMap"},
		"spec": {"configuration": {"a": {"fault": "x"}}},
	}
}
