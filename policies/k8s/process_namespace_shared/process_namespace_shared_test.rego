package k8s.process_namespace_shared_test

import data.k8s.process_namespace_shared
import data.lib.example.document

test_shared if {
	path := "/spec/template/spec/shareProcessNamespace"
	process_namespace_shared.fail == {{
		"path": path,
		"message": "The containers of the pod see and can signal the processes of each other.",
		"evidence": {"shareProcessNamespace": true},
		"patch": [{"op": "remove", "path": path}],
	}} with input as document({"spec": {"shareProcessNamespace": true}})
}

test_false if process_namespace_shared.fail == set() with input as document({"spec": {"shareProcessNamespace": false}})

test_not_set if process_namespace_shared.fail == set() with input as document({"spec": {"hostPID": true}})
