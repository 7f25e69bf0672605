# METADATA
# title: NetworkPolicy that selects no pod
# description: >-
#   Its podSelector matches no pod and no pod template of its namespace, so it protects nothing, however well it
#   looks: a label was misspelt, or what it was written for is gone. What has no pods at the moment, a CronJob
#   between two runs, counts by its template.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
# custom:
#   severity: low
#   category: network
#   kinds: [NetworkPolicy]
#   needs: [network_subject, now]
#   remediation: Select the labels of the pods that it shall protect in spec.podSelector, or delete it.
#   same_as: [C-0299]
#   parameters:
#     grace: {default: 24h, description: How old a policy must be., pattern: '([0-9]+[smh])+'}
package k8s.netpol_dangling

import data.lib.age

_subject := input.related.network_subject

fail contains {
	"path": "/spec/podSelector",
	"message": "Its podSelector matches no pod and no pod template of its namespace.",
	"evidence": {"selector": input.spec.podSelector},
} if {
	_old
	not _subject.unread
}

unknown contains sprintf("It may select what could not be read: %s.", [_subject.unread]) if _old

skip contains sprintf("It is younger than %s: what it selects may be on its way.", [_grace]) if {
	_subject.created
	not _old
}

_grace := data.parameters.netpol_dangling.grace

_old if age.older(_subject.created, _grace)
