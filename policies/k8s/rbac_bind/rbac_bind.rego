# METADATA
# title: Roles can be bound that one does not hold
# description: >-
#   The API server lets nobody bind a role with rights that they do not have, unless they may bind it: the
#   verb bind on the role, not on bindings. With the right to write bindings anybody is given the role, in
#   the whole cluster cluster-admin.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update
# custom:
#   severity: [critical, high]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.combinations.role_grant]
#   supersedes: [rbac_role_write]
#   remediation: Name the roles that may be bound by resourceNames, and let them be weak ones.
#   same_as: [C-0191, KSV-0051, KSV-0052]
#   parameters:
#     safe_roles: {default: [view], description: 'Roles that anybody may be given, by name.'}
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_bind

import data.lib.access

_parameters := data.parameters.rbac_bind

fail contains access.joint("bind any role", _any, access.scale(_any[0].namespace))

fail contains access.joint("bind roles that they need not hold", _pairs, "high") if count(_any) == 0

_any := [pair | some pair in _pairs; not pair.first.names]

_pairs := [pair |
	some pair in access.joined("role_grant", _parameters)
	not _is_safe(pair.first)
]

_is_safe(rule) if {
	every name in rule.names {
		name in _parameters.safe_roles
	}
}

skip contains access.excuse(_parameters)

unknown contains access.unread
