# METADATA
# title: Somebody holds every right
# description: >-
#   A rule with * for verbs, resources and groups gives everything there is, and everything that will be:
#   reading secrets, running pods, giving the same to others. By a ClusterRoleBinding whoever gets hold of
#   one such account has the cluster; by a RoleBinding the namespace, and with it its nodes, where pods of
#   any kind may run.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: [critical, high]
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.powers.cluster_admin]
#   supersedes:
#     - rbac_admission_write
#     - rbac_api_proxy
#     - rbac_apiservice_write
#     - rbac_bind
#     - rbac_csr_approve
#     - rbac_delete_wide
#     - rbac_escalate
#     - rbac_impersonate
#     - rbac_namespace_label
#     - rbac_node_proxy
#     - rbac_node_write
#     - rbac_pod_exec
#     - rbac_pod_modify
#     - rbac_role_write
#     - rbac_secret_read
#     - rbac_secret_write
#     - rbac_status_write
#     - rbac_system_config_map
#     - rbac_token_request
#     - rbac_volume_create
#     - rbac_wildcard_partial
#     - rbac_wildcard_rule
#     - rbac_workload_create
#   remediation: >-
#     Bind a role with the rights that are used, as auditor who-can and the audit log of the API server show
#     them; where one namespace is enough, by a RoleBinding.
#   same_as: [C-0035, C-0185, KSV-0111, clusterrolebindingClusterAdmin, cluster-admin-role-binding]
#   parameters:
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_cluster_admin_binding

import data.lib.access

_parameters := data.parameters.rbac_cluster_admin_binding

fail contains access.around(finding, ["stronger", "open"]) if {
	rules := access.given("cluster_admin", _parameters)
	finding := access.finding("do everything", rules, access.reach)
}

skip contains access.excuse(_parameters)

unknown contains access.unread
