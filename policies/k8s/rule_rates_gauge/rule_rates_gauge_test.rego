package k8s.rule_rates_gauge_test

import data.k8s.rule_rates_gauge

_of(items) := {
	"meta": {"kind": "Prometheus", "name": "k8s"},
	"spec": {},
	"related": {"prometheus_runtime": [{"url": "http://a", "at": "2026-06-01T12:00:00Z", "told": {
		"rules": {"alerts": 1},
		"gauges": {"total": count(items), "items": items},
	}}]},
}

_gauge := {"rule": "PostgresSlow", "metrics": ["pg_stat_activity_max_tx_duration", "x"]}

test_none if {
	[rule_rates_gauge.fail, rule_rates_gauge.skip, rule_rates_gauge.unknown] == [set(), set(), set()] with input as _of([])
}

test_found if {
	rule_rates_gauge.fail == {{
		"path": "/spec",
		"key": "PostgresSlow",
		"message": "Prometheus k8s: rule PostgresSlow takes the rate of pg_stat_activity_max_tx_duration, x, a gauge.",
		"evidence": object.union(_gauge, {"answers": [{"url": "http://a", "at": "2026-06-01T12:00:00Z"}]}),
	}} with input as _of([_gauge])
}

test_absent if {
	document := {
		"meta": {"kind": "Deployment", "name": "web"},
		"spec": {},
		"containers": [],
		"related": {"prometheus_runtime": []},
	}
	[rule_rates_gauge.skip, rule_rates_gauge.unknown] == [{"It runs no Prometheus."}, set()] with input as document
}

test_unread if {
	document := object.union(_of([]), {"related": {"prometheus_runtime": []}})
	rule_rates_gauge.unknown == {"No address of it is given; --prometheus NAMESPACE/NAME=URL gives one."} with input as document
}
