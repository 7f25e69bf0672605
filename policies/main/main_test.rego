package main_test

import data.main

_sets(name) := {"pod": {
	"path": "/spec",
	"spec": {"securityContext": {"sysctls": [{"name": name, "value": "1"}]}},
}}

# allowed since v1.32
_document := _sets("net.ipv4.tcp_rmem")

_unsafe := _sets("kernel.msgmax")

_harmless := {"pod": {"path": "/spec", "spec": {}}}

_patterns := {
	"old": {"unsafe_sysctl": {"pss_version": "v1.20"}},
	"new": {"unsafe_sysctl": {"pss_version": "v1.36"}},
}

_question(document, pattern) := object.union(
	{"policies": ["unsafe_sysctl"], "document": document},
	{key: value | some key, value in {"pattern": pattern}; value != ""},
)

_results(questions) := answers if {
	answers := main.results with input as {"questions": questions}
		with data.policies as {"unsafe_sysctl": ["fail"]}
		with data.patterns as _patterns
		with data.parameters.unsafe_sysctl as {"pss_version": "latest"}
}

_counts(questions) := [count(one.unsafe_sysctl.fail) | some one in _results(questions)]

test_one_answer_for_each_document_in_their_order if {
	_counts([_question(_document, "old"), _question(_harmless, "old"), _question(_document, "old")]) == [1, 0, 1]
}

test_without_a_pattern_the_parameters_are_those_of_the_bundle if {
	_counts([_question(_document, ""), _question(_unsafe, "")]) == [0, 1]
}

test_a_pattern_stands_in_for_the_parameters_of_its_own_document_only if {
	_counts([
		_question(_document, ""),
		_question(_document, "old"),
		_question(_document, "new"),
		_question(_document, ""),
		_question(_document, "old"),
	]) == [0, 1, 0, 0, 1]
}

test_a_pattern_that_is_not_there_leaves_the_document_out if {
	_counts([_question(_document, "odl"), _question(_document, "old")]) == [1]
}

test_a_policy_that_is_not_there_is_left_out if {
	question := {"policies": ["unsafe_sysctl", "none"], "document": _harmless}
	_results([question]) == [{"unsafe_sysctl": {"fail": set()}}]
}

test_only_the_rules_that_a_policy_has_are_asked_for if {
	answers := main.results with input as {"questions": [_question(_harmless, "")]}
		with data.policies as {"unsafe_sysctl": ["fail", "skip"]}
		with data.k8s.unsafe_sysctl as {"fail": set(), "unknown": {"never asked"}}
	answers == [{"unsafe_sysctl": {"fail": set()}}]
}

test_nothing_is_asked if _results([]) == []
