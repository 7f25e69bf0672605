package k8s.monitoring_security_headers_missing_test

import data.k8s.monitoring_security_headers_missing

_own(headers) := {
	"meta": {"kind": "Alertmanager", "name": "main"},
	"spec": {"web": {"httpConfig": {"headers": headers}}},
}

_all := {"contentSecurityPolicy": "x", "xContentTypeOptions": "NoSniff", "xFrameOptions": "Deny", "xXSSProtection": "0"}

_finding(missing, sent) := {
	"path": "/spec",
	"key": "headers",
	"message": sprintf("Alertmanager main sends no %s.", [concat(", ", missing)]),
	"evidence": {"missing": missing, "sent": sent},
}

_names := ["Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "X-XSS-Protection"]

_cases := {
	"all": [_own(_all), set()],
	"none": [_own({}), {_finding(_names, [])}],
	"one missing": [
		_own(object.remove(_all, ["xFrameOptions"])),
		{_finding(["X-Frame-Options"], ["content-security-policy", "x-content-type-options", "x-xss-protection"])},
	],
}

test_verdict[note] if {
	some note, [document, want] in _cases
	monitoring_security_headers_missing.fail == want with input as document
	monitoring_security_headers_missing.skip == set() with input as document
	monitoring_security_headers_missing.unknown == set() with input as document
}

test_absent if {
	document := {"meta": {"kind": "Alertmanager", "name": "main"}, "spec": {"listenLocal": true}}
	monitoring_security_headers_missing.fail == set() with input as document
	monitoring_security_headers_missing.skip == {"It listens for its own pod only."} with input as document
}

test_unread if {
	document := {
		"meta": {"kind": "Deployment", "name": "metrics"},
		"spec": {},
		"containers": [{"name": "server", "role": "app", "path": "/x", "body": {"image": "prometheus", "args": ["$(FLAGS)"]}}],
	}
	monitoring_security_headers_missing.fail == set() with input as document
	monitoring_security_headers_missing.unknown == {"Its command line, or a part of it, cannot be told."} with input as document
}
