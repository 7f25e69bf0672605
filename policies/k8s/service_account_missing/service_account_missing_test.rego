package k8s.service_account_missing_test

import data.k8s.service_account_missing
import data.lib.example

_document(account, annotations) := object.union(example.document({"annotations": annotations}), {
	"pod": {"spec": {"serviceAccountName": "web"}},
	"related": {"service_account": account},
})

_static := {"kubernetes.io/config.mirror": "x"}

_cases := {
	"there": [{"found": true, "name": "web"}, {}, 0, set()],
	"missing": [{"found": false}, {}, 1, set()],
	"not known": [{}, {}, 0, {"The manifests hold no such ServiceAccount, and the cluster may have it."}],
	"static": [
		{"found": false},
		_static,
		0,
		{"It is a static pod, made from a file of its node: such pods have no ServiceAccount."},
	],
	"static, and not known": [
		{},
		_static,
		0,
		{"It is a static pod, made from a file of its node: such pods have no ServiceAccount."},
	],
}

_verdict := [count(service_account_missing.fail), service_account_missing.skip]

test_verdict[note] if {
	some note, [account, annotations, failing, skips] in _cases
	verdict := _verdict with input as _document(account, annotations)
	verdict == [failing, skips]
}

test_finding if {
	service_account_missing.fail == {{
		"path": "/spec/template/spec/serviceAccountName",
		"message": "ServiceAccount web does not exist in its namespace: new pods are refused.",
		"evidence": {"serviceAccount": "web"},
	}} with input as _document({"found": false}, {})
}
