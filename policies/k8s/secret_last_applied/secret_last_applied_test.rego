package k8s.secret_last_applied_test

import data.k8s.secret_last_applied

test_copied if {
	secret_last_applied.fail == {{
		"path": "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration",
		"message": "What it holds stands once more in the annotation of kubectl apply.",
		"evidence": {"annotation": "kubectl.kubernetes.io/last-applied-configuration"},
	}} with input as {"spec": {"lastApplied": true}}
}

test_not_copied if {
	every spec in [{}, {"type": "Opaque"}, {"lastApplied": false}] {
		secret_last_applied.fail == set() with input as {"spec": spec}
	}
}
