package lib.capabilities_test

import data.lib.capabilities
import data.lib.example.document

_add(names) := {"securityContext": {"capabilities": {"add": names}}}

test_added_in_every_container if {
	case := {"bodies": [_add(["CHOWN", "SYS_TIME"]), {}, _add(["chown"])]}
	found := capabilities.added({"CHOWN"}) with input as document(case)
	path := "/spec/template/spec/containers/0/securityContext/capabilities/add/1"
	found == {
		{
			"path": path,
			"message": "Container a adds the capability SYS_TIME.",
			"evidence": {"container": "a", "role": "app", "capability": "SYS_TIME"},
			"patch": [{"op": "remove", "path": path}],
		},
		{
			"path": "/spec/template/spec/containers/2/securityContext/capabilities/add/0",
			"message": "Container c adds the capability chown.",
			"evidence": {"container": "c", "role": "ephemeral", "capability": "chown"},
			"patch": [{"op": "remove", "path": "/spec/template/spec/containers/2/securityContext/capabilities/add/0"}],
		},
	}
}

test_baseline if {
	default_set := "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP"
	{name | some name in split(default_set, " ")} | {"SETUID", "SYS_CHROOT"} == capabilities.baseline
}
