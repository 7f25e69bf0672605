package k8s.host_network_test

import data.k8s.host_network
import data.lib.example.document

_path := "/spec/template/spec/hostNetwork"

_finding(patch) := {
	"path": _path,
	"message": "The pod uses the network of its node (hostNetwork is true).",
	"evidence": {"hostNetwork": true},
	"patch": patch,
}

test_shared if {
	case := {"spec": {"hostNetwork": true, "dnsPolicy": "ClusterFirst"}}
	host_network.fail == {_finding([{"op": "remove", "path": _path}])} with input as document(case)
}

test_dns_of_the_host_is_patched if {
	case := {"spec": {"hostNetwork": true, "dnsPolicy": "ClusterFirstWithHostNet"}}
	dns := {"op": "replace", "path": "/spec/template/spec/dnsPolicy", "value": "ClusterFirst"}
	host_network.fail == {_finding([{"op": "remove", "path": _path}, dns])} with input as document(case)
}

test_not_shared if host_network.fail == set() with input as document({"spec": {"hostNetwork": false}})

test_not_set if host_network.fail == set() with input as document({"spec": {"hostPID": true}})
