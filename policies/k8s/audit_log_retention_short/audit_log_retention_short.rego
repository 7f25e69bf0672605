# METADATA
# title: Audit log is kept too short, or grows without limit
# description: >-
#   An incident is often found weeks later, and what was rotated away by then cannot be asked; a log
#   that nothing deletes fills the disk instead. Age, number and size of the files limit how far it
#   reaches back; their defaults changed in v1.36.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: [medium, low]
#   category: retention
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --audit-log-maxage to 30 or more, maxbackup and maxsize to what is written in that time.
#   same_as: [KCV-0020, KCV-0021, KCV-0022]
#   parameters:
#     min_age: {default: 30, description: Days.}
#     min_megabytes: {default: 1000, description: What the rotated files must hold together.}
package k8s.audit_log_retention_short

import data.lib.api_server

_limits := api_server.audit_limits
_parameters := data.parameters.audit_log_retention_short

fail contains {
	"path": api_server.container.path,
	"key": key,
	"message": sprintf("The audit log of kube-apiserver %s.", [says]),
	"severity": severity,
	"evidence": _limits,
} if {
	api_server.audit_log != ""
	count(unknown) == 0
	some [key, severity, says] in _faults
}

_faults contains ["growth", "medium", "grows without limit: --audit-log-maxsize=0 turns its rotation off"] if {
	not api_server.audit_file_size
}

_faults contains ["growth", "medium", "grows without limit: nothing deletes its old files"] if {
	api_server.audit_file_size
	_limits.maxage + _limits.maxbackup == 0
}

_faults contains ["age", "medium", sprintf("reaches back %d days only", [_limits.maxage])] if {
	api_server.audit_file_size
	_limits.maxage > 0
	_limits.maxage < _parameters.min_age
}

_faults contains ["size", "low", sprintf("holds %d MB only", [_limits.maxbackup * api_server.audit_file_size])] if {
	_limits.maxbackup > 0
	_limits.maxbackup * api_server.audit_file_size < _parameters.min_megabytes
}

unknown contains reason if some reason in api_server.audit_unread

skip contains api_server.no_audit_log
