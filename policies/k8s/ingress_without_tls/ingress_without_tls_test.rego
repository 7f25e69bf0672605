package k8s.ingress_without_tls_test

import data.k8s.ingress_without_tls

_meta := {"annotations": {}, "labels": {}}

_document(spec) := {"meta": _meta, "spec": spec}

_web := {"rules": [{"host": "www.example.com"}, {"host": "api.example.com"}]}

_any := {"rules": [{}]}

_wild := {"rules": [{"host": "*.example.com"}]}

_default := {"defaultBackend": {"service": {"name": "web"}}}

_tls(entries) := {"tls": entries}

_both := {"api.example.com", "www.example.com"}

_cases := {
	"no tls": [_web, _both],
	"empty tls": [object.union(_web, _tls([])), _both],
	"both": [object.union(_web, _tls([{"hosts": ["www.example.com"]}, {"hosts": ["api.example.com"]}])), set()],
	"one of both": [object.union(_web, _tls([{"hosts": ["www.example.com"]}])), {"api.example.com"}],
	"wildcard": [object.union(_web, _tls([{"hosts": ["*.example.com"]}])), set()],
	"wildcard above": [object.union(_web, _tls([{"hosts": ["*.com"]}])), _both],
	"wildcard of another domain": [object.union(_web, _tls([{"hosts": ["*.example.org"]}])), _both],
	"the domain itself": [{"rules": [{"host": "example.com"}], "tls": [{"hosts": ["*.example.com"]}]}, {"example.com"}],
	"all": [object.union(_web, _tls([{"secretName": "x"}])), set()],
	"all, and some": [object.union(_web, _tls([{"hosts": ["x"]}, {"hosts": []}])), set()],
	"a wildcard, served": [object.union(_wild, _tls([{"hosts": ["*.example.com"]}])), set()],
	"a wildcard, one of it named": [object.union(_wild, _tls([{"hosts": ["www.example.com"]}])), {"*.example.com"}],
	"any host": [_any, {"any host"}],
	"any host, one named": [object.union(_any, _tls([{"hosts": ["www.example.com"]}])), {"any host"}],
	"any host, all": [object.union(_any, _tls([{}])), set()],
	"default backend": [_default, {"any host"}],
	"nothing": [{}, set()],
}

test_hosts[note] if {
	some note, [spec, want] in _cases
	found := {finding.evidence.hosts | some finding in ingress_without_tls.fail} with input as _document(spec)
	found == {want | want != set()}
}

test_finding if {
	ingress_without_tls.fail == {{
		"path": "/spec/tls",
		"message": "It serves api.example.com, www.example.com without TLS.",
		"evidence": {"hosts": _both, "tls": {"x.example.com"}},
	}} with input as _document(object.union(_web, _tls([{"hosts": ["x.example.com"]}])))
}

_annotations := [
	"alb.ingress.kubernetes.io/certificate-arn",
	"networking.gke.io/managed-certificates",
	"ingress.gcp.kubernetes.io/pre-shared-cert",
	"appgw.ingress.kubernetes.io/appgw-ssl-certificate",
]

test_certificate_by_annotation[name] if {
	some name in _annotations
	document := {"meta": object.union(_meta, {"annotations": {name: "x"}}), "spec": _web}
	ingress_without_tls.fail == set() with input as document
}

_solver := "It answers a challenge for a certificate, which comes without TLS."

test_challenge[value] if {
	some value, skips in {"true": {_solver}, "false": set()}
	document := {"meta": object.union(_meta, {"labels": {"acme.cert-manager.io/http01-solver": value}}), "spec": _web}
	[count(ingress_without_tls.fail), ingress_without_tls.skip] == [1 - count(skips), skips] with input as document
}

test_internal_class if {
	document := _document(object.union(_web, {"ingressClassName": "inside"}))
	count(ingress_without_tls.fail) == 1 with input as document
	ingress_without_tls.fail == set() with input as document with data.parameters.ingress_without_tls.internal_classes as ["inside"]
	ingress_without_tls.skip == {"Its class needs no TLS."} with input as document
		with data.parameters.ingress_without_tls.internal_classes as ["inside"]
}
