package k8s.selinux_options_custom_test

import data.k8s.selinux_options_custom
import data.lib.example.document

_context(options) := {"securityContext": {"seLinuxOptions": options}}

_cases := {
	"allowed": {
		"spec": _context({"type": "container_t", "level": "s0:c1,c2"}),
		"bodies": [_context({"type": "container_init_t"}), _context({"type": "container_kvm_t"}), _context({})],
		"want": set(),
	},
	"engine": {"spec": _context({"type": "container_engine_t"}), "version": "v1.31", "want": set()},
	"engine before 1.31": {
		"spec": _context({"type": "container_engine_t"}),
		"version": "v1.30",
		"want": {"spec/securityContext/seLinuxOptions/type"},
	},
	"every field of every setter": {
		"spec": _context({"type": "spc_t", "user": "container_t", "role": "container_engine_t"}),
		"bodies": [{}, _context({"user": "system_u"})],
		"want": {
			"spec/securityContext/seLinuxOptions/type",
			"spec/securityContext/seLinuxOptions/user",
			"spec/securityContext/seLinuxOptions/role",
			"spec/containers/1/securityContext/seLinuxOptions/user",
		},
	},
}

test_paths[note] if {
	some note, case in _cases
	found := selinux_options_custom.fail with input as document(case)
		with data.parameters.selinux_options_custom as {"pss_version": object.get(case, "version", "latest")}
	{trim_prefix(finding.path, "/spec/template/") | some finding in found} == case.want
}

test_finding if {
	path := "/spec/template/spec/containers/0/securityContext/seLinuxOptions/type"
	selinux_options_custom.fail == {{
		"path": path,
		"message": "Container a sets the SELinux type spc_t.",
		"evidence": {"container": "a", "role": "app", "type": "spc_t"},
		"patch": [{"op": "remove", "path": path}],
	}} with input as document({"bodies": [_context({"type": "spc_t"})]})
		with data.parameters.selinux_options_custom as {"pss_version": "latest"}
}
