package k8s.pod_security_label_missing_test

import data.k8s.pod_security_label_missing

_prefix := "pod-security.kubernetes.io/"

_namespace(name, labels) := {"meta": {
	"name": name,
	"labels": {concat("", [_prefix, mode]): level | some mode, level in labels},
}}

_default := data.parameters.pod_security_label_missing

_strict := object.union(_default, {"minimum": "restricted"})

_guarded := object.union(_default, {"cluster_default": "baseline"})

_no_label := "it has no enforce label, and the default of the cluster is taken to be privileged"

# labels, parameters, what is wrong, what is reported
_cases := {
	"no labels": [{}, _default, {_no_label}, {}],
	"privileged": [{"enforce": "privileged"}, _default, {"it enforces only privileged"}, {}],
	"baseline": [{"enforce": "baseline"}, _default, set(), {}],
	"restricted": [{"enforce": "restricted"}, _default, set(), {}],
	"invalid, which is taken for restricted": [{"enforce": "Baseline"}, _default, set(), {}],
	"empty, likewise": [{"enforce": ""}, _default, set(), {}],
	"version alone": [{"enforce-version": "v1.30"}, _default, {_no_label}, {}],
	"warns": [{"warn": "baseline"}, _default, {_no_label}, {"warn": "baseline"}],
	"audits": [{"audit": "restricted"}, _default, {_no_label}, {"audit": "restricted"}],
	"reports too little": [{"audit": "privileged", "warn": "None"}, _default, {_no_label}, {}],
	"both": [
		{"enforce": "privileged", "audit": "baseline", "warn": "restricted"},
		_default,
		{"it enforces only privileged"},
		{"audit": "baseline", "warn": "restricted"},
	],
	"baseline is too low": [{"enforce": "baseline"}, _strict, {"it enforces only baseline"}, {}],
	"privileged is too low": [{"enforce": "privileged"}, _strict, {"it enforces only privileged"}, {}],
	"restricted is asked for": [{"enforce": "restricted"}, _strict, set(), {}],
	"reports too little of it": [
		{"enforce": "baseline", "audit": "baseline", "warn": "restricted"},
		_strict,
		{"it enforces only baseline"},
		{"warn": "restricted"},
	],
	"default of the cluster": [{}, _guarded, set(), {}],
	"default of the cluster is too low": [
		{},
		object.union(_guarded, {"minimum": "restricted"}),
		{"it has no enforce label, and the default of the cluster is taken to be baseline"},
		{},
	],
	"label before default": [{"enforce": "privileged"}, _guarded, {"it enforces only privileged"}, {}],
}

test_verdict[note] if {
	some note, [labels, parameters, faults, reported] in _cases
	found := pod_security_label_missing.fail with input as _namespace("shop", labels)
		with data.parameters.pod_security_label_missing as parameters
	verb := {true: "only reports", false: "does not refuse"}[count(reported) > 0]
	found == {{
		"path": "/metadata/labels/pod-security.kubernetes.io~1enforce",
		"message": sprintf("Namespace shop %s pods that break the level %s: %s.", [verb, parameters.minimum, fault]),
		"evidence": {"minimum": parameters.minimum, "reported": reported},
	} |
		some fault in faults
	}
}

test_judged if pod_security_label_missing.skip == set() with input as _namespace("kube", {})

test_exempt[name] if {
	some name in ["kube-system", "kube-public", "kube-node-lease"]
	[pod_security_label_missing.fail, pod_security_label_missing.skip] == [
		set(),
		{"This namespace is exempt: its pods may be what the cluster itself runs on."},
	] with input as _namespace(name, {})
}
