# METADATA
# title: Roles can be given more rights than one has
# description: >-
#   The API server lets nobody write rights into a role that they do not have, unless they may escalate it.
#   With that verb a role that is bound to oneself comes to give everything.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-creation-or-update
# custom:
#   severity: [critical, high]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.escalate]
#   supersedes: [rbac_role_write]
#   remediation: >-
#     Take the verb escalate away. Who installs roles for others is given those rights, or the verb for the
#     roles by resourceNames.
#   same_as: [C-0191, KSV-0050]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_escalate

import data.lib.access

_parameters := data.parameters.rbac_escalate

fail contains access.finding("put any right into roles", rules, access.scale(input.related.grants.namespace)) if {
	rules := access.given("escalate", _parameters)
}

skip contains access.excuse(_parameters)

unknown contains access.unread
