# METADATA
# title: Tokens of deleted service accounts are still taken
# description: >-
#   With --service-account-lookup=false the API server looks at the signature of a token only: it counts on after
#   its ServiceAccount, or the Secret it came from, was deleted.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: high
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Remove --service-account-lookup=false; it is on by default.
#   same_as: [KCV-0024]
package k8s.apiserver_service_account_lookup_disabled

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"service-account-lookup": false}) if {
	count(unknown) == 0
	not control_plane.switched("kube-apiserver", "service-account-lookup", true)
	fault := "does not look whether the account of a token still exists"
}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"service-account-lookup"}, set())

skip contains control_plane.absent("kube-apiserver")
