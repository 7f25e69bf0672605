package k8s.host_ipc_test

import data.k8s.host_ipc
import data.lib.example.document

test_shared if {
	path := "/spec/template/spec/hostIPC"
	finding := {
		"path": path,
		"message": "The pod reaches the shared memory of its node (hostIPC is true).",
		"evidence": {"hostIPC": true},
		"patch": [{"op": "remove", "path": path}],
	}
	host_ipc.fail == {finding} with input as document({"spec": {"hostIPC": true}})
}

test_not_shared if host_ipc.fail == set() with input as document({"spec": {"hostIPC": false}})

test_not_set if host_ipc.fail == set() with input as document({})
