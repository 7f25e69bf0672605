package k8s.host_pid_test

import data.k8s.host_pid
import data.lib.example.document

test_shared if {
	path := "/spec/template/spec/hostPID"
	finding := {
		"path": path,
		"message": "The pod sees and signals every process of its node (hostPID is true).",
		"evidence": {"hostPID": true},
		"patch": [{"op": "remove", "path": path}],
	}
	host_pid.fail == {finding} with input as document({"spec": {"hostPID": true}})
}

test_not_shared if host_pid.fail == set() with input as document({"spec": {"hostPID": false}})

test_not_set if host_pid.fail == set() with input as document({})
