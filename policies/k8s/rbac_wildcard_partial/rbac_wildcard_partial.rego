# METADATA
# title: Rule of a role has a wildcard
# description: >-
#   With * for the verbs a rule includes those that RBAC alone knows, such as bind, escalate and
#   impersonate; with * for resources or groups it includes what is installed later. Least privilege means
#   that each right is written down.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: medium
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.wildcard_partial]
#   remediation: Write down the verbs, resources and API groups that are used.
#   same_as: [KSV-0045]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_wildcard_partial

import data.lib.access

_parameters := data.parameters.rbac_wildcard_partial

fail contains access.finding("use rights that are not written down", access.given("wildcard_partial", _parameters), "medium")

skip contains access.excuse(_parameters)

unknown contains access.unread
