# METADATA
# title: Others can be impersonated
# description: >-
#   Who may impersonate sends requests under the name of another, of any user or of the group
#   system:masters, and has all that they have. Constrained impersonation limits what is done under the
#   name; whose name it is has still to be limited by resourceNames.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
# custom:
#   severity: [critical, high, medium]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.impersonate, grants.powers.impersonate_constrained]
#   remediation: >-
#     Name the users, groups or service accounts by resourceNames, and use the verbs of constrained
#     impersonation, which Kubernetes has by default since 1.36.
#   same_as: [C-0065, C-0191, KSV-0043]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_impersonate

import data.lib.access

_parameters := data.parameters.rbac_impersonate

fail contains access.around(finding, ["stronger"]) if {
	finding := access.finding("act as anybody of their choice", _free, access.gain)
}

fail contains access.finding("act as some others", _limited, "medium") if count(_free) == 0

_free := [rule | some rule in access.given("impersonate", _parameters); _is_free(rule)]

_is_free(rule) if {
	not rule.names
	some resource in rule.resources
	resource in {"users", "groups", "serviceaccounts"}
}

_is_free(rule) if {
	"groups" in rule.resources
	"system:masters" in rule.names
}

_limited := array.concat(
	access.given("impersonate", _parameters),
	[rule | some rule in access.given("impersonate_constrained", _parameters); not rule.names],
)

skip contains access.excuse(_parameters)

unknown contains access.unread
