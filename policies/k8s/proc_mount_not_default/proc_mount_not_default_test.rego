package k8s.proc_mount_not_default_test

import data.k8s.proc_mount_not_default
import data.lib.example.document

test_every_container_even_in_a_user_namespace if {
	unmasked := {"securityContext": {"procMount": "Unmasked"}}
	case := {"spec": {"hostUsers": false}, "bodies": [unmasked, {"securityContext": {"procMount": "Default"}}, {}]}
	path := "/spec/template/spec/containers/0/securityContext/procMount"
	proc_mount_not_default.fail == {{
		"path": path,
		"message": "Container a sets procMount to Unmasked, not to Default.",
		"evidence": {"container": "a", "role": "app", "procMount": "Unmasked"},
		"patch": [{"op": "remove", "path": path}],
	}} with input as document(case)
}
