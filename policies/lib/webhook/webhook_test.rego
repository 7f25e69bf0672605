package lib.webhook_test

import data.lib.webhook

_name := "kubernetes.io/metadata.name"

_everything := {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}

_all := {"pods in kube-system", "nodes", "nodes/status", "leases in kube-system", "leases in kube-node-lease"}

_pods := {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}

_nodes := {"operations": ["UPDATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["nodes", "nodes/status"]}

_leases := {
	"operations": ["CREATE", "UPDATE"],
	"apiGroups": ["coordination.k8s.io"],
	"apiVersions": ["v1beta1", "v1"],
	"resources": ["leases"],
}

_rules := {
	"everything": [_everything, _all],
	"everything, subresources aside": [object.union(_everything, {"resources": ["*"]}), _all - {"nodes/status"}],
	"pods": [_pods, {"pods in kube-system"}],
	"pods and what is below them": [object.union(_pods, {"resources": ["pods/*"]}), {"pods in kube-system"}],
	"what is below pods": [object.union(_pods, {"resources": ["pods/exec", "pods/status"]}), set()],
	"any status": [object.union(_nodes, {"resources": ["*/status"]}), {"nodes/status"}],
	"pods of another group": [object.union(_pods, {"apiGroups": ["metrics.k8s.io"]}), set()],
	"of no version that is there": [object.union(_pods, {"apiVersions": ["v1beta1"]}), set()],
	"pods that change or go": [object.union(_pods, {"operations": ["UPDATE", "DELETE", "CONNECT"]}), set()],
	"nodes": [_nodes, {"nodes", "nodes/status"}],
	"nodes that go": [object.union(_nodes, {"operations": ["DELETE"]}), set()],
	"new nodes": [object.union(_nodes, {"operations": ["CREATE"]}), {"nodes"}],
	"leases": [_leases, {"leases in kube-system", "leases in kube-node-lease"}],
	"leases of an older version": [object.union(_leases, {"apiVersions": ["v1beta1"]}), set()],
	"new leases": [object.union(_leases, {"operations": ["CREATE"]}), {"leases in kube-system", "leases in kube-node-lease"}],
	"leases that change": [
		object.union(_leases, {"operations": ["UPDATE"]}),
		{"leases in kube-system", "leases in kube-node-lease"},
	],
	"deployments": [object.union(_everything, {"resources": ["deployments"]}), set()],
	"in no namespace": [object.union(_everything, {"scope": "Cluster"}), {"nodes", "nodes/status"}],
	"in namespaces": [object.union(_everything, {"scope": "Namespaced"}), _all - {"nodes", "nodes/status"}],
	"in any": [object.union(_everything, {"scope": "*"}), _all],
}

_documents(namespaces) := {"related": {"hook_namespaces": {"items": [
object.union({"name": name}, {"labels": object.union({_name: name}, labels)}) |
	some name, labels in namespaces
]}}}

_cluster := {"kube-system": {}, "kube-node-lease": {}, "guard": {"tier": "guard"}}

test_rules[note] if {
	some note, [rule, want] in _rules
	reached := webhook.reached({"rules": [rule]}) with input as _documents(_cluster)
	reached == want
}

test_no_rules if webhook.reached({}) == set() with input as _documents(_cluster)

_hook(more) := object.union({"rules": [_pods, _nodes]}, more)

_of_guard := {"clientConfig": {"service": {"namespace": "guard"}}}

_not_named(names) := {"namespaceSelector": {"matchExpressions": [{"key": _name, "operator": "NotIn", "values": names}]}}

_on_nodes := {"nodes", "nodes/status"}

_hooks := {
	"its own namespace too": [_of_guard, (_on_nodes | {"pods in kube-system", "pods in guard"})],
	"but for a namespace": [object.union(_of_guard, _not_named(["kube-system"])), (_on_nodes | {"pods in guard"})],
	"but for both": [object.union(_of_guard, _not_named(["kube-system", "guard"])), _on_nodes],
	"where a label is": [object.union(_of_guard, {"namespaceSelector": {"matchLabels": {"tier": "guard"}}}), (_on_nodes | {"pods in guard"})],
	"of what has a label": [object.union(_of_guard, {"objectSelector": {"matchLabels": {"guarded": "yes"}}}), set()],
	"of what lacks a label": [
		{"objectSelector": {"matchExpressions": [{"key": "guarded", "operator": "DoesNotExist"}]}},
		(_on_nodes | {"pods in kube-system"}),
	],
}

test_selectors[note] if {
	some note, [more, want] in _hooks
	reached := webhook.reached(_hook(more)) with input as _documents(_cluster)
	reached == want
	webhook.untold(_hook(more)) == set() with input as _documents(_cluster)
}

test_own_leases_do_not_matter if {
	reached := webhook.reached(object.union(_of_guard, {"rules": [_leases]})) with input as _documents(_cluster)
	reached == {"leases in kube-system", "leases in kube-node-lease"}
}

_label := {"namespaceSelector": {"matchLabels": {"tier": "guard"}}}

_expression := {"namespaceSelector": {"matchExpressions": [{"key": "tier", "operator": "Exists"}]}}

_of_nodes := {"rules": [_nodes]}

# the namespaces that were read, the webhook, those of which it is not known, where the pods are that it is asked about
_untold := {
	"no selector": [{}, _of_guard, set(), {"kube-system", "guard"}],
	"by name": [{}, object.union(_of_guard, _not_named(["kube-system"])), set(), {"guard"}],
	"by its one name": [{}, {"namespaceSelector": {"matchLabels": {_name: "kube-system"}}}, set(), {"kube-system"}],
	"by label": [{}, object.union(_of_guard, _label), {"kube-system", "guard"}, set()],
	"by label, one was read": [{"kube-system": {}}, object.union(_of_guard, _label), {"guard"}, set()],
	"by expression": [{}, _expression, {"kube-system"}, set()],
}

test_untold[note] if {
	some note, [namespaces, more, want, places] in _untold
	hook := object.union({"rules": [_pods]}, more)
	webhook.untold(hook) == want with input as _documents(namespaces)
	reached := webhook.reached(hook) with input as _documents(namespaces)
	reached == {sprintf("pods in %s", [place]) | some place in places}
}

test_nodes_need_no_namespace if webhook.untold(object.union(_of_nodes, _label)) == set() with input as _documents({})
