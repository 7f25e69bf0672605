package k8s.priority_class_missing_test

import data.k8s.priority_class_missing

_path := "/spec/template/spec"

_of(namespace, spec, classes) := {
	"meta": {"kind": "Deployment", "name": "web", "namespace": namespace},
	"pod": {"path": _path, "spec": spec},
	"related": {"priority_classes": classes},
}

test_none if {
	priority_class_missing.fail == {{
		"path": "/spec/template/spec/priorityClassName",
		"message": "It names no PriorityClass, and there is no default one.",
		"severity": "info",
		"evidence": {},
	}} with input as _of("shop", {}, {})
}

test_of_the_system if {
	priority_class_missing.fail == {{
		"path": "/spec/template/spec/priorityClassName",
		"message": "It has system-node-critical, which is for parts of the system.",
		"severity": "low",
		"evidence": {"priorityClassName": "system-node-critical"},
	}} with input as _of("shop", {"priorityClassName": "system-node-critical"}, {})
}

test_free[note] if {
	some note, document in {
		"named": _of("shop", {"priorityClassName": "web"}, {}),
		"default": _of("shop", {}, {"default": "web"}),
		"system in its place": _of("kube-system", {"priorityClassName": "system-cluster-critical"}, {}),
	}
	priority_class_missing.fail == set() with input as document
}

test_judged_without_the_classes if {
	count(priority_class_missing.fail) == 1 with input as object.remove(_of("shop", {}, {}), ["related"])
}
