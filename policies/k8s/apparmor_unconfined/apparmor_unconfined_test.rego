package k8s.apparmor_unconfined_test

import data.k8s.apparmor_unconfined
import data.lib.example.document

_context(profile) := {"securityContext": {"appArmorProfile": profile}}

_fields := {
	"allowed": {
		"spec": _context({"type": "RuntimeDefault"}),
		"bodies": [_context({"type": "Localhost", "localhostProfile": "web"}), {}],
		"want": set(),
	},
	"pod, though the container overrides it": {
		"spec": _context({"type": "Unconfined"}),
		"bodies": [_context({"type": "RuntimeDefault"})],
		"want": {"spec/securityContext/appArmorProfile"},
	},
	"containers": {
		"bodies": [_context({"type": "Unconfined"}), {}, _context({"type": "runtime/default"})],
		"want": {
			"spec/containers/0/securityContext/appArmorProfile",
			"spec/containers/2/securityContext/appArmorProfile",
		},
	},
	"no type": {"spec": _context({}), "want": {"spec/securityContext/appArmorProfile"}},
}

test_fields[note] if {
	some note, case in _fields
	found := apparmor_unconfined.fail with input as document(case)
	{trim_prefix(finding.path, "/spec/template/") | some finding in found} == case.want
}

_key := "container.apparmor.security.beta.kubernetes.io/nobody"

# whether it is allowed
_profiles := {
	"": true,
	"runtime/default": true,
	"localhost/web": true,
	"unconfined": false,
	"localhost": false,
}

test_annotation[profile] if {
	some profile, allowed in _profiles
	found := apparmor_unconfined.fail with input as document({"annotations": {_key: profile}})
	count(found) == 0 == allowed
}

test_other_annotation if {
	apparmor_unconfined.fail == set() with input as document({"annotations": {"example.com/apparmor": "unconfined"}})
}

test_finding_of_field if {
	path := "/spec/template/spec/securityContext/appArmorProfile"
	apparmor_unconfined.fail == {{
		"path": path,
		"message": `The pod sets appArmorProfile.type to "Unconfined".`,
		"evidence": {"type": "Unconfined"},
		"patch": [{"op": "replace", "path": path, "value": {"type": "RuntimeDefault"}}],
	}} with input as document({"spec": _context({"type": "Unconfined"})})
}

test_finding_without_type if {
	found := apparmor_unconfined.fail with input as document({"spec": _context({})})
	[[finding.message, finding.evidence] | some finding in found] == [[
		`The pod sets appArmorProfile.type to "".`,
		{"type": ""},
	]]
}

test_finding_of_annotation if {
	path := "/spec/template/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1nobody"
	apparmor_unconfined.fail == {{
		"path": path,
		"message": sprintf(`Annotation %s asks for the AppArmor profile "unconfined".`, [_key]),
		"evidence": {"annotation": _key, "value": "unconfined"},
		"patch": [{"op": "remove", "path": path}],
	}} with input as document({"annotations": {_key: "unconfined"}})
}
