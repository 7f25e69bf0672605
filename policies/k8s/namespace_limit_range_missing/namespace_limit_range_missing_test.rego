package k8s.namespace_limit_range_missing_test

import data.k8s.namespace_limit_range_missing

_document(name, related, live) := {"meta": {"name": name}, "cluster": {"live": live}, "related": related}

_ranges(limits, requests) := {"limit_range": {
	"names": ["r"],
	"default": {one: "1" | some one in limits},
	"defaultRequest": {one: "1" | some one in requests},
}}

_memory := "limit of memory"

_requests := {"request of cpu", "request of memory"}

_all := {_memory} | _requests

_exempt := "This namespace is exempt: the cluster itself uses it, or nobody should."

_untold := "The manifests hold no LimitRange of it, and the cluster may have one."

# namespace, relations, whether it is live, what is missing, why it is left out
_cases := {
	"none": ["shop", {}, true, _all, set()],
	"all": ["shop", _ranges(["memory"], ["cpu", "memory"]), true, set(), set()],
	"more": ["shop", _ranges(["memory", "cpu"], ["cpu", "memory", "ephemeral-storage"]), true, set(), set()],
	"requests only": ["shop", _ranges([], ["cpu", "memory"]), true, {_memory}, set()],
	"limits only": ["shop", _ranges(["memory"], []), true, _requests, set()],
	"system": ["kube-system", {}, true, set(), {_exempt}],
	"default": ["default", {}, true, set(), {_exempt}],
	"manifests": ["shop", {}, false, set(), {_untold}],
	"manifests with one": ["shop", _ranges([], []), false, _all, set()],
}

test_verdict[note] if {
	some note, [name, related, live, missing, skips] in _cases
	document := _document(name, related, live)
	found := {finding.evidence.missing | some finding in namespace_limit_range_missing.fail} with input as document
	found == {missing | missing != set()}
	namespace_limit_range_missing.skip == skips with input as document
}

test_finding if {
	namespace_limit_range_missing.fail == {{
		"path": "/metadata/name",
		"message": "Containers in namespace shop that ask for none get no limit of memory, request of cpu.",
		"evidence": {"missing": {_memory, "request of cpu"}, "limitRanges": ["r"]},
	}} with input as _document("shop", _ranges([], ["memory"]), true)
}
