# METADATA
# title: Token of a stronger account can be made
# description: >-
#   A Secret of the type kubernetes.io/service-account-token that names a service account is filled with a
#   token of it. Who may create it and read it, or change the secrets that are there, becomes any account of
#   the namespace; here one of them holds more than this binding gives.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets
# custom:
#   severity: high
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.combinations.account_token, grants.powers.secret_change]
#   remediation: >-
#     Take the right to create, update or patch secrets away, or limit the changes by resourceNames; or move
#     the stronger account into a namespace of its own.
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_secret_write

import data.lib.access

_parameters := data.parameters.rbac_secret_write

fail contains access.joint("make and read a token of a stronger ServiceAccount", _pairs, "high")

fail contains access.around(finding, ["stronger"]) if {
	count(_pairs) == 0
	finding := access.finding("read a token of a stronger ServiceAccount by changing secrets", _changes, "high")
}

_pairs := [pair |
	some pair in access.joined("account_token", _parameters)
	pair.stronger.total > 0
]

_changes := [rule |
	input.related.grants.stronger.total > 0
	some rule in access.given("secret_change", _parameters)
	not rule.names
]

skip contains access.excuse(_parameters)

unknown contains access.unread
