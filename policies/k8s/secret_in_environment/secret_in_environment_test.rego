package k8s.secret_in_environment_test

import data.k8s.secret_in_environment
import data.lib.example.document

_variable(name, source) := {"name": name, "valueFrom": source}

_password := _variable("PASSWORD", {"secretKeyRef": {"name": "shop", "key": "password"}})

_maybe := _variable("TOKEN", {"secretKeyRef": {"name": "extra", "key": "token", "optional": true}})

_surely := _variable("TOKEN", {"secretKeyRef": {"name": "shop", "key": "token", "optional": false}})

_free := {
	"nothing": {},
	"literal": {"env": [{"name": "MODE", "value": "fast"}]},
	"other sources": {
		"env": [
			_variable("IP", {"fieldRef": {"fieldPath": "status.podIP"}}),
			_variable("MODE", {"configMapKeyRef": {"name": "shop", "key": "mode"}}),
		],
		"envFrom": [{"prefix": "A_", "configMapRef": {"name": "shop"}}],
	},
}

test_free[note] if {
	some note, body in _free
	secret_in_environment.fail == set() with input as document({"bodies": [body]})
}

_found(bodies) := found if {
	found := {[finding.path, finding.evidence] | some finding in secret_in_environment.fail} with input as document({"bodies": bodies})
}

_path(i) := sprintf("/spec/template/spec/containers/%d", [i])

test_variables if {
	_found([{}, {"env": [_password, {"name": "MODE", "value": "fast"}, _surely, _maybe]}]) == {[_path(1), {
		"container": "b",
		"role": "sidecar",
		"secrets": {"shop", "extra"},
		"variables": {"PASSWORD", "TOKEN"},
	}]}
}

test_all_of_a_secret if {
	_found([{"envFrom": [{"secretRef": {"name": "shop"}}]}]) == {[_path(0), {
		"container": "a",
		"role": "app",
		"secrets": {"shop"},
		"variables": set(),
	}]}
}

test_message if {
	case := {"bodies": [{"env": [_password], "envFrom": [{"secretRef": {"name": "extra"}}]}]}
	messages := {finding.message | some finding in secret_in_environment.fail} with input as document(case)
	messages == {"Container a has Secret extra and Secret shop in its environment."}
}

test_one_finding_for_each_container if {
	paths := {path | some [path, _] in _found([{"env": [_password]}, {}, {"env": [_surely]}])}
	paths == {_path(0), _path(2)}
}

test_optional_allowed if {
	bodies := [{"env": [_maybe], "envFrom": [{"secretRef": {"name": "a", "optional": true}}]}, {"env": [_maybe, _surely]}]
	found := secret_in_environment.fail with input as document({"bodies": bodies})
		with data.parameters.secret_in_environment as {"allow_optional": true}
	[finding.evidence.variables | some finding in found] == [{"TOKEN"}]
	[finding.evidence.secrets | some finding in found] == [{"shop"}]
}
