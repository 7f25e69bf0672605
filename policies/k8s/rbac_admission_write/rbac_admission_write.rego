# METADATA
# title: Admission can be changed
# description: >-
#   A mutating webhook or policy reads and changes every object that is written, secrets and pods of others
#   included; a validating one reads them. Deleting one lifts the rules of the cluster, and one that fails
#   stops it.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#control-admission-webhooks
# custom:
#   severity: [critical, high]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.admission_write]
#   remediation: >-
#     Leave webhooks and admission policies to the identity that runs the platform. An operator that renews
#     the certificate in its own webhook needs update and patch on that one name.
#   same_as: [C-0281, KSV-0114]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_admission_write

import data.lib.access

_parameters := data.parameters.rbac_admission_write

fail contains access.finding("change what admission lets through", _rules, _severity)

_rules := access.given("admission_write", _parameters)

_severity := "critical" if _mutates

_severity := "high" if not _mutates

_mutates if {
	some rule in _rules
	some verb in rule.verbs
	verb in {"create", "update", "patch"}
	some resource in rule.resources
	startswith(resource, "mutating")
}

skip contains access.excuse(_parameters)

unknown contains access.unread
