package lib.seccomp_test

import data.lib.example.document
import data.lib.seccomp

_context(profile) := {"securityContext": {"seccompProfile": profile}}

_fields := {
	"allowed": {
		"spec": _context({"type": "RuntimeDefault"}),
		"bodies": [_context({"type": "Localhost", "localhostProfile": "a.json"}), {}],
		"want": set(),
	},
	"pod, though the container overrides it": {
		"spec": _context({"type": "Unconfined"}),
		"bodies": [_context({"type": "RuntimeDefault"})],
		"want": {"spec/securityContext/seccompProfile"},
	},
	"every container": {
		"bodies": [_context({"type": "Unconfined"}), {}, _context({"type": "runtime/default"})],
		"want": {
			"spec/containers/0/securityContext/seccompProfile",
			"spec/containers/2/securityContext/seccompProfile",
		},
	},
	"no type": {
		"spec": _context({}),
		"want": {"spec/securityContext/seccompProfile"},
	},
	"annotations are ignored": {
		"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"},
		"want": set(),
	},
}

test_fields[note] if {
	some note, case in _fields
	found := seccomp.unconfined("v1.19") with input as document(case)
	{trim_prefix(finding.path, "/spec/template/") | some finding in found} == case.want
}

_key := "seccomp.security.alpha.kubernetes.io/"

# profile of the pod, whether it is allowed
_profiles := {
	"runtime/default": true,
	"docker/default": true,
	"localhost/a.json": true,
	"unconfined": false,
	"": false,
}

test_annotation_of_pod[profile] if {
	some profile, allowed in _profiles
	case := {"annotations": {concat("", [_key, "pod"]): profile}}
	found := seccomp.unconfined("v1.18") with input as document(case)
	count(found) == 0 == allowed
}

test_annotation_of_containers if {
	names := ["a", "b", "nobody"]
	annotations := {key: "unconfined" | some name in names; key := concat("", ["container.", _key, name])}
	case := {"bodies": [_context({"type": "Unconfined"}), {}], "annotations": annotations}
	found := seccomp.unconfined("v1.18") with input as document(case)
	{finding.evidence.annotation | some finding in found} == {key | some key, _ in annotations; not endswith(key, "nobody")}
}

test_finding_of_field if {
	case := {"bodies": [_context({"type": "Unconfined"})]}
	path := "/spec/template/spec/containers/0/securityContext/seccompProfile"
	{{
		"path": path,
		"message": `Container a sets seccompProfile.type to "Unconfined".`,
		"evidence": {"container": "a", "role": "app", "type": "Unconfined"},
		"patch": [{"op": "replace", "path": path, "value": {"type": "RuntimeDefault"}}],
	}} == seccomp.unconfined("latest") with input as document(case)
}

test_finding_without_type if {
	found := seccomp.unconfined("latest") with input as document({"bodies": [_context({})]})
	[[finding.message, finding.evidence.type] | some finding in found] == [[
		`Container a sets seccompProfile.type to "".`,
		"",
	]]
}

test_finding_of_annotation if {
	key := concat("", [_key, "pod"])
	path := "/spec/template/metadata/annotations/seccomp.security.alpha.kubernetes.io~1pod"
	{{
		"path": path,
		"message": `Annotation seccomp.security.alpha.kubernetes.io/pod asks for the seccomp profile "unconfined".`,
		"evidence": {"annotation": key, "value": "unconfined"},
		"patch": [{"op": "remove", "path": path}],
	}} == seccomp.unconfined("v1.0") with input as document({"annotations": {key: "unconfined"}})
}
