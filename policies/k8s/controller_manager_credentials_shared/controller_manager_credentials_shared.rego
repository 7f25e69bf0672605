# METADATA
# title: Controllers share one set of rights
# description: >-
#   Without --use-service-account-credentials every controller acts as the controller manager, with the rights of
#   all of them together, and the audit log cannot tell them apart.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the controller manager was seen, as where the control plane is managed by others.
#   remediation: Set --use-service-account-credentials=true.
#   same_as: [KCV-0035]
package k8s.controller_manager_credentials_shared

import data.lib.control_plane

fail contains control_plane.finding("kube-controller-manager", fault, {"use-service-account-credentials": false}) if {
	count(unknown) == 0
	not control_plane.switched("kube-controller-manager", "use-service-account-credentials", false)
	fault := "runs all controllers with the same credentials"
}

unknown contains reason if some reason in control_plane.untold("kube-controller-manager", {"use-service-account-credentials"}, set())

skip contains control_plane.absent("kube-controller-manager")
