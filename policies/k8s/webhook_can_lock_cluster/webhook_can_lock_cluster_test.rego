package k8s.webhook_can_lock_cluster_test

import data.k8s.webhook_can_lock_cluster

_pods := {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}

_hook(more) := object.union({"name": "guard.example.com", "rules": [_pods]}, more)

_document(hooks) := {
	"spec": {"webhooks": hooks},
	"related": {"hook_namespaces": {"items": [{"name": "kube-system", "labels": {}}]}},
}

_open := {"failurePolicy": "Ignore"}

_conditions := {"matchConditions": [{"name": "x", "expression": "true"}]}

_elsewhere := {"rules": [object.union(_pods, {"resources": ["services"]})]}

_finding(i) := {
	"path": sprintf("/webhooks/%d/failurePolicy", [i]),
	"message": "While webhook guard.example.com does not answer, the API server refuses pods in kube-system.",
	"evidence": {"webhook": "guard.example.com", "failurePolicy": "Fail", "refused": {"pods in kube-system"}},
}

_asked := "Whether webhook guard.example.com is asked about pods in kube-system is up to its matchConditions, which are not evaluated."

_unread := "Whether webhook guard.example.com selects the namespace guard is not known: its labels were not read."

_labelled := {
	"clientConfig": {"service": {"namespace": "guard"}},
	"namespaceSelector": {"matchLabels": {"guarded": "yes"}},
}

# webhooks, findings, what is not known
_cases := {
	"closed": [[_hook({})], {_finding(0)}, set()],
	"closed, as it is said": [[_hook({"failurePolicy": "Fail"})], {_finding(0)}, set()],
	"open": [[_hook(_open)], set(), set()],
	"the second one": [[_hook(_open), _hook({})], {_finding(1)}, set()],
	"asked about others": [[_hook(_elsewhere)], set(), set()],
	"under conditions": [[_hook(_conditions)], set(), {_asked}],
	"under conditions, open": [[_hook(object.union(_conditions, _open))], set(), set()],
	"under conditions, asked about others": [[_hook(object.union(_conditions, _elsewhere))], set(), set()],
	"by labels that were not read": [[_hook(_labelled)], set(), {_unread}],
	"by labels that were not read, open": [[_hook(object.union(_labelled, _open))], set(), set()],
	"none": [[], set(), set()],
}

test_verdict[note] if {
	some note, [hooks, failing, unknowns] in _cases
	verdict := [webhook_can_lock_cluster.fail, webhook_can_lock_cluster.unknown] with input as _document(hooks)
	verdict == [failing, unknowns]
}

_places := "nodes, pods in kube-system"

_both := {"rules": [object.union(_pods, {"resources": ["pods", "nodes"]})]}

test_several_places if {
	[finding] := [one | some one in webhook_can_lock_cluster.fail] with input as _document([_hook(_both)])
	endswith(finding.message, sprintf("refuses %s.", [_places]))
	[reason] := [one | some one in webhook_can_lock_cluster.unknown] with input as _document([_hook(object.union(_both, _conditions))])
	contains(reason, sprintf(" %s is up to", [_places]))
}
