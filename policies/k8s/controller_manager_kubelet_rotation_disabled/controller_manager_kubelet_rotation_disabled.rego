# METADATA
# title: Serving certificates of kubelets are not renewed
# description: >-
#   The feature RotateKubeletServerCertificate is on by default. Where it is turned off, certificates of kubelets
#   end or are made good for years.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the controller manager was seen, as where the control plane is managed by others.
#   remediation: Remove RotateKubeletServerCertificate=false from --feature-gates.
#   same_as: [KCV-0038]
package k8s.controller_manager_kubelet_rotation_disabled

import data.lib.control_plane

fail contains control_plane.finding("kube-controller-manager", fault, {"feature-gates": control_plane.listed("kube-controller-manager", "feature-gates")}) if {
	some gate in control_plane.listed("kube-controller-manager", "feature-gates")
	regex.match(`(?i)^RotateKubeletServerCertificate=(?:false|f|0)$`, gate)
	fault := "has turned off RotateKubeletServerCertificate"
}

unknown contains reason if some reason in control_plane.untold("kube-controller-manager", {"feature-gates"}, set())

skip contains control_plane.absent("kube-controller-manager")
