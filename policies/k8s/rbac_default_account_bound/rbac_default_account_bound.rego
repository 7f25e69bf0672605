# METADATA
# title: Default ServiceAccount has rights
# description: >-
#   Pods that name no ServiceAccount run as the one that is called default. What is bound to it, or to the
#   group of all accounts of a namespace, is given to every such pod, whoever wrote it and whatever it does.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#service-account-permissions
# custom:
#   severity: high
#   category: rbac
#   kinds: [RoleBinding, ClusterRoleBinding]
#   needs: [audience]
#   supersedes: [rbac_default_role_modified]
#   remediation: >-
#     Make a ServiceAccount for the workload that needs the rights, name it in the pod template, and bind
#     that one.
#   same_as: [C-0189, C-0225]
package k8s.rbac_default_account_bound

import data.lib.audience

fail contains audience.finding(subject, message, {}) if {
	some subject in audience.given("accounts")
	message := sprintf("%s is given %s, and so is every pod that names no ServiceAccount.", [_whom(subject), subject.role])
}

unknown contains reason if some reason in audience.unknown("accounts")

skip contains audience.ships

_whom(subject) := sprintf("ServiceAccount %s/%s", [subject.namespace, subject.name]) if {
	subject.kind == "ServiceAccount"
} else := sprintf("Group %s", [subject.name])
