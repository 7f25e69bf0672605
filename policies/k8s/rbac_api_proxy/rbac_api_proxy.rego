# METADATA
# title: Pods can be reached past NetworkPolicies
# description: >-
#   The API server connects to a pod or a Service for whoever may use its proxy or port forwarding. To the
#   pod the API server is the peer, so no NetworkPolicy tells one user from another.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/
# custom:
#   severity: medium
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.api_proxy]
#   remediation: >-
#     Take pods/proxy, services/proxy and pods/portforward away; what has to be reached gets an Ingress with
#     a login.
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_api_proxy

import data.lib.access

_parameters := data.parameters.rbac_api_proxy

fail contains access.finding("connect to pods through the API server", _rules, "medium")

_rules := [rule |
	some rule in access.given("api_proxy", _parameters)
	_connects(rule)
]

_connects(rule) if {
	some resource in rule.resources
	resource != "pods/portforward"
}

_connects(rule) if "create" in rule.verbs

_connects(_) if access.get_connects

skip contains access.excuse(_parameters)

unknown contains access.unread
