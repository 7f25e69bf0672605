package k8s.privileged_container_test

import data.k8s.privileged_container
import data.lib.example.document

test_every_privileged_container if {
	case := {"bodies": [
		{"securityContext": {"privileged": true}},
		{"securityContext": {"privileged": false}},
		{"securityContext": {"privileged": true}},
	]}
	path := "/spec/template/spec/containers/%d/securityContext/privileged"
	wanted := {finding |
		some i, [name, role] in {0: ["a", "app"], 2: ["c", "ephemeral"]}
		finding := {
			"path": sprintf(path, [i]),
			"message": sprintf("Container %s runs privileged: it has every right of root on the node.", [name]),
			"evidence": {"container": name, "role": role, "privileged": true},
			"patch": [{"op": "replace", "path": sprintf(path, [i]), "value": false}],
		}
	}
	privileged_container.fail == wanted with input as document(case)
}

test_not_set if privileged_container.fail == set() with input as document({"bodies": [{}, {"securityContext": {}}]})

# as in admission; the API server refuses the field on such pods anyway
test_windows_is_no_exemption if {
	case := {"spec": {"os": {"name": "windows"}}, "bodies": [{"securityContext": {"privileged": true}}]}
	count(privileged_container.fail) == 1 with input as document(case)
}
