# METADATA
# title: Secrets can be read
# description: >-
#   A list or a watch of secrets returns their values, as a get does. Among them are passwords of databases,
#   keys of certificates and tokens of service accounts, so who reads them all can become most others.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets
#   - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   severity: [high, medium, info]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.secret_read]
#   remediation: >-
#     Give get on the secrets that are used, by resourceNames; or mount them, so that the program needs no
#     right to the API.
#   same_as: [C-0015, C-0186, KSV-0041, KSV-0113]
#   parameters:
#     max_named: {default: 5, description: 'With more names than these it counts as reading all.'}
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_secret_read

import data.lib.access

_parameters := data.parameters.rbac_secret_read

fail contains access.finding("read all secrets", _wide, _severity)

fail contains access.finding("read some secrets", access.given("secret_read", _parameters), "info") if {
	count(_wide) == 0
}

_severity := "high" if input.related.grants.namespace == ""

_severity := "medium" if input.related.grants.namespace != ""

_wide := [rule |
	some rule in access.given("secret_read", _parameters)
	_is_wide(rule)
]

_is_wide(rule) if not rule.names

_is_wide(rule) if count(rule.names) > _parameters.max_named

skip contains access.excuse(_parameters)

unknown contains access.unread
