# METADATA
# title: Rights that nobody uses
# description: >-
#   A binding that allows no request is of no use to anybody but an attacker, who finds it with the account
#   that holds it. The audit log of the API server names the binding that allowed each request, of several the
#   first that was come to: one that only repeats others looks unused, and can go as well.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#periodic-review
# custom:
#   severity: info
#   category: rbac
#   kinds: [RoleBinding, ClusterRoleBinding]
#   needs: [usage]
#   excuses: [rule_use, shipped]
#   remediation: >-
#     Ask whoever holds it, then delete the binding, or the rules of its role that nobody uses. Keep what is for
#     emergencies, with a waiver that says so.
#   parameters:
#     window_days: {default: 30, description: How many days the audit log has to tell of.}
#     rules: {default: false, description: Whether a binding is found too that is used while rules of its role are not.}
package k8s.rbac_unused_grant

import data.lib.rule_use
import data.lib.usage

_parameters := data.parameters.rbac_unused_grant

fail contains {
	"path": "/roleRef",
	"message": _message,
	"evidence": object.union(usage.evidence, rule_use.evidence),
} if {
	count(skip) + count(unknown) == 0
}

_message := sprintf("No request from %s to %s was allowed by it.", [usage.log.first, usage.log.last]) if usage.idle

_message := sprintf("%d of the %d rules that it gives were not used.", [rule_use.unused, rule_use.rules]) if {
	not usage.idle
	_parameters.rules
	rule_use.unused > 0
}

skip contains usage.young if _message

skip contains rule_use.nothing if usage.idle

skip contains "It ships with Kubernetes." if input.related.shipped.ships

unknown contains reason if {
	_message
	count(skip) == 0
	some reason in (usage.doubts(_parameters.window_days) | usage.left_out(rule_use.reads))
}

unknown contains rule_use.traceless if {
	usage.idle
	count(skip) == 0
}
