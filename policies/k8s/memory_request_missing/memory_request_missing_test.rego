package k8s.memory_request_missing_test

import data.k8s.memory_request_missing
import data.lib.example.document

_asks(quantity) := {"resources": {"requests": {"memory": quantity}}}

_parameters := {"include_init": false, "accept_limit_range": true}

_verdict := [{finding.evidence.container | some finding in memory_request_missing.fail}, memory_request_missing.unknown]

_found(case) := verdict if {
	verdict := _verdict with input as document(case) with data.parameters.memory_request_missing as _parameters
}

test_verdict if {
	_found({"bodies": [_asks("1"), _asks("0"), {}]}) == [{"b"}, set()]
	_found({"bodies": [_asks("1"), _asks("2"), {}]}) == [set(), set()]
	_found({"bodies": [{"resources": {"requests": {"cpu": "1"}}}]}) == [{"a"}, set()]
	_found({"spec": _asks("lots"), "bodies": [_asks("1")]}) == [set(), set()]
	_found({"bodies": [_asks("lots")]}) == [set(), {"lots is no quantity of memory."}]
}

_ranges := object.union(document({"bodies": [{}]}), {"related": {"limit_range": {
	"default": {"memory": "1"},
	"defaultRequest": {"memory": "1"},
}}})

_on_ranges(accepted) := count(found) if {
	found := memory_request_missing.fail with input as _ranges
		with data.parameters.memory_request_missing as object.union(_parameters, {"accept_limit_range": accepted})
}

test_parameters if {
	_on_ranges(true) == 0
	_on_ranges(false) == 1
}

test_finding if {
	memory_request_missing.fail == {{
		"path": "/spec/template/spec/containers/0/resources/requests/memory",
		"message": "Container a requests no memory.",
		"evidence": {"container": "a", "role": "app"},
	}} with input as document({"bodies": [{}]})
		with data.parameters.memory_request_missing as _parameters
}
