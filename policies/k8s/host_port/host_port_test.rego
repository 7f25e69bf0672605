package k8s.host_port_test

import data.k8s.host_port
import data.lib.example.document

test_port_of_a_container if {
	path := "/spec/template/spec/containers/1/ports/1/hostPort"
	ports := [{"containerPort": 80, "hostPort": 0}, {"containerPort": 53, "hostPort": 5353, "protocol": "UDP"}]
	finding := {
		"path": path,
		"message": "Container b binds port 5353 (UDP) of the node.",
		"evidence": {"container": "b", "role": "sidecar", "hostPort": 5353, "protocol": "UDP"},
		"patch": [{"op": "remove", "path": path}],
	}
	host_port.fail == {finding} with input as document({"bodies": [{}, {"ports": ports}]})
}

# hostNetwork is the fault then: no path, and no patch, of its own
test_port_on_the_network_of_the_host if {
	finding := {
		"path": "/spec/template/spec/hostNetwork",
		"key": "a/80/TCP",
		"message": "Container a binds port 80 (TCP) of the node.",
		"evidence": {"container": "a", "role": "app", "hostPort": 80, "protocol": "TCP"},
	}
	case := {"spec": {"hostNetwork": true}, "bodies": [{"ports": [{"containerPort": 80, "hostPort": 80}]}]}
	host_port.fail == {finding} with input as document(case)
}

_own := {
	"other port": [true, [{"containerPort": 80, "hostPort": 8080}]],
	"own network": [false, [{"containerPort": 80, "hostPort": 80}]],
}

test_own_path[note] if {
	some note, [shared, ports] in _own
	case := {"spec": {"hostNetwork": shared}, "bodies": [{"ports": ports}]}
	paths := {finding.path | some finding in host_port.fail} with input as document(case)
	paths == {"/spec/template/spec/containers/0/ports/0/hostPort"}
}

_free := {
	"no ports": {},
	"no host port": {"ports": [{"containerPort": 80}]},
	"zero": {"ports": [{"containerPort": 80, "hostPort": 0}]},
}

test_free[note] if {
	some note, body in _free
	host_port.fail == set() with input as document({"spec": {"hostNetwork": true}, "bodies": [body]})
}
