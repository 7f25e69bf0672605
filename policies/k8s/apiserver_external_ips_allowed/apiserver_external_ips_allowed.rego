# METADATA
# title: Services may take over any address
# description: >-
#   Who may write Services can send the traffic of any address to pods of their own by externalIPs (CVE-2020-8554).
#   The admission plugin DenyServiceExternalIPs refuses such Services.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Add DenyServiceExternalIPs to --enable-admission-plugins.
#   same_as: [KCV-0003]
package k8s.apiserver_external_ips_allowed

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, {"enable-admission-plugins": control_plane.listed("kube-apiserver", "enable-admission-plugins")}) if {
	count(unknown) == 0
	_off
	fault := "runs without the admission plugin DenyServiceExternalIPs"
}

_off if not "DenyServiceExternalIPs" in control_plane.listed("kube-apiserver", "enable-admission-plugins")

_off if "DenyServiceExternalIPs" in control_plane.listed("kube-apiserver", "disable-admission-plugins")

unknown contains reason if some reason in control_plane.untold("kube-apiserver", {"disable-admission-plugins", "enable-admission-plugins"}, set())

skip contains control_plane.absent("kube-apiserver")
