package k8s.monitoring_tls_missing_test

import data.k8s.monitoring_tls_missing

_own(spec) := {"meta": {"kind": "Prometheus", "name": "k8s"}, "spec": spec}

_secure(settings) := _own({"web": {"tlsConfig": settings}})

_plain := {
	"path": "/spec",
	"key": "tls",
	"message": "Prometheus k8s listens without TLS.",
	"evidence": {"tls": false},
}

_broken(version) := {
	"path": "/spec",
	"key": "version",
	"message": sprintf("Prometheus k8s speaks %s, which is broken.", [version]),
	"evidence": {"oldest": version},
}

_cases := {
	"plain": [_own({}), {_plain}],
	"default": [_secure({}), set()],
	"1.3": [_secure({"minVersion": "TLS13"}), set()],
	"1.0": [_secure({"minVersion": "TLS10"}), {_broken("TLS10")}],
	"1.1": [_secure({"minVersion": "TLS11"}), {_broken("TLS11")}],
}

test_verdict[note] if {
	some note, [document, want] in _cases
	monitoring_tls_missing.fail == want with input as document
	[monitoring_tls_missing.skip, monitoring_tls_missing.unknown] == [set(), set()] with input as document
}

test_absent[note] if {
	some note, document in {"plain": _own({"listenLocal": true}), "broken": _own({"listenLocal": true, "web": {"tlsConfig": {"minVersion": "TLS10"}}})}
	[monitoring_tls_missing.fail, monitoring_tls_missing.skip] == [set(), {"It listens for its own pod only."}] with input as document
}

test_unread if {
	document := {
		"meta": {"kind": "Deployment", "name": "metrics"},
		"spec": {},
		"containers": [{"name": "server", "role": "app", "path": "/x", "body": {"image": "prometheus", "args": ["$(FLAGS)"]}}],
	}
	monitoring_tls_missing.fail == set() with input as document
	monitoring_tls_missing.unknown == {"Its command line, or a part of it, cannot be told."} with input as document
}

test_plain_container if {
	document := {
		"meta": {"kind": "Deployment", "name": "metrics"},
		"spec": {},
		"containers": [{"name": "server", "role": "app", "path": "/x", "body": {"image": "prometheus", "args": ["--log.format=json"]}}],
	}
	monitoring_tls_missing.fail == {{
		"path": "/x",
		"key": "tls",
		"message": "Container server listens without TLS.",
		"evidence": {"tls": false},
	}} with input as document
}
