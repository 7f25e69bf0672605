package k8s.ingress_unsafe_annotation_test

import data.k8s.ingress_unsafe_annotation

_document(name, value) := {"meta": {"annotations": {"example.com/note": "x", name: value}}}

_fault(name, value) := fault if {
	[finding] := [one | some one in ingress_unsafe_annotation.fail] with input as _document(name, value)
	fault := trim_prefix(finding.message, sprintf("Annotation %s ", [name]))
} else := "" if {
	ingress_unsafe_annotation.fail == set() with input as _document(name, value)
}

_snippets := [
	"nginx.ingress.kubernetes.io/configuration-snippet",
	"nginx.ingress.kubernetes.io/server-snippet",
	"nginx.ingress.kubernetes.io/auth-snippet",
	"nginx.org/server-snippets",
	"nginx.org/location-snippets",
	"haproxy.org/backend-config-snippet",
	"haproxy-ingress.github.io/config-backend",
]

_harmless := [
	"nginx.ingress.kubernetes.io/rewrite-target",
	"example.com/nginx.ingress.kubernetes.io/server-snippet",
	"nginx.ingress.kubernetes.io/server-snippet-note",
	"nginx.org/server-snippet",
]

_written := "is written into the configuration of the proxy as it is."

test_snippets[name] if {
	some name in _snippets
	_fault(name, "x") == _written
}

test_harmless[name] if {
	some name in _harmless
	_fault(name, "https://127.0.0.1/;") == ""
}

_url := "nginx.ingress.kubernetes.io/auth-url"

_ends := "can end a line of the configuration of the proxy."

_leads := "leads the proxy to an address of its own node or cloud."

_urls := {
	"https://login.example.com/oauth2/auth?rd=$escaped_request_uri": "",
	"http://auth.auth.svc.cluster.local:4180/verify": "",
	"https://login.example.com/?to=http://localhost/": "",
	"https://127.example.com.org/": _leads,
	"https://login.example.com/127.0.0.1": "",
	"http://x/#;\n}}": _ends,
	"http://x/#": _ends,
	"http://x/;load_module y": _ends,
	"http://x/ y": _ends,
	"http://x/{": _ends,
	"http://x/'": _ends,
	"http://x/\"": _ends,
	"http://x/\\": _ends,
	"http://127.0.0.1:10246/stop": _leads,
	"http://LOCALHOST/": _leads,
	"http://[::1]:80/": _leads,
	"http://169.254.169.254/latest/meta-data/": _leads,
	"http://metadata.google.internal/": _leads,
	"http://169.254.169.254/#": _ends,
}

test_urls[value] if {
	some value, want in _urls
	_fault(_url, value) == want
}

test_other_urls[name] if {
	some name in ["nginx.ingress.kubernetes.io/auth-signin", "nginx.ingress.kubernetes.io/mirror-target"]
	_fault(name, "http://localhost/") == _leads
}

test_finding if {
	path := "/metadata/annotations/nginx.ingress.kubernetes.io~1server-snippet"
	ingress_unsafe_annotation.fail == {{
		"path": path,
		"message": sprintf("Annotation nginx.ingress.kubernetes.io/server-snippet %s", [_written]),
		"evidence": {"annotation": "nginx.ingress.kubernetes.io/server-snippet"},
		"patch": [{"op": "remove", "path": path}],
	}} with input as _document("nginx.ingress.kubernetes.io/server-snippet", {"class": "named", "length": 9})
}

test_hidden if {
	document := _document(_url, {"class": "url_password", "length": 40})
	ingress_unsafe_annotation.fail == set() with input as document
	ingress_unsafe_annotation.unknown == {sprintf("Where annotation %s leads is hidden, as it holds a credential.", [_url])} with input as document
	ingress_unsafe_annotation.unknown == set() with input as _document(_url, "https://x/")
}
