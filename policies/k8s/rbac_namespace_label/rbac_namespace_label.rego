# METADATA
# title: Labels of namespaces can be changed
# description: >-
#   Labels of a namespace say which pod security level is enforced in it, and which NetworkPolicies of
#   others let it in. A RoleBinding in a namespace gives the right to change that namespace, though a
#   Namespace is in none.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#namespace-modification
# custom:
#   severity: [high, medium]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.namespace_label]
#   remediation: >-
#     Take update and patch on namespaces away, in roles that are bound in namespaces too; or let an
#     admission policy guard the labels.
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_namespace_label

import data.lib.access

_parameters := data.parameters.rbac_namespace_label

fail contains access.around(finding, ["enforced"]) if {
	rules := access.given("namespace_label", _parameters)
	finding := access.finding("change the labels of namespaces", rules, _severity)
}

_severity := "high" if _enforces

_severity := "medium" if not _enforces

_enforces if input.related.grants.enforced.total > 0

skip contains access.excuse(_parameters)

unknown contains access.unread
