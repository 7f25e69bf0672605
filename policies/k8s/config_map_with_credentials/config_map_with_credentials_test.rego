package k8s.config_map_with_credentials_test

import data.k8s.config_map_with_credentials

_map(name, values) := {"meta": {"kind": "ConfigMap", "name": name}, "spec": {"data": values}}

_value(class) := {"class": class, "length": 7}

test_free[note] if {
	some note, document in {
		"nothing": {"meta": {"kind": "ConfigMap", "name": "web"}, "spec": {}},
		"no data": _map("web", {}),
		"texts": _map("web", {"mode": _value("text"), "token": _value("named_path")}),
	}
	config_map_with_credentials.fail == set() with input as document
	config_map_with_credentials.skip == set() with input as document
}

test_findings if {
	config_map_with_credentials.fail == {
		{
			"path": "/data/app.ini",
			"message": "The value of app.ini, of 7 characters, gives something a value whose name says credential.",
			"severity": "medium",
			"evidence": {"key": "app.ini", "class": "named", "length": 7},
		},
		{
			"path": "/data/a~1b~0c",
			"message": "The value of a/b~c, of 7 characters, holds a credential (private key).",
			"severity": "high",
			"evidence": {"key": "a/b~c", "class": "private_key", "length": 7},
		},
	} with input as _map("web", {"app.ini": _value("named"), "a/b~c": _value("private_key"), "mode": _value("text")})
}

test_severity[class] if {
	some class, severity in {"named": "medium", "directive": "medium", "jwt": "high", "url_password": "high"}
	[finding] := [one | some one in config_map_with_credentials.fail] with input as _map("web", {"a": _value(class)})
	finding.severity == severity
}

test_exempt if {
	document := _map("kube-root-ca.crt", {"ca.crt": _value("private_key")})
	config_map_with_credentials.fail == set() with input as document
	config_map_with_credentials.skip == {"The cluster itself writes it, and it holds certificates."} with input as document
}

test_allowed_keys if {
	values := {"a": _value("named"), "b": _value("named"), "c": _value("jwt")}
	found := {one.evidence.key | some one in config_map_with_credentials.fail} with input as _map("web", values)
		with data.parameters.config_map_with_credentials as {"exempt": [], "allowed_keys": ["a", "c"]}
	found == {"b", "c"}
}
