package k8s.windows_host_process_test

import data.k8s.windows_host_process
import data.lib.example.document

_context(value) := {"securityContext": {"windowsOptions": {"hostProcess": value}}}

test_every_setter if {
	case := {"spec": _context(true), "bodies": [_context(true), _context(false), {}]}
	of_pod := "/spec/template/spec/securityContext/windowsOptions/hostProcess"
	of_container := "/spec/template/spec/containers/0/securityContext/windowsOptions/hostProcess"
	windows_host_process.fail == {
		{
			"path": of_pod,
			"message": "The pod runs as a process of the Windows node (hostProcess is true).",
			"evidence": {"hostProcess": true},
			"patch": [{"op": "remove", "path": of_pod}],
		},
		{
			"path": of_container,
			"message": "Container a runs as a process of the Windows node (hostProcess is true).",
			"evidence": {"container": "a", "role": "app", "hostProcess": true},
			"patch": [{"op": "remove", "path": of_container}],
		},
	} with input as document(case)
}

test_not_set if windows_host_process.fail == set() with input as document({"spec": _context(false), "bodies": [{}]})
