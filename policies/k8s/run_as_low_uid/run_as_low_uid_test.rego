package k8s.run_as_low_uid_test

import data.k8s.run_as_low_uid
import data.lib.example.document

_user(uid) := {"securityContext": {"runAsUser": uid}}

_own := {"hostUsers": false}

_unset := "No user but root is set: the image decides, or run_as_root_user judges."

_cases := {
	"low in a container": {"bodies": [_user(1000), {}], "want": {"containers/0"}},
	"lowest": {"bodies": [_user(1)], "want": {"containers/0"}},
	"just below": {"bodies": [_user(9999)], "want": {"containers/0"}},
	"the minimum": {"bodies": [_user(10000)], "want": set()},
	"low in the pod": {"spec": _user(1000), "bodies": [{}], "want": {""}},
	"low in the pod for one container": {"spec": _user(1000), "bodies": [_user(20000), {}], "want": {""}},
	"low in the pod for none": {"spec": _user(1000), "bodies": [_user(20000), _user(0)], "want": set()},
	"high in the pod, low in a container": {
		"spec": _user(20000),
		"bodies": [{}, _user(99)],
		"want": {"containers/1"},
	},
	"root beside": {"bodies": [_user(0), _user(99)], "want": {"containers/1"}},
	"only root": {"spec": _user(0), "bodies": [{}, _user(0)], "want": set(), "skip": {_unset}},
	"nobody": {"bodies": [{}, {}], "want": set(), "skip": {_unset}},
	"users of the host": {"spec": object.union(_user(99), {"hostUsers": true}), "bodies": [{}], "want": {""}},
	"user namespace": {
		"spec": _own,
		"bodies": [_user(1000)],
		"want": set(),
		"skip": {"The pod has a user namespace: its user ids are not those of the node."},
	},
}

_path(place) := replace(sprintf("/spec/template/spec/%s/securityContext/runAsUser", [place]), "//", "/")

_verdict := [{finding.path | some finding in run_as_low_uid.fail}, run_as_low_uid.skip]

test_verdict[note] if {
	some note, case in _cases
	verdict := _verdict with input as document(case)
	verdict == [{_path(place) | some place in case.want}, object.get(case, "skip", set())]
}

test_findings if {
	run_as_low_uid.fail == {
		{
			"path": _path(""),
			"message": "The pod runs as user 100, below 500.",
			"evidence": {"runAsUser": 100, "minimum": 500},
		},
		{
			"path": _path("containers/1"),
			"message": "Container b runs as user 101, below 500.",
			"evidence": {"container": "b", "role": "sidecar", "runAsUser": 101, "minimum": 500},
		},
	} with input as document({"spec": _user(100), "bodies": [{}, _user(101), _user(500)]})
		with data.parameters.run_as_low_uid as {"minimum": 500}
}
