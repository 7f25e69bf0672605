# METADATA
# title: What admission webhooks are asked about
# description: For policies that need the relation hook_namespaces.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
package lib.webhook

import data.lib.label_selector

# METADATA
# title: What the cluster cannot work without and a webhook is asked about, in words
# description: >-
#   Where its objectSelector asks for a label, the cluster's own objects do not have it. matchConditions
#   are not looked at.
reached(hook) := {place |
	some need in _asked(hook)
	some place in _places(hook, need)
}

# METADATA
# title: The namespaces of which it is not known whether a webhook is asked about what is in them
untold(hook) := {namespace |
	some need in _asked(hook)
	some namespace in _namespaces(hook, need)
	not _labels[namespace]
	_needs_labels(object.get(hook, "namespaceSelector", {}))
}

# New pods, those of the webhook itself too; what nodes and leaders say of themselves
_needs := [
	{"group": "", "resource": ["pods", ""], "operations": {"CREATE"}, "scope": "Namespaced", "in": {"kube-system"}},
	{"group": "", "resource": ["nodes", ""], "operations": {"CREATE", "UPDATE"}, "scope": "Cluster"},
	{"group": "", "resource": ["nodes", "status"], "operations": {"UPDATE"}, "scope": "Cluster"},
	{
		"group": "coordination.k8s.io",
		"resource": ["leases", ""],
		"operations": {"CREATE", "UPDATE"},
		"scope": "Namespaced",
		"in": {"kube-system", "kube-node-lease"},
	},
]

_asked(hook) := {need |
	label_selector.selects(object.get(hook, "objectSelector", {}), {})
	some need in _needs
	some rule in hook.rules
	need.group in _or_any(rule.apiGroups, need.group)
	"v1" in _or_any(rule.apiVersions, "v1")
	some operation in need.operations
	operation in _or_any(rule.operations, operation)
	object.get(rule, "scope", "*") in {"*", need.scope}
	some resource in rule.resources
	_covers(split(sprintf("%s/", [resource]), "/"), need.resource)
}

_or_any(listed, one) := {name | some name in listed} | {one | "*" in listed}

# pods are asked about by pods, by *, by pods/* and by */*
_covers(words, wanted) if {
	words[0] in {"*", wanted[0]}
	words[1] in {"*", wanted[1]}
}

_places(hook, need) := {sprintf("%s in %s", [need.resource[0], namespace]) |
	some namespace in _namespaces(hook, need)
	selector := object.get(hook, "namespaceSelector", {})
	label_selector.selects(selector, object.get(_labels, namespace, {_name: namespace}))
} if {
	need.scope == "Namespaced"
}

# what is in no namespace is never left out by a namespaceSelector
_places(_, need) := {concat("/", [word | some word in need.resource; word != ""])} if need.scope == "Cluster"

_namespaces(hook, need) := need["in"] | {hook.clientConfig.service.namespace | need.resource == ["pods", ""]}

_labels[one.name] := one.labels if some one in input.related.hook_namespaces.items

# the API server gives it to every namespace
_name := "kubernetes.io/metadata.name"

_needs_labels(selector) if {
	some label, _ in selector.matchLabels
	label != _name
}

_needs_labels(selector) if {
	some one in selector.matchExpressions
	one.key != _name
}
