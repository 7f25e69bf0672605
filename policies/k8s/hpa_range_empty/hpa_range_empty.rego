# METADATA
# title: HorizontalPodAutoscaler without room to scale
# description: >-
#   minReplicas and maxReplicas leave one number only, so the autoscaler holds it whatever the load
#   is. Whoever relies on it to scale will find out under load.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
# custom:
#   severity: low
#   category: availability
#   kinds: [HorizontalPodAutoscaler]
#   remediation: Raise maxReplicas above minReplicas, or delete the autoscaler and set replicas.
#   same_as: [hpaMaxAvailability]
package k8s.hpa_range_empty

fail contains {
	"path": "/spec",
	"message": sprintf("Autoscaler %s cannot scale: minReplicas is %d, maxReplicas %d.", [input.meta.name, least, most]),
	"evidence": {"minReplicas": least, "maxReplicas": most},
} if {
	least := input.spec.minReplicas
	most := input.spec.maxReplicas
	least >= most
}
