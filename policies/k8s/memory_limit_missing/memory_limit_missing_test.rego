package k8s.memory_limit_missing_test

import data.k8s.memory_limit_missing
import data.lib.example.document

_asks(quantity) := {"resources": {"limits": {"memory": quantity}}}

_parameters := {"include_init": false, "accept_limit_range": true, "max": ""}

_verdict := [{finding.evidence.container | some finding in memory_limit_missing.fail}, memory_limit_missing.unknown]

_found(case) := verdict if {
	verdict := _verdict with input as document(case) with data.parameters.memory_limit_missing as _parameters
}

test_verdict if {
	_found({"bodies": [_asks("1"), _asks("0"), {}]}) == [{"b"}, set()]
	_found({"bodies": [_asks("1"), _asks("2"), {}]}) == [set(), set()]
	_found({"bodies": [{"resources": {"limits": {"cpu": "1"}}}]}) == [{"a"}, set()]
	_found({"spec": _asks("lots"), "bodies": [_asks("1")]}) == [set(), set()]
	_found({"bodies": [_asks("lots")]}) == [set(), {"lots is no quantity of memory."}]
}

_ranges := object.union(document({"bodies": [{}]}), {"related": {"limit_range": {
	"default": {"memory": "1"},
	"defaultRequest": {"memory": "1"},
}}})

_on_ranges(accepted) := count(found) if {
	found := memory_limit_missing.fail with input as _ranges
		with data.parameters.memory_limit_missing as object.union(_parameters, {"accept_limit_range": accepted})
}

test_parameters if {
	_on_ranges(true) == 0
	_on_ranges(false) == 1
}

test_finding if {
	memory_limit_missing.fail == {{
		"path": "/spec/template/spec/containers/0/resources/limits/memory",
		"message": "Container a has no memory limit.",
		"evidence": {"container": "a", "role": "app"},
	}} with input as document({"bodies": [{}]})
		with data.parameters.memory_limit_missing as _parameters
}

_limits := [finding.evidence.limits | some finding in memory_limit_missing.fail]

_above(limit, max) := found if {
	found := _limits with input as document({"bodies": [_asks(limit)]})
		with data.parameters.memory_limit_missing as object.union(_parameters, {"max": max})
}

test_max if {
	_above("8Gi", "8Gi") == []
	_above("8G", "8Gi") == []
	_above("8193Mi", "8Gi") == ["8193Mi"]
	_above(9000000000, "8Gi") == [9000000000]
	_above("1e100", "8Gi") == ["1e100"]
	_above("8193Mi", "") == []
	_above("0", "8Gi") == ["0"]
	_above("lots", "8Gi") == []
}

test_max_of_the_pod if {
	case := {"spec": _asks("2Gi"), "bodies": [{}, {}, {}]}
	found := {finding.message | some finding in memory_limit_missing.fail} with input as document(case)
		with data.parameters.memory_limit_missing as object.union(_parameters, {"max": "1Gi"})
	found == {
		"Container a may use 2Gi of memory, more than 1Gi.",
		"Container b may use 2Gi of memory, more than 1Gi.",
	}
}

test_finding_above if {
	memory_limit_missing.fail == {{
		"path": "/spec/template/spec/containers/0/resources/limits/memory",
		"message": "Container a may use 2Gi of memory, more than 1Gi.",
		"evidence": {"container": "a", "role": "app", "limits": "2Gi", "max": "1Gi"},
	}} with input as document({"bodies": [_asks("2Gi")]})
		with data.parameters.memory_limit_missing as object.union(_parameters, {"max": "1Gi"})
}
