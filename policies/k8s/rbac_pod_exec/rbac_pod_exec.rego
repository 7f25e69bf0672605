# METADATA
# title: Commands can be run in pods
# description: >-
#   A command in a container runs with its files, secrets and token, and leaves no trace in the image or the
#   manifest. Before Kubernetes 1.35 a get is enough, since a WebSocket begins as one; so a role that only
#   seems to read may execute.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
# custom:
#   severity: high
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.pod_exec]
#   remediation: >-
#     Take pods/exec and pods/attach away, or bind them for the time of an incident only; before Kubernetes
#     1.35 the verb get too.
#   same_as: [C-0002, KSV-0053, KSV-0054]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_pod_exec

import data.lib.access

_parameters := data.parameters.rbac_pod_exec

fail contains access.finding("run commands in pods", _rules, "high")

_rules := [rule |
	some rule in access.given("pod_exec", _parameters)
	_executes(rule)
]

_executes(rule) if "create" in rule.verbs

_executes(_) if access.get_connects

skip contains access.excuse(_parameters)

unknown contains access.unread
