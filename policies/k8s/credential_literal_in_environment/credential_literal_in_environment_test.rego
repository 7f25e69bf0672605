package k8s.credential_literal_in_environment_test

import data.k8s.credential_literal_in_environment
import data.lib.example.document

_literal(name, class, length) := {"name": name, "value": {"class": class, "length": length}}

_free := {
	"nothing": {},
	"no variables": {"env": []},
	"literals": {"env": [{"name": "MODE", "value": "fast"}, {"name": "EMPTY"}]},
	"reference": {"env": [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "shop", "key": "password"}}}]},
	"path of a file": {"env": [_literal("GOOGLE_APPLICATION_CREDENTIALS", "named_path", 17)]},
}

test_free[note] if {
	some note, body in _free
	credential_literal_in_environment.fail == set() with input as document({"bodies": [body]})
}

test_finding if {
	body := {"env": [{"name": "MODE", "value": "fast"}, _literal("DB_PASSWORD", "named", 12)]}
	credential_literal_in_environment.fail == {{
		"path": "/spec/template/spec/containers/1/env/1/value",
		"message": "Container b has a credential of 12 characters (told by its name) as the literal value of DB_PASSWORD.",
		"evidence": {
			"container": "b",
			"role": "sidecar",
			"variable": "DB_PASSWORD",
			"value": {"class": "named", "length": 12},
		},
	}} with input as document({"bodies": [{}, body]})
}

_forms := {
	"private_key": "(private key)",
	"jwt": "(jwt)",
	"url_password": "(url password)",
}

# its form tells it, whatever the variable is called
test_form[class] if {
	some class, words in _forms
	body := {"env": [_literal("GOOGLE_APPLICATION_CREDENTIALS", class, 40)]}
	[finding] := [one | some one in credential_literal_in_environment.fail] with input as document({"bodies": [body]})
	contains(finding.message, words)
}

test_allowed_names if {
	body := {"env": [_literal("A_TOKEN", "named", 4), _literal("B_TOKEN", "named", 4)]}
	paths := {finding.path | some finding in credential_literal_in_environment.fail} with input as document({"bodies": [body]})
		with data.parameters.credential_literal_in_environment as {"allowed_names": ["A_TOKEN", "MODE"]}
	paths == {"/spec/template/spec/containers/0/env/1/value"}
}
