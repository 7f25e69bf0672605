# METADATA
# title: The API server of this cluster, by its pod and its flags
# description: >-
#   Where the control plane is managed by others there is no such pod. The rules are undefined in
#   every other pod.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
package lib.api_server

import data.lib.cluster
import data.lib.control_plane

# METADATA
# title: Its container, found by the label of the common installers or by the command
container := control_plane.container("kube-apiserver")

# METADATA
# title: The words of its command line
line := control_plane.line("kube-apiserver")

# METADATA
# title: The value of a flag, of several the last one
flag(name) := control_plane.flag("kube-apiserver", name)

# METADATA
# title: Why its flags, or some of them, cannot be told
unread := control_plane.unread("kube-apiserver")

# METADATA
# title: Its minor version
# description: That of the image, since not every server of a cluster is always of the same.
minor := cluster.number_of(tag) if {
	tag := regex.find_all_string_submatch_n(`:(v[^:/@]+)(?:@.*)?$`, container.body.image, -1)[0][1]
} else := cluster.minor

# METADATA
# title: The file that it writes its audit log to
# description: Empty if it writes into none; "-" is its standard output.
audit_log := object.get({"-": ""}, given, given) if {
	given := flag("audit-log-path")
} else := "" if line

# METADATA
# title: Why there is no file of the audit log to judge
no_audit_log := "This pod is not the API server of the cluster." if not container

no_audit_log := "It writes no audit log into a file." if {
	audit_log == ""
	count(unread) == 0
}

# METADATA
# title: How far its audit log reaches back
# description: >-
#   maxage in days, maxbackup in files, maxsize in megabytes; 0 is no limit. What cannot be told is
#   missing: a value that is not in the pod, or the default of a version that nobody knows.
audit_limits[name] := to_number(value) if {
	some name, _ in _newer
	value := flag(sprintf("audit-log-%s", [name]))
	regex.match(`^(0|[1-9][0-9]*)$`, value)
}

audit_limits[name] := limit if {
	some name, limit in _defaults
	not flag(sprintf("audit-log-%s", [name]))
}

_newer := {"maxage": 366, "maxbackup": 100, "maxsize": 100}

_defaults := _newer if minor >= 36

_defaults := {"maxage": 0, "maxbackup": 0, "maxsize": 0} if minor < 36

# METADATA
# title: The size in megabytes at which its audit log begins a new file
# description: Undefined if it never does. Since v1.36 that is what 0 means, before it was 100.
audit_file_size := audit_limits.maxsize if audit_limits.maxsize > 0

audit_file_size := 100 if {
	audit_limits.maxsize == 0
	minor < 36
}

# METADATA
# title: Why it cannot be told how far its audit log reaches back
audit_unread contains reason if some reason in unread

audit_unread contains "A limit of the audit log, or the version with its default, cannot be told." if {
	audit_log != ""
	not _told
}

_told if {
	count(audit_limits) == 3
	audit_limits.maxsize > 0
}

_told if {
	count(audit_limits) == 3
	minor
}
