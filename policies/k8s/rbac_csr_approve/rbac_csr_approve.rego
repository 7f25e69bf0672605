# METADATA
# title: Client certificates can be issued
# description: >-
#   With the approval of a signing request, or its signature, comes a certificate that says who somebody is:
#   any user of any group, but for system:masters. It cannot be taken back before it expires. Two rights
#   belong to it, one on the request and one on the signer.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
# custom:
#   severity: critical
#   category: rbac
#   kinds: [ClusterRoleBinding, RoleBinding]
#   needs: [grants]
#   about: [grants.combinations.certificate_approve, grants.combinations.certificate_sign]
#   remediation: >-
#     Take one of the two rights away, or limit the one on signers by resourceNames to signers that the API
#     server does not trust for logins.
#   same_as: [C-0280]
#   parameters:
#     signers: {default: [kubernetes.io/kube-apiserver-client, kubernetes.io/kube-apiserver-client-kubelet, "kubernetes.io/*"], description: 'Signers whose certificates the API server lets in.'}
#     known_subjects: {default: [], description: 'Who may, as ServiceAccount monitoring/prometheus or Group ops. A binding of nobody else is not judged.'}
package k8s.rbac_csr_approve

import data.lib.access

_parameters := data.parameters.rbac_csr_approve

fail contains access.joint("issue certificates to log in with", _pairs, "critical")

_pairs := [pair |
	some combination in ["certificate_approve", "certificate_sign"]
	some pair in access.joined(combination, _parameters)
	_logs_in(pair.second)
]

_logs_in(signers) if not signers.names

_logs_in(signers) if {
	some name in signers.names
	name in _parameters.signers
}

skip contains access.excuse(_parameters)

unknown contains access.unread
