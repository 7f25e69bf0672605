package k8s.webhook_fails_open_test

import data.k8s.webhook_fails_open

_guards := [
	"validation.gatekeeper.sh",
	"gatekeeper.sh",
	"validate.kyverno.svc-ignore",
	"clusterwide-no-root.kubewarden.admission",
	"policy.sigstore.dev",
	"validating-webhook.openpolicyagent.org",
	"pod-security-webhook.kubernetes.io",
]

_others := [
	"mygatekeeper.sh",
	"validation.gatekeeper.sh.example.com",
	"mutate.kyverno.svc-fail",
	"webhook.cert-manager.io",
	"advisory.pod-security-webhook.kubernetes.io",
]

_document(hooks) := {"spec": {"webhooks": hooks}}

_skipped := "None of its webhooks is known to guard security."

test_open[name] if {
	some name in _guards
	document := _document([{"name": "x"}, {"name": name, "failurePolicy": "Ignore"}])
	webhook_fails_open.fail == {{
		"path": "/webhooks/1/failurePolicy",
		"message": sprintf("While webhook %s does not answer, what it guards against is let through.", [name]),
		"evidence": {"webhook": name, "failurePolicy": "Ignore"},
	}} with input as document
	webhook_fails_open.skip == set() with input as document
}

test_closed[name] if {
	some name in _guards
	document := _document([{"name": name, "failurePolicy": "Fail"}, {"name": "x", "failurePolicy": "Ignore"}])
	[webhook_fails_open.fail, webhook_fails_open.skip] == [set(), set()] with input as document
}

test_others[name] if {
	some name in _others
	document := _document([{"name": name, "failurePolicy": "Ignore"}])
	[webhook_fails_open.fail, webhook_fails_open.skip] == [set(), {_skipped}] with input as document
}

test_of_ones_own if {
	document := _document([{"name": "own.example.com", "failurePolicy": "Ignore"}])
	count(webhook_fails_open.fail) == 1 with input as document
		with data.parameters.webhook_fails_open.security_webhooks as ["^own\\."]
}
