# METADATA
# title: ServiceAccount that nobody uses, with rights
# description: >-
#   Rights are bound to it, but no pod and no template runs as it, and no request came from it while the audit log
#   was written. Whoever may create a pod, or a token, in its namespace gets these rights all the same.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#periodic-review
#   - ref: https://kubernetes.io/docs/concepts/security/service-accounts/
# custom:
#   severity: info
#   category: rbac
#   kinds: [ServiceAccount]
#   needs: [usage, account_use]
#   remediation: Delete the ServiceAccount and the bindings that name it, or take it out of them.
#   parameters:
#     window_days: {default: 30, description: How many days the audit log has to tell of.}
package k8s.rbac_unused_account

import data.lib.usage

_found := input.related.account_use

fail contains {
	"path": "/metadata/name",
	"message": sprintf("Nothing runs as it, and no request came from it from %s to %s.", [usage.log.first, usage.log.last]),
	"evidence": object.union(usage.evidence, {"bindings": _found.bindings}),
} if {
	_idle
	count(skip) + count(unknown) == 0
}

_idle if {
	usage.idle
	_found.workloads.total == 0
}

skip contains usage.young if _idle

skip contains "No binding names it." if {
	_idle
	_found.bindings.total == 0
}

unknown contains reason if {
	_idle
	count(skip) == 0
	some reason in (usage.doubts(data.parameters.rbac_unused_account.window_days) | usage.left_out(usage.reads))
}
