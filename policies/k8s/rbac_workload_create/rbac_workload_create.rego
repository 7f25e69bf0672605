# METADATA
# title: Pods can be run
# description: >-
#   Who may create pods, or the workloads that create them, chooses the service account they run as, the
#   secrets they mount, and, where no pod security level is enforced, the node that they take over. So it is
#   worth as much as the strongest account of the namespace.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation
# custom:
#   severity: [critical, high]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.workload_create]
#   remediation: >-
#     Let a pipeline have one identity for each namespace, enforce the level baseline or restricted there,
#     and keep accounts with more rights in other namespaces.
#   same_as: [C-0188, KSV-0048]
#   parameters:
#     exempt_namespaces: {default: [], description: 'Namespaces where RoleBindings may give it.'}
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_workload_create

import data.lib.access

_parameters := data.parameters.rbac_workload_create

fail contains access.around(finding, ["stronger", "open"]) if {
	not _exempt
	rules := access.given("workload_create", _parameters)
	finding := access.finding("run pods", rules, access.reach)
}

_exempt if input.related.grants.namespace in _parameters.exempt_namespaces

skip contains "This namespace is exempt." if _exempt

skip contains access.excuse(_parameters)

unknown contains access.unread
