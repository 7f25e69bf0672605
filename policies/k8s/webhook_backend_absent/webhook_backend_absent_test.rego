package k8s.webhook_backend_absent_test

import data.k8s.webhook_backend_absent

_service := {"namespace": "guard", "name": "hook"}

_hook(service) := {"name": "guard.example.com", "clientConfig": {"service": service}}

_external := {"name": "x", "clientConfig": {"url": "https://guard.example.com"}}

_document(hooks, facts) := {
	"spec": {"webhooks": hooks},
	"related": {"backends": {"items": [object.union(_service, facts)]}},
}

_finding(i, port, fault) := {
	"path": sprintf("/webhooks/%d/clientConfig/service", [i]),
	"message": sprintf("Nobody answers for webhook guard.example.com: Service guard/hook %s.", [fault]),
	"evidence": {"service": object.union(_service, {"port": port})},
	"related": [{"apiVersion": "v1", "kind": "Service", "namespace": "guard", "name": "hook"}],
}

_answers := {"found": true, "ports": [443], "endpoints": {"total": 1, "ready": 1}}

_none := "It calls no Service of the cluster."

_untold := "The manifests hold none of its Services, and the cluster may have them."

_on_8443 := object.union(_service, {"port": 8443})

# webhooks, what is told of the Service, findings, why it is left out
_cases := {
	"not there": [[_hook(_service)], {"found": false}, {_finding(0, 443, "does not exist")}, set()],
	"the second one": [[_external, _hook(_service)], {"found": false}, {_finding(1, 443, "does not exist")}, set()],
	"another port": [[_hook(_on_8443)], _answers, {_finding(0, 8443, "has no port 8443")}, set()],
	"it answers": [[_hook(_service), _external], _answers, set(), set()],
	"elsewhere": [[_external], {}, set(), {_none}],
	"no webhook": [[], {}, set(), {_none}],
	"not told": [[_hook(_service)], {}, set(), {_untold}],
}

test_verdict[note] if {
	some note, [hooks, facts, failing, skips] in _cases
	verdict := [webhook_backend_absent.fail, webhook_backend_absent.skip] with input as _document(hooks, facts)
	verdict == [failing, skips]
}

_others := {
	"/spec/conversion/webhook/clientConfig/service": [
		{"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"service": _service}}}},
		"the conversion of its objects",
	],
	"/spec/service": [{"group": "metrics.example.com", "service": _service}, "this API"],
}

test_others[path] if {
	some path, [spec, caller] in _others
	document := object.union(_document([], {"found": false}), {"spec": spec})
	webhook_backend_absent.fail == {object.union(_finding(0, 443, "does not exist"), {
		"path": path,
		"message": sprintf("Nobody answers for %s: Service guard/hook does not exist.", [caller]),
	})} with input as document
}
