# METADATA
# title: Binding points at nothing
# description: >-
#   The role, or a ServiceAccount that the binding names, does not exist. Nobody has anything by it now; but
#   whoever may make a role or an account of that name decides what is given, and to whom.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#periodic-review
# custom:
#   severity: low
#   category: rbac
#   kinds: [RoleBinding, ClusterRoleBinding]
#   needs: [dangling, now]
#   remediation: Delete the binding, or the subject, or create what it names.
#   same_as: [C-0307]
#   parameters:
#     grace: {default: 24h, description: How old a binding must be., pattern: '([0-9]+[smh])+'}
package k8s.rbac_dangling_binding

import data.lib.age

_dangling := input.related.dangling

fail contains {
	"path": "/roleRef",
	"message": sprintf("%s does not exist.", [_dangling.role]),
	"evidence": {"role": _dangling.role},
} if {
	_old
}

fail contains {
	"path": sprintf("/subjects/%d", [account.index]),
	"message": sprintf("ServiceAccount %s/%s does not exist.", [account.namespace, account.name]),
	"evidence": {"namespace": account.namespace, "name": account.name},
} if {
	_old
	some account in _dangling.accounts
}

skip contains sprintf("It is younger than %s: what it names may be on its way.", [_grace]) if {
	_dangling.created
	not _old
}

skip contains "It ships with Kubernetes, which makes what it names when it is needed." if _dangling.ships

_grace := data.parameters.rbac_dangling_binding.grace

_old if age.older(_dangling.created, _grace)
