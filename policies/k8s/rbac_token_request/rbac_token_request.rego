# METADATA
# title: Tokens of service accounts can be issued
# description: >-
#   Who may create serviceaccounts/token gets a token of any service account in reach, and is that account
#   to the API server and to whatever else trusts its tokens.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request
# custom:
#   severity: [critical, high]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.token_request]
#   remediation: Name the service accounts by resourceNames.
#   same_as: [C-0282]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_token_request

import data.lib.access

_parameters := data.parameters.rbac_token_request

fail contains access.around(finding, ["stronger"]) if {
	finding := access.finding("issue tokens of ServiceAccounts", _rules, access.gain)
}

_rules := [rule |
	some rule in access.given("token_request", _parameters)
	not rule.names
]

skip contains access.excuse(_parameters)

unknown contains access.unread
