# METADATA
# title: Pods are not told whom to trust
# description: >-
#   Without --root-ca-file token Secrets carry no authority for the API server: pods have to take its certificate
#   unseen.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
# custom:
#   severity: low
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the controller manager was seen, as where the control plane is managed by others.
#   remediation: Set --root-ca-file to the authority of the serving certificate of the API server.
#   same_as: [KCV-0037]
package k8s.controller_manager_root_authority_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-controller-manager", fault, {}) if {
	count(unknown) == 0
	count(control_plane.missing("kube-controller-manager", {"root-ca-file"})) == 1
	fault := "gives pods no authority for the API server: it has no --root-ca-file"
}

unknown contains reason if some reason in control_plane.untold("kube-controller-manager", {"root-ca-file"}, set())

skip contains control_plane.absent("kube-controller-manager")
