# METADATA
# title: Rights for everybody
# description: >-
#   Everybody who has logged in is in system:authenticated, in some clouds with any account of the provider,
#   and every ServiceAccount is in system:serviceaccounts, so every pod with a token. What ships with Kubernetes
#   lets them find out what there is and what they may do; the rest should be given by name.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#service-account-permissions
# custom:
#   severity: [high, critical]
#   category: rbac
#   kinds: [RoleBinding, ClusterRoleBinding]
#   needs: [audience]
#   supersedes: [rbac_default_role_modified]
#   remediation: Bind the group of those who need it, or their ServiceAccounts, and delete this subject.
#   same_as: [KSV-01011, C-0265]
package k8s.rbac_broad_group

import data.lib.audience

fail contains audience.finding(subject, message, {"severity": _severity(subject)}) if {
	some subject in audience.given("everybody")
	message := sprintf("All of %s are given %s.", [subject.name, subject.role])
}

unknown contains reason if some reason in audience.unknown("everybody")

skip contains audience.ships

_severity(subject) := "critical" if {
	subject.writes
} else := "high"
