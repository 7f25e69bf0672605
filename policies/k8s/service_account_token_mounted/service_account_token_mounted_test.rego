package k8s.service_account_token_mounted_test

import data.k8s.service_account_token_mounted
import data.lib.example

_document(case) := object.union(example.document(case), {
	"pod": {"spec": {"serviceAccountName": "web"}},
	"meta": {"namespace": object.get(case, "namespace", "shop")},
	"related": {"service_account": object.get(case, "account", {"found": true, "name": "web"})},
})

_set(value) := {"automountServiceAccountToken": value}

_own := {"volumeMounts": [{"name": "x", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}

# whether it fails, and why it is skipped
_cases := {
	"nobody says": [{"bodies": [{}]}, 1, set()],
	"pod says no": [{"bodies": [{}], "spec": _set(false)}, 0, set()],
	"account says no": [{"bodies": [{}], "account": _set(false)}, 0, set()],
	"every container has something else": [{"bodies": [_own, _own]}, 0, set()],
	"one has something else": [{"bodies": [_own, {}]}, 1, set()],
	"static": [
		{"bodies": [{}], "annotations": {"kubernetes.io/config.mirror": "x"}},
		0,
		{"It is a static pod, made from a file of its node: such pods have no ServiceAccount."},
	],
	"exempt": [
		{"bodies": [{}], "exempt": ["bank/web", "shop/web"]},
		0,
		{"Its ServiceAccount is exempt by the parameter exempt_service_accounts."},
	],
	"exempt, in no namespace": [
		{"bodies": [{}], "namespace": "", "exempt": ["default/web"]},
		0,
		{"Its ServiceAccount is exempt by the parameter exempt_service_accounts."},
	],
	"others are exempt": [{"bodies": [{}], "exempt": ["default/web", "shop/webs", "web"]}, 1, set()],
}

_verdict := [count(service_account_token_mounted.fail), service_account_token_mounted.skip]

test_verdict[note] if {
	some note, [case, failing, skips] in _cases
	verdict := _verdict with input as _document(case)
		with data.parameters.service_account_token_mounted as {"exempt_service_accounts": object.get(case, "exempt", [])}
	verdict == [failing, skips]
}

_messages := {
	"neither it nor its pods turn that off": {},
	"its pods do not turn that off, and it does not exist": {"account": {"found": false}},
	"the pod asks for it": {"spec": _set(true), "account": {"found": false}},
	"the ServiceAccount asks for it": {"account": _set(true)},
}

test_message[why] if {
	some why, case in _messages
	found := {finding.message | some finding in service_account_token_mounted.fail} with input as _document(object.union(
		case,
		{"bodies": [{}]},
	))
		with data.parameters.service_account_token_mounted as {"exempt_service_accounts": []}
	found == {sprintf("A token of ServiceAccount web is mounted: %s.", [why])}
}

test_finding if {
	path := "/spec/template/spec/automountServiceAccountToken"
	service_account_token_mounted.fail == {{
		"path": path,
		"message": "A token of ServiceAccount web is mounted: the pod asks for it.",
		"evidence": {"serviceAccount": "web", "decided_by": "the pod", "containers": ["a", "b"]},
		"patch": [{"op": "add", "path": path, "value": false}],
	}} with input as _document({"spec": _set(true), "bodies": [{}, {}, {}]})
		with data.parameters.service_account_token_mounted as {"exempt_service_accounts": []}
}
