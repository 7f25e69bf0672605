# METADATA
# title: Tokens are signed by no key of their own
# description: >-
#   Without --service-account-private-key-file the controller manager makes no token Secrets, and whoever needs one
#   makes it by hand with a key that nobody changes.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
# custom:
#   severity: low
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the controller manager was seen, as where the control plane is managed by others.
#   remediation: Set --service-account-private-key-file to a key that is used for nothing else.
#   same_as: [KCV-0036]
package k8s.controller_manager_service_account_key_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-controller-manager", fault, {}) if {
	count(unknown) == 0
	count(control_plane.missing("kube-controller-manager", {"service-account-private-key-file"})) == 1
	fault := "has no key for tokens: it has no --service-account-private-key-file"
}

unknown contains reason if some reason in control_plane.untold("kube-controller-manager", {"service-account-private-key-file"}, set())

skip contains control_plane.absent("kube-controller-manager")
