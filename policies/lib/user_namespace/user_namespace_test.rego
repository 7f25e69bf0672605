package lib.user_namespace_test

import data.lib.example
import data.lib.user_namespace

_document(case) := object.union(example.document(case), {
	"cluster": {"version": object.get(case, "version", "v1.36.3")},
	"related": {"nodes": {"total": 3, "user_namespaces": object.get(case, "nodes", 1)}},
})

_shares := "It shares namespaces or devices of the node, and so its users."

_old := "Before v1.33 pods have no user namespaces."

_cases := {
	"nothing known against it": [{"bodies": [{}]}, set()],
	"linux": [{"spec": {"os": {"name": "linux"}}}, set()],
	"windows": [{"spec": {"os": {"name": "windows"}}}, {"Windows has no user namespaces."}],
	"network": [{"spec": {"hostNetwork": true}}, {_shares}],
	"processes": [{"spec": {"hostPID": true, "hostIPC": false}}, {_shares}],
	"ipc": [{"spec": {"hostIPC": true}}, {_shares}],
	"nothing shared": [{"spec": {"hostNetwork": false, "hostPID": false, "hostIPC": false}}, set()],
	"device": [{"bodies": [{}, {"volumeDevices": [{"name": "disk", "devicePath": "/dev/xvda"}]}]}, {_shares}],
	"v1.33": [{"version": "v1.33.0"}, set()],
	"no version": [{"version": ""}, set()],
	"v1.100": [{"version": "v1.100.0"}, set()],
	"v1.32": [{"version": "v1.32.11"}, {_old}],
	"v1.30, of a vendor": [{"version": "v1.30+"}, {_old}],
	"v1.29": [{"version": "v1.29"}, {_old}],
	"v1.9": [{"version": "v1.9.1"}, {_old}],
	"no node offers it": [{"nodes": 0}, {"No node offers user namespaces."}],
}

test_unavailable[note] if {
	some note, [case, want] in _cases
	found := user_namespace.unavailable with input as _document(case)
	found == want
}

test_nodes_are_not_known if user_namespace.unavailable == set() with input as example.document({"bodies": [{}]})
