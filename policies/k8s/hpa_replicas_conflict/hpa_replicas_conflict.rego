# METADATA
# title: Replicas set by hand and by a HorizontalPodAutoscaler
# description: >-
#   A manifest that sets spec.replicas resets, with every deployment, what the autoscaler has chosen:
#   at the worst time the workload shrinks to the number in a file. Who owns the field is recorded in
#   managedFields, and what kubectl applies in an annotation.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling
# custom:
#   severity: [medium, low]
#   category: availability
#   kinds: [Deployment, StatefulSet]
#   needs: [replicas]
#   remediation: >-
#     Remove spec.replicas from the manifest. First hand the field over (kubectl apply
#     edit-last-applied, or an apply by another manager), else it falls back to 1 for a moment.
package k8s.hpa_replicas_conflict

_scalers := input.related.replicas.autoscalers.items

_set_by := input.meta.set_by.replicas

fail contains {
	"path": "/spec/replicas",
	"message": sprintf("HorizontalPodAutoscaler %s scales it, and %s.", [_scalers[0].name, what]),
	"severity": severity,
	"evidence": {"autoscalers": [one.name | some one in _scalers], "set_by": _set_by},
	"related": [{"kind": "HorizontalPodAutoscaler", "namespace": input.meta.namespace, "name": one.name} |
		some one in _scalers
	],
} if {
	[what, severity] := _fault
}

skip contains "No HorizontalPodAutoscaler targets it." if count(_scalers) == 0

_fault := [sprintf("kubectl apply sets %d replicas each time", [number]), "medium"] if {
	number := _set_by.applied
} else := [sprintf("%s applies a number of replicas", [manager]), "medium"] if {
	manager := _owners("Apply")[0]
} else := [sprintf("its manifest sets %d replicas", [number]), "medium"] if {
	number := _set_by.declared
} else := [sprintf("%s has set its replicas after it scaled", [manager]), "low"] if {
	# scaling takes the field from whoever has it: who has it now has taken it back
	manager := _owners("Update")[0]
	some one in _scalers
	time.parse_rfc3339_ns(one.scaled) > time.parse_rfc3339_ns(input.meta.created)
}

_owners(operation) := [one.manager |
	some one in _set_by.managers
	one.operation == operation
	not one.subresource
]
