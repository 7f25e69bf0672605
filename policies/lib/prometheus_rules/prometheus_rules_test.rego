package lib.prometheus_rules_test

import data.lib.prometheus_rules

_alert(name) := {"alert": name, "annotated": []}

_own(groups) := {"meta": {"kind": "PrometheusRule"}, "spec": {"groups": groups}}

_map(files) := {"meta": {"kind": "ConfigMap"}, "spec": {"configuration": files}}

_groups := [{"rules": [_alert("A"), {"record": "r"}]}, {"name": "empty"}, {"rules": [_alert("B")]}]

test_files if {
	rules := [_alert("A"), {"record": "r"}, _alert("B")]
	prometheus_rules.files == {"/spec/groups": rules} with input as _own(_groups)
	prometheus_rules.files == {"/data/a~1b~0c": rules} with input as _map({
		"a/b~c": {"settings": {"groups": _groups}},
		"other": {"settings": {}},
	})
	prometheus_rules.files == {} with input as {"meta": {"kind": "ConfigMap"}, "spec": {"groups": _groups}}
}

test_absent if {
	prometheus_rules.absent == "It holds no rules of Prometheus." with input as _map({"a": {"settings": {}}})
	prometheus_rules.absent == "It holds no rules of Prometheus." with input as _own([{"name": "empty"}])
	prometheus_rules.absent == "It holds no rules of Prometheus." with input as {"meta": {"kind": "ConfigMap"}, "spec": {}}
	not prometheus_rules.absent with input as _own(_groups)
	not prometheus_rules.absent with input as _map({"a": {"fault": "x"}})
}

test_unread if {
	prometheus_rules.unread == {"a cannot be read: line 1."} with input as _map({"a": {"fault": "line 1"}, "b": {"settings": {}}})
}

test_name if {
	prometheus_rules.name(_alert("A")) == "A"
	prometheus_rules.name({"record": "r"}) == "r"
}

test_finding if {
	prometheus_rules.finding("/data/a.yml", "k", ["A"], "no k in") == {
		"path": "/data/a.yml",
		"key": "/data/a.yml k",
		"message": "a.yml: no k in A.",
		"evidence": {"rules": ["A"], "total": 1},
	}
	many := [name | some i in numbers.range(1, 21); name := sprintf("R%02d", [i])]
	prometheus_rules.finding("/spec/groups", "k", array.reverse(many), "no k in") == {
		"path": "/spec/groups",
		"key": "/spec/groups k",
		"message": "Its rules: no k in R01, R02, R03 and 18 more.",
		"evidence": {"rules": array.slice(many, 0, 20), "total": 21},
	}
	three := prometheus_rules.finding("/spec/groups", "k", ["c", "a", "b"], "no k in")
	three.message == "Its rules: no k in a, b, c."
	four := prometheus_rules.finding("/spec/groups", "k", ["c", "a", "b", "d"], "no k in")
	four.message == "Its rules: no k in a, b, c and 1 more."
}
