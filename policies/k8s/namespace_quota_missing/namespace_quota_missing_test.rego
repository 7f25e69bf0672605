package k8s.namespace_quota_missing_test

import data.k8s.namespace_quota_missing

_document(name, quotas) := {"meta": {"name": name}, "related": {"quotas": quotas}}

_quotas(listed) := {"total": count(listed), "items": [{"name": "q", "hard": hard} | some hard in listed]}

_scoped := {"total": 1, "items": [{"name": "q", "hard": ["pods", "cpu", "memory"], "scoped": true}]}

_all := {"pods", "cpu", "memory"}

_exempt := "This namespace is exempt: the cluster itself uses it, or nobody should."

_untold := "The manifests hold no ResourceQuota of it, and the cluster may have one."

# namespace, quotas, what is missing, why it is left out
_cases := {
	"none": ["shop", _quotas([]), _all, set()],
	"plain": ["shop", _quotas([["cpu", "memory", "pods"]]), set(), set()],
	"requests, limits, count": ["shop", _quotas([["requests.cpu", "limits.memory", "count/pods"]]), set(), set()],
	"of two": ["shop", _quotas([["cpu", "memory"], ["pods"]]), set(), set()],
	"others": ["shop", _quotas([["services", "requests.storage", "cpu"]]), {"pods", "memory"}, set()],
	"one is missing": ["shop", _quotas([["cpu", "memory"]]), {"pods"}, set()],
	"scoped": ["shop", _scoped, _all, set()],
	"system": ["kube-system", _quotas([]), set(), {_exempt}],
	"default": ["default", _quotas([]), set(), {_exempt}],
	"manifests": ["shop", {}, set(), {_untold}],
}

test_verdict[note] if {
	some note, [name, quotas, missing, skips] in _cases
	document := _document(name, quotas)
	found := {finding.evidence.missing | some finding in namespace_quota_missing.fail} with input as document
	found == {missing | missing != set()}
	namespace_quota_missing.skip == skips with input as document
}

test_finding if {
	namespace_quota_missing.fail == {{
		"path": "/metadata/name",
		"message": "No quota of namespace shop limits memory, pods.",
		"evidence": {"missing": {"memory", "pods"}, "quotas": ["q"]},
	}} with input as _document("shop", _quotas([["cpu"]]))
}

test_fewer if {
	namespace_quota_missing.fail == set() with input as _document("shop", _quotas([["pods"]]))
		with data.parameters.namespace_quota_missing.limited as ["pods"]
}
