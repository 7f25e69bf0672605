# METADATA
# title: Rights for system:masters
# description: >-
#   The API server lets members of system:masters do everything without asking an authoriser. A binding adds
#   nothing to that; it shows that somebody works with the group, whose certificates nobody can take back
#   before they end, and whose members no list shows.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
# custom:
#   severity: critical
#   category: rbac
#   kinds: [RoleBinding, ClusterRoleBinding]
#   needs: [audience]
#   supersedes: [rbac_default_role_modified]
#   remediation: >-
#     Bind a group of your own, delete this binding, and issue no certificates for system:masters but the one
#     that is kept for emergencies.
#   same_as: [KSV-0123, C-0246]
package k8s.rbac_system_masters_binding

import data.lib.audience

fail contains audience.finding(subject, sprintf("%s is given to system:masters, whose members may do everything.", [subject.role]), {}) if {
	some subject in audience.of("masters")
}

skip contains audience.ships
