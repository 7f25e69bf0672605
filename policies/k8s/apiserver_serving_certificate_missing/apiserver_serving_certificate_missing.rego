# METADATA
# title: API server shows a certificate that it made itself
# description: >-
#   Without --tls-cert-file and --tls-private-key-file the API server signs its own certificate, which no client can
#   check, so that clients learn not to.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: Set --tls-cert-file and --tls-private-key-file.
#   same_as: [KCV-0027]
package k8s.apiserver_serving_certificate_missing

import data.lib.control_plane

fail contains control_plane.finding("kube-apiserver", fault, control_plane.values("kube-apiserver", _flags)) if {
	count(unknown) == 0
	count(_missing) > 0
	fault := sprintf("serves with a certificate of its own making: it has no %s", [concat(" and ", _missing)])
}

_missing := {sprintf("--%s", [name]) | some name in control_plane.missing("kube-apiserver", _flags)}

_flags := {"tls-cert-file", "tls-private-key-file"}

unknown contains reason if some reason in control_plane.untold("kube-apiserver", _flags, set())

skip contains control_plane.absent("kube-apiserver")
