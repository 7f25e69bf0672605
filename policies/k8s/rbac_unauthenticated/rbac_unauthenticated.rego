# METADATA
# title: Rights without a login
# description: >-
#   Whoever reaches the API server has what is bound to system:anonymous or system:unauthenticated, from the
#   network of the pods as well, and no audit log tells who it was. What ships with Kubernetes shows its
#   version and whether it is alive, nothing more. To read single objects that are named, as kubeadm lets
#   joining nodes read cluster-info, is a smaller fault.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: [critical, medium]
#   category: rbac
#   kinds: [RoleBinding, ClusterRoleBinding]
#   needs: [audience]
#   supersedes: [rbac_default_role_modified]
#   remediation: >-
#     Delete the subject from the binding. If something must be seen without a login, say which paths in the
#     AuthenticationConfiguration of the API server, and switch anonymous requests off for the rest.
#   same_as: [KSV-0122, C-0262]
package k8s.rbac_unauthenticated

import data.lib.audience

fail contains audience.finding(subject, sprintf("Who has not logged in is given %s.", [subject.role]), {"severity": _severity(subject)}) if {
	some subject in audience.given("anonymous")
}

unknown contains reason if some reason in audience.unknown("anonymous")

skip contains audience.ships

_severity(subject) := "medium" if {
	subject.single
} else := "critical"
