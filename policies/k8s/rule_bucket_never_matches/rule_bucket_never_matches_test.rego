package k8s.rule_bucket_never_matches_test

import data.k8s.rule_bucket_never_matches

_rules(queries) := {"meta": {"kind": "PrometheusRule"}, "spec": {"groups": [{"rules": [
{"record": "r", "query": query} |
	some query in queries
]}]}}

_finding := {
	"path": "/spec/groups",
	"key": "/spec/groups le",
	"message": "Its rules: the label le is asked for as a whole number in r.",
	"evidence": {"rules": ["r"], "total": 1},
}

# queries, findings, unknown
_cases := {
	"none": [[{"metrics": ["x"]}], set(), set()],
	"one": [[{"bounds": ["1"]}, {}], {_finding}, set()],
	"unread": [[{"unread": true}], set(), {"The expression of rule r cannot be read as PromQL."}],
	"read": [[{"unread": false}], set(), set()],
	"no expression": [[null], set(), set()],
}

test_verdict[note] if {
	some note, [queries, want, untold] in _cases
	document := _rules(queries)
	rule_bucket_never_matches.fail == want with input as document
	rule_bucket_never_matches.unknown == untold with input as document
	rule_bucket_never_matches.skip == set() with input as document
}

test_absent if rule_bucket_never_matches.skip == {"It holds no rules of Prometheus."} with input as _rules([])

test_unread_file if {
	rule_bucket_never_matches.unknown == {"a cannot be read: x."} with input as {
		"meta": {"kind": "ConfigMap"},
		"spec": {"configuration": {"a": {"fault": "x"}}},
	}
}
