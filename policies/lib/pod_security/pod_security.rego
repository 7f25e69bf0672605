# METADATA
# title: What the Pod Security Standards share
# description: >-
#   Which version of the standards judges a document, what that version exempts, and who sets a
#   securityContext. The rules are those of k8s.io/pod-security-admission, policy/.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
package lib.pod_security

# METADATA
# title: The minor version that judges
# description: >-
#   The parameter if it names a version, else the version that the namespace enforces, else the
#   newest. An invalid label means the newest, as in admission.
minor(asked) := number if {
	number := _minor(asked)
} else := number if {
	number := _minor(input.related.namespace.labels["pod-security.kubernetes.io/enforce-version"])
} else := 1000

_minor(version) := to_number(trim_prefix(version, "v1.")) if regex.match(`^v1\.(0|[1-9][0-9]{0,2})$`, version)

# METADATA
# title: Why a rule is not judged, undefined from the version that brought it
not_yet(asked, first) := reason if {
	minor(asked) < first
	reason := sprintf("Part of the standards since v1.%d; v1.%d is judged.", [first, minor(asked)])
}

# METADATA
# title: Why Linux rules are not judged, undefined unless os.name is windows
windows(asked) := "Windows has no such setting: such pods are exempt since v1.25." if {
	input.pod.spec.os.name == "windows"
	minor(asked) >= 25
}

# METADATA
# title: Whether root in the pod is nobody on the node, which lifts some rules
user_namespace(asked) if {
	input.pod.spec.hostUsers == false
	minor(asked) >= 35
}

# METADATA
# title: What tells a container from the others, its name or else its place
label(container) := container.name if {
	container.name != ""
} else := container.path

# METADATA
# title: Each securityContext, with its path, who sets it and evidence that names the setter
setters contains {
	"who": "The pod",
	"path": sprintf("%s/securityContext", [input.pod.path]),
	"context": input.pod.spec.securityContext,
	"evidence": {},
}

setters contains {
	"who": sprintf("Container %s", [container.name]),
	"path": sprintf("%s/securityContext", [container.path]),
	"context": container.body.securityContext,
	"evidence": {"container": container.name, "role": container.role},
} if {
	some container in input.containers
}

# METADATA
# title: The policies of each level
# description: As policies/frameworks/pss_baseline.yaml and pss_restricted.yaml map them, which a test compares.
levels := {
	"baseline": (_both | {
		"capability_added",
		"host_path_volume",
		"proc_mount_unmasked",
		"seccomp_unconfined",
	}),
	"restricted": (_both | {
		"capabilities_not_dropped",
		"privilege_escalation_allowed",
		"proc_mount_not_default",
		"run_as_non_root_missing",
		"run_as_root_user",
		"seccomp_profile_missing",
		"volume_type_restricted",
	}),
}

_both := {
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

# METADATA
# title: The level that a Namespace enforces
# description: "`otherwise` is that of the cluster, for one without a label; an invalid label is restricted."
enforced(otherwise) := otherwise if {
	not _enforce
} else := _enforce if {
	_enforce in {"privileged", "baseline"}
} else := "restricted"

_enforce := input.meta.labels["pod-security.kubernetes.io/enforce"]

# METADATA
# title: The version at which a Namespace enforces it
own_version := version if {
	version := input.meta.labels["pod-security.kubernetes.io/enforce-version"]
	_minor(version)
} else := "latest"

# METADATA
# title: The version at which the policies have judged what is in a Namespace
version(asked) := asked if {
	_minor(asked)
} else := own_version

# METADATA
# title: The policies of a level that objects of the namespace fail
failing(level) := {policy |
	some policy in levels[level]
	input.results[policy].fail > 0
}

# METADATA
# title: The policies of a level that have not judged everything in the namespace
unjudged(level) := {policy |
	some policy in levels[level]
	not input.results[policy].not_evaluated == 0
}

# METADATA
# title: Whether nothing runs in the namespace, as far as its policies have seen
empty if {
	every policy in levels.baseline | levels.restricted {
		counts := [input.results[policy][status] | some status in ["fail", "pass", "not_applicable", "not_evaluated"]]
		counts == [0, 0, 0, 0]
	}
}
