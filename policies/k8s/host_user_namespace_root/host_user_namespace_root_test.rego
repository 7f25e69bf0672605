package k8s.host_user_namespace_root_test

import data.k8s.host_user_namespace_root
import data.lib.example.document

_sc(context) := {"securityContext": context}

_nonroot := _sc({"runAsNonRoot": true})

_user := _sc({"runAsUser": 1000})

_root := _sc({"runAsUser": 0})

_allows := _sc({"runAsNonRoot": false})

_adds(names) := _sc({"runAsUser": 1000, "capabilities": {"add": names}})

# the places, relative to the pod spec
_cases := {
	"image decides": {"bodies": [{}, _sc({})], "want": {"/containers/0/securityContext", "/containers/1/securityContext"}},
	"pod forbids root": {"spec": _nonroot, "bodies": [{}], "want": set()},
	"container forbids root": {"bodies": [_nonroot, {}], "want": {"/containers/1/securityContext"}},
	"pod sets a user": {"spec": _user, "bodies": [{}, _root], "want": {"/containers/1/securityContext"}},
	"container sets a user": {"bodies": [_user], "want": set()},
	"pod allows root": {"spec": _allows, "bodies": [{}, _user], "want": {"/securityContext"}},
	"pod allows root, container does not say": {
		"spec": _allows,
		"bodies": [_sc({"privileged": false})],
		"want": {"/securityContext"},
	},
	"pod orders root, container does not say": {
		"spec": _root,
		"bodies": [_sc({"privileged": false})],
		"want": {"/securityContext"},
	},
	"container allows root": {
		"spec": _nonroot,
		"bodies": [_allows],
		"want": {"/containers/0/securityContext"},
	},
	"container allows root as well": {
		"spec": _allows,
		"bodies": [_allows],
		"want": {"/containers/0/securityContext"},
	},
	"pod orders root": {"spec": _root, "bodies": [{}, _user], "want": {"/securityContext"}},
	"both order root": {"spec": _root, "bodies": [_root], "want": {"/containers/0/securityContext"}},
	"root that is forbidden": {"spec": _nonroot, "bodies": [_root], "want": set()},
	"capability": {"bodies": [_adds(["NET_ADMIN"]), _adds(["NET_BIND_SERVICE"]), _adds([])], "want": {"/hostUsers"}},
	"root and capability": {
		"bodies": [_sc({"capabilities": {"add": ["NET_ADMIN"]}})],
		"want": {"/containers/0/securityContext"},
	},
	"own users": {"spec": {"hostUsers": false}, "bodies": [{}], "want": set()},
	"users of the node": {"spec": {"hostUsers": true}, "bodies": [{}], "want": {"/containers/0/securityContext"}},
	"cannot have any": {"spec": {"hostPID": true}, "bodies": [{}, _adds(["NET_ADMIN"])], "want": set()},
}

test_places[note] if {
	some note, case in _cases
	found := {finding.path | some finding in host_user_namespace_root.fail} with input as document(case)
	found == {sprintf("/spec/template/spec%s", [place]) | some place in case.want}
}

test_skip if {
	host_user_namespace_root.skip == {"Windows has no user namespaces."} with input as document({"spec": {"os": {"name": "windows"}}})
}

test_no_skip if host_user_namespace_root.skip == set() with input as document({"bodies": [{}]})

test_finding_of_root if {
	host_user_namespace_root.fail == {{
		"path": "/spec/template/spec/containers/0/securityContext",
		"key": "a/hostUsers",
		"message": "Container a may run as root, and the pod has no user namespace of its own.",
		"evidence": {"container": "a", "role": "app"},
		"patch": [{"op": "add", "path": "/spec/template/spec/hostUsers", "value": false}],
	}} with input as document({"bodies": [{}]})
}

test_message_of_capabilities if {
	added := ["SYS_TIME", "NET_BIND_SERVICE", "NET_ADMIN"]
	found := {finding.message | some finding in host_user_namespace_root.fail} with input as document({"bodies": [_adds(added)]})
	found == {"Container a adds NET_ADMIN, SYS_TIME, and the pod has no user namespace of its own."}
}
