package k8s.replicas_not_spread_test

import data.k8s.replicas_not_spread

_document(low, spec) := {
	"pod": {"path": "/spec/template/spec", "labels": {"app": "web"}, "spec": spec},
	"related": {"replicas": {"min": low, "max": 9}},
}

_own := {"matchLabels": {"app": "web"}}

_others := {"matchLabels": {"app": "api"}}

_constraint(selector) := {"topologySpreadConstraints": [{"topologyKey": "a", "labelSelector": selector}]}

_term(key, selector) := {"topologyKey": key, "labelSelector": selector}

_host := "kubernetes.io/hostname"

_zone := "topology.kubernetes.io/zone"

_required(terms) := {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}

_wished(terms) := {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
{"podAffinityTerm": term} |
	some term in terms
]}}}

_spread := {
	"constraint": _constraint(_own),
	"constraint for every pod": _constraint({}),
	"second constraint": {"topologySpreadConstraints": [
		{"topologyKey": "a", "labelSelector": _others},
		{"topologyKey": "b", "labelSelector": _own},
	]},
	"required": _required([_term(_host, _own)]),
	"required, second": _required([_term(_host, _others), _term(_zone, _own)]),
	"preferred": _wished([_term(_zone, _own)]),
	"old name of the zone": _wished([_term("failure-domain.beta.kubernetes.io/zone", _own)]),
	"required of others, preferred of its own": {"affinity": {"podAntiAffinity": {
		"requiredDuringSchedulingIgnoredDuringExecution": [_term(_host, _others)],
		"preferredDuringSchedulingIgnoredDuringExecution": [{"podAffinityTerm": _term(_host, _own)}],
	}}},
}

_not_spread := {
	"nothing": {},
	"constraint for others": _constraint(_others),
	"constraint without selector": {"topologySpreadConstraints": [{"topologyKey": "a"}]},
	"from others": _required([_term(_host, _others)]),
	"preferred, from others": _wished([_term(_host, _others)]),
	"over something else": _required([_term("rack", _own)]),
	"without selector": _required([{"topologyKey": _host}]),
	"together": {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
		_term(_host, _own),
	]}}},
}

test_spread[note] if {
	some note, spec in _spread
	replicas_not_spread.fail == set() with input as _document(2, spec)
}

test_not_spread[note] if {
	some note, spec in _not_spread
	count(replicas_not_spread.fail) == 1 with input as _document(2, spec)
}

test_fewer_replicas if {
	document := _document(1, {})
	replicas_not_spread.fail == set() with input as document
	replicas_not_spread.skip == {"It may have fewer than 2 replicas."} with input as document
	replicas_not_spread.skip == set() with input as _document(2, {})
}

test_finding if {
	finding := {
		"path": "/spec/template/spec",
		"severity": "low",
		"message": "Nothing keeps its 3 replicas or more on different nodes.",
		"evidence": {"labels": {"app": "web"}},
	}
	replicas_not_spread.fail == {finding} with input as _document(3, {})
	replicas_not_spread.fail == {object.union(finding, {"severity": "medium"})} with input as _document(3, {})
		with data.parameters.replicas_not_spread as {"strict": true}
}
