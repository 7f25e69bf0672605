package k8s.namespace_owner_label_missing_test

import data.k8s.namespace_owner_label_missing

_document(name, labels) := {"meta": {"name": name, "labels": labels}}

_finding(path, label) := {
	"path": path,
	"message": sprintf("Namespace shop has no label %s.", [label]),
	"evidence": {"label": label},
}

_owner := _finding("/metadata/labels/owner", "owner")

_exempt := "This namespace is exempt: the cluster itself uses it, or nobody should."

_cases := {
	"none": ["shop", {}, {_owner}, set()],
	"empty": ["shop", {"owner": ""}, {_owner}, set()],
	"other": ["shop", {"team": "shop"}, {_owner}, set()],
	"owner": ["shop", {"owner": "team-shop"}, set(), set()],
	"system": ["kube-system", {}, set(), {_exempt}],
}

test_verdict[note] if {
	some note, [name, labels, failing, skips] in _cases
	verdict := [namespace_owner_label_missing.fail, namespace_owner_label_missing.skip] with input as _document(name, labels)
	verdict == [failing, skips]
}

test_label_of_ones_own if {
	namespace_owner_label_missing.fail == {_finding("/metadata/labels/example.com~1team", "example.com/team")} with input as _document("shop", {"owner": "x"})
		with data.parameters.namespace_owner_label_missing.owner_label as "example.com/team"
}
