package k8s.cpu_request_missing_test

import data.k8s.cpu_request_missing
import data.lib.example.document

_asks(quantity) := {"resources": {"requests": {"cpu": quantity}}}

_parameters := {"include_init": false, "accept_limit_range": true}

_verdict := [{finding.evidence.container | some finding in cpu_request_missing.fail}, cpu_request_missing.unknown]

_found(case) := verdict if {
	verdict := _verdict with input as document(case) with data.parameters.cpu_request_missing as _parameters
}

test_verdict if {
	_found({"bodies": [_asks("1"), _asks("0"), {}]}) == [{"b"}, set()]
	_found({"bodies": [_asks("1"), _asks("2"), {}]}) == [set(), set()]
	_found({"bodies": [{"resources": {"requests": {"memory": "1"}}}]}) == [{"a"}, set()]
	_found({"spec": _asks("lots"), "bodies": [_asks("1")]}) == [set(), set()]
	_found({"bodies": [_asks("lots")]}) == [set(), {"lots is no quantity of cpu."}]
}

_ranges := object.union(document({"bodies": [{}]}), {"related": {"limit_range": {
	"default": {"cpu": "1"},
	"defaultRequest": {"cpu": "1"},
}}})

_on_ranges(accepted) := count(found) if {
	found := cpu_request_missing.fail with input as _ranges
		with data.parameters.cpu_request_missing as object.union(_parameters, {"accept_limit_range": accepted})
}

test_parameters if {
	_on_ranges(true) == 0
	_on_ranges(false) == 1
}

test_finding if {
	cpu_request_missing.fail == {{
		"path": "/spec/template/spec/containers/0/resources/requests/cpu",
		"message": "Container a requests no CPU.",
		"evidence": {"container": "a", "role": "app"},
	}} with input as document({"bodies": [{}]})
		with data.parameters.cpu_request_missing as _parameters
}
