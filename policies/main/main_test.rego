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
	{"policies": 0, "document": document},
	{key: value | some key, value in {"pattern": pattern}; value != ""},
)

_asked(policies, questions) := {"policies": policies, "questions": questions}

_results(policies, questions) := answer if {
	answer := main.results with input as _asked(policies, questions)
		with data.policies as {"unsafe_sysctl": {"fail": false}}
		with data.patterns as _patterns
		with data.parameters.unsafe_sysctl as {"pss_version": "latest"}
}

_counts(questions) := [count(found) |
	some [[0, found]] in _results([["unsafe_sysctl"]], questions).entries
]

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
	_results([["unsafe_sysctl", "none"]], [_question(_harmless, "")]) == {
		"rules": [[["unsafe_sysctl", "fail", false]]],
		"entries": [[[0, set()]]],
	}
}

test_each_question_names_its_list if {
	lists := [[], ["unsafe_sysctl"], ["none"]]
	questions := [object.union(_question(_unsafe, ""), {"policies": place}) | some place in [1, 0, 2]]
	answer := _results(lists, questions)
	answer.rules == [[], [["unsafe_sysctl", "fail", false]], []]
	[count(one) | some one in answer.entries] == [1, 0, 0]
}

test_only_the_rules_that_a_policy_has_are_asked_for if {
	answer := main.results with input as _asked([["unsafe_sysctl"]], [_question(_harmless, "")])
		with data.policies as {"unsafe_sysctl": {"fail": false, "skip": false}}
		with data.k8s.unsafe_sysctl as {"fail": set(), "unknown": {"never asked"}}
	answer == {
		"rules": [[["unsafe_sysctl", "fail", false], ["unsafe_sysctl", "skip", false]]],
		"entries": [[[0, set()]]],
	}
}

test_whatever_else_a_rule_is_it_is_answered if {
	answer := main.results with input as _asked([["unsafe_sysctl"]], [_question(_harmless, "")])
		with data.policies as {"unsafe_sysctl": {"fail": false}}
		with data.k8s.unsafe_sysctl as {"fail": {}}
	answer.entries == [[[0, {}]]]
}

test_what_is_sure_to_be_a_set_is_answered_where_it_emits_something if {
	answer := main.results with input as _asked([["unsafe_sysctl"]], [_question(_harmless, ""), _question(_unsafe, "")])
		with data.policies as {"unsafe_sysctl": {"fail": true, "skip": true}}
		with data.parameters.unsafe_sysctl as {"pss_version": "latest"}
	answer.rules == [[["unsafe_sysctl", "fail", true], ["unsafe_sysctl", "skip", true]]]
	[[place | some [place, _] in one] | some one in answer.entries] == [[], [0]]
}

test_nothing_is_asked if _results([], []) == {"rules": [], "entries": []}
