# METADATA
# title: API server writes no audit log
# description: >-
#   The audit log tells who did what in the cluster, and is the only trail after an incident. The API
#   server writes one if it has a policy, which says what is worth writing, and a place, which is a
#   file or a webhook. What the policy says stands in a file on the node and is not judged.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: >-
#     Start kube-apiserver with --audit-policy-file and with --audit-log-path or
#     --audit-webhook-config-file, and mount what they name into its static pod.
#   same_as: [KCV-0019, C-0067]
package k8s.audit_log_disabled

import data.lib.api_server

fail contains {
	"path": api_server.container.path,
	"message": sprintf("kube-apiserver writes no audit log: it has %s.", [concat(" and ", _missing)]),
	"evidence": {"container": api_server.container.name, "missing": _missing},
} if {
	count(api_server.unread) == 0
	count(_missing) > 0
}

_missing contains "no --audit-policy-file" if not _given("audit-policy-file")

_missing contains "neither --audit-log-path nor --audit-webhook-config-file" if {
	not _given("audit-log-path")
	not _given("audit-webhook-config-file")
}

_given(name) if api_server.flag(name) != ""

unknown contains reason if some reason in api_server.unread

skip contains "This pod is not the API server of the cluster." if not api_server.container
