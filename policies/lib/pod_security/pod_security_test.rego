package lib.pod_security_test

import data.lib.example.document
import data.lib.pod_security

_enforced(version) := {"pod-security.kubernetes.io/enforce-version": version}

_minors := {
	"parameter": ["v1.19", {}, 19],
	"parameter before label": ["v1.19", _enforced("v1.25"), 19],
	"first version": ["v1.0", _enforced("v1.25"), 0],
	"label": ["latest", _enforced("v1.25"), 25],
	"latest": ["latest", _enforced("latest"), 1000],
	"invalid label": ["latest", _enforced("v1.025"), 1000],
	"no label": ["latest", {}, 1000],
}

test_minor[note] if {
	some note, [asked, labels, want] in _minors
	minor := pod_security.minor(asked) with input as document({"labels": labels})
	minor == want
}

test_minor_without_namespace if pod_security.minor("latest") == 1000 with input as {}

test_not_yet if pod_security.not_yet("v1.33", 34) == "Part of the standards since v1.34; v1.33 is judged."

test_not_yet_from_then_on if not pod_security.not_yet("v1.34", 34)

_exempt := {
	"windows": [{"os": {"name": "windows"}}, "v1.25", true],
	"windows before 1.25": [{"os": {"name": "windows"}}, "v1.24", false],
	"linux": [{"os": {"name": "linux"}}, "v1.25", false],
	"node selector": [{"nodeSelector": {"kubernetes.io/os": "windows"}}, "v1.25", false],
}

test_windows_words if {
	reason := "Windows has no such setting: such pods are exempt since v1.25."
	pod_security.windows("v1.25") == reason with input as document({"spec": {"os": {"name": "windows"}}})
}

test_windows[note] if {
	some note, [spec, version, want] in _exempt
	reasons := [1 | pod_security.windows(version)] with input as document({"spec": spec})
	count(reasons) == 1 == want
}

_relaxed := {
	"user namespace": [{"hostUsers": false}, "v1.35", true],
	"user namespace before 1.35": [{"hostUsers": false}, "v1.34", false],
	"users of the host": [{"hostUsers": true}, "v1.35", false],
	"not set": [{}, "v1.35", false],
}

test_user_namespace[note] if {
	some note, [spec, version, want] in _relaxed
	reasons := [1 | pod_security.user_namespace(version)] with input as document({"spec": spec})
	count(reasons) == 1 == want
}

test_label if {
	pod_security.label({"name": "web", "path": "/spec/containers/0"}) == "web"
	pod_security.label({"name": "", "path": "/spec/containers/0"}) == "/spec/containers/0"
}

test_setters if {
	of_pod := {"who": "The pod", "path": "/spec/template/spec/securityContext", "context": {}, "evidence": {}}
	of_container := {
		"who": "Container b",
		"path": "/spec/template/spec/containers/1/securityContext",
		"context": {"privileged": false},
		"evidence": {"container": "b", "role": "sidecar"},
	}
	case := {"spec": {"securityContext": {}}, "bodies": [{}, {"securityContext": {"privileged": false}}]}
	pod_security.setters == {of_pod, of_container} with input as document(case)
}

test_levels if {
	count(pod_security.levels.baseline) == 14
	count(pod_security.levels.restricted) == 17
	count(pod_security.levels.baseline & pod_security.levels.restricted) == 10
	pod_security.levels.baseline - pod_security.levels.restricted == {
		"capability_added",
		"host_path_volume",
		"proc_mount_unmasked",
		"seccomp_unconfined",
	}
	pod_security.levels.restricted - pod_security.levels.baseline == {
		"capabilities_not_dropped",
		"privilege_escalation_allowed",
		"proc_mount_not_default",
		"run_as_non_root_missing",
		"run_as_root_user",
		"seccomp_profile_missing",
		"volume_type_restricted",
	}
	pod_security.levels.baseline & pod_security.levels.restricted == {
		"apparmor_unconfined",
		"host_ipc",
		"host_network",
		"host_pid",
		"host_port",
		"privileged_container",
		"probe_host_set",
		"selinux_options_custom",
		"unsafe_sysctl",
		"windows_host_process",
	}
}

_enforce(level) := {"pod-security.kubernetes.io/enforce": level}

# labels of the namespace, level of others, level
_levels := {
	"label": [_enforce("baseline"), "restricted", "baseline"],
	"privileged": [_enforce("privileged"), "baseline", "privileged"],
	"restricted": [_enforce("restricted"), "privileged", "restricted"],
	"invalid": [_enforce("Baseline"), "privileged", "restricted"],
	"empty": [_enforce(""), "privileged", "restricted"],
	"no label": [{"pod-security.kubernetes.io/warn": "restricted"}, "privileged", "privileged"],
	"no label, and a default": [{}, "baseline", "baseline"],
}

test_enforced[note] if {
	some note, [labels, otherwise, want] in _levels
	level := pod_security.enforced(otherwise) with input as {"meta": {"labels": labels}}
	level == want
}

# labels of the namespace, version asked for, its own version, the version that judges
_versions := {
	"own": [_enforced("v1.30"), "latest", "v1.30", "v1.30"],
	"first": [_enforced("v1.0"), "latest", "v1.0", "v1.0"],
	"asked": [_enforced("v1.30"), "v1.25", "v1.30", "v1.25"],
	"asked of one without": [{}, "v1.25", "latest", "v1.25"],
	"none": [{}, "latest", "latest", "latest"],
	"latest": [_enforced("latest"), "latest", "latest", "latest"],
	"invalid": [_enforced("1.30"), "latest", "latest", "latest"],
}

_both_versions(asked) := [pod_security.own_version, pod_security.version(asked)]

test_versions[note] if {
	some note, [labels, asked, own, judged] in _versions
	found := _both_versions(asked) with input as {"meta": {"labels": labels}}
	found == [own, judged]
}

_nothing := {"fail": 0, "pass": 0, "not_applicable": 0, "not_evaluated": 0}

_all(counts) := {policy: object.union(_nothing, counts) | some level; some policy in pod_security.levels[level]}

_but(policy, counts) := object.union(_all({"pass": 3}), {policy: counts})

test_failing if {
	failing := pod_security.failing("baseline") with input as {"results": _but("host_pid", {"fail": 1})}
	failing == {"host_pid"}
}

test_failing_another_level if {
	failing := pod_security.failing("restricted") with input as {"results": _but("host_path_volume", {"fail": 1})}
	failing == set()
}

test_unjudged if {
	left := pod_security.unjudged("baseline") with input as {"results": _but("host_pid", {"not_evaluated": 1})}
	left == {"host_pid"}
	all := pod_security.unjudged("baseline") with input as {"results": _all({"pass": 1})}
	all == set()
}

test_unjudged_because_not_asked if {
	left := pod_security.unjudged("restricted") with input as {"results": object.remove(_all({"pass": 1}), ["host_ipc"])}
	left == {"host_ipc"}
}

test_empty if pod_security.empty with input as {"results": _all({})}

test_not_empty[status] if {
	some status, _ in _nothing
	not pod_security.empty with input as {"results": _but("volume_type_restricted", {status: 1})}
	not pod_security.empty with input as {"results": object.union(_all({}), {"volume_type_restricted": {status: 1}})}
}

test_not_known_to_be_empty if not pod_security.empty with input as {"results": {}}
