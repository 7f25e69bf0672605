# METADATA
# title: Role may do anything with anything
# description: >-
#   A rule with * for verbs and for resources grows with the cluster: what is installed tomorrow is in it,
#   and the verbs bind, escalate and impersonate are too. Nobody has decided that it shall be so.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.wildcard_rule]
#   supersedes: [rbac_wildcard_partial]
#   remediation: >-
#     Write the verbs and resources down that are used. All scales are */scale, all of one resource needs no
#     wildcard.
#   same_as: [KSV-0044, KSV-0046, KSV-0112, C-0187]
#   parameters:
#     allowed_roles: {default: [], description: 'Roles that may have such rules, as ClusterRole backup or Role shop/backup.'}
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_wildcard_rule

import data.lib.access

_parameters := data.parameters.rbac_wildcard_rule

fail contains access.finding("use every verb on every resource", _rules, "high")

_rules := [rule |
	some rule in access.given("wildcard_rule", _parameters)
	not rule.role in _parameters.allowed_roles
]

skip contains access.excuse(_parameters)

unknown contains access.unread
