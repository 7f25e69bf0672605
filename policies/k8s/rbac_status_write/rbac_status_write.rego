# METADATA
# title: Traffic can be redirected by a status
# description: >-
#   The status of a pod or a Service is what others go by: with pods/status a pod that is not ready, or of
#   another address, gets traffic; with services/status a load balancer address takes over what is sent to
#   it (CVE-2020-8554).
# related_resources:
#   - ref: https://github.com/kubernetes/kubernetes/issues/97076
# custom:
#   severity: [medium, low]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.status_write]
#   remediation: >-
#     Take update and patch on pods/status, services/status and */status away; controllers that need them
#     are named under known_subjects.
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_status_write

import data.lib.access

_parameters := data.parameters.rbac_status_write

fail contains access.finding("redirect traffic", _rules, _severity)

_rules := access.given("status_write", _parameters)

_severity := "medium" if _services

_severity := "low" if not _services

_services if {
	some rule in _rules
	"services/status" in rule.resources
}

skip contains access.excuse(_parameters)

unknown contains access.unread
