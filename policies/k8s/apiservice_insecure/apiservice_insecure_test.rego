package k8s.apiservice_insecure_test

import data.k8s.apiservice_insecure

_document(spec) := {"meta": {"name": "v1beta1.metrics.k8s.io"}, "spec": spec}

_finding(service) := {
	"path": "/spec/insecureSkipTLSVerify",
	"message": "The API server does not check who answers for APIService v1beta1.metrics.k8s.io.",
	"evidence": {"service": service},
}

_cases := {
	"insecure": [{"insecureSkipTLSVerify": true, "service": {"name": "metrics"}}, {_finding({"name": "metrics"})}],
	"insecure, of nobody": [{"insecureSkipTLSVerify": true}, {_finding({})}],
	"checked": [{"insecureSkipTLSVerify": false, "service": {"name": "metrics"}}, set()],
	"local": [{}, set()],
}

test_verdict[note] if {
	some note, [spec, failing] in _cases
	apiservice_insecure.fail == failing with input as _document(spec)
}
