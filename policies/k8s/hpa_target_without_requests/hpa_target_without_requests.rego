# METADATA
# title: HorizontalPodAutoscaler whose target has no requests
# description: >-
#   A utilization is a share of what containers request. If an app or sidecar container, an injected
#   one too, requests nothing, it cannot be computed, and the controller scales no more.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-resource-metrics
# custom:
#   severity: [high, medium]
#   category: availability
#   kinds: [HorizontalPodAutoscaler]
#   needs: [target, requests]
#   excuses: [limit_range]
#   supersedes: [hpa_not_scaling]
#   remediation: Request the resource in all containers of the target, or use averageValue in place of it.
package k8s.hpa_target_without_requests

_requests := input.related.requests

fail contains {
	"path": sprintf("/spec/metrics/%d", [metric.index]),
	"severity": _severity,
	"message": sprintf("Its utilization of %s cannot be computed: %s.", [metric.resource, _why(metric)]),
	"evidence": metric,
} if {
	some metric in _broken
}

skip contains "Its target is not there." if input.related.target.exists == false

unknown contains "What the pods of its target request is not known." if {
	not _requests.known
	count(skip) == 0
	some metric in input.spec.metrics
	some type in ["resource", "containerResource"]
	metric[type].target.averageUtilization
}

_broken := [metric |
	some metric in _requests.metrics.items
	count(metric.missing) > 0
	not _given(metric)
]

# with one metric that works it still scales up, but not down
_severity := "medium" if count(_broken) < count(input.spec.metrics)

else := "high"

# what a limit range gives, live pods have already
_given(metric) if {
	metric.template
	not metric.absent
	input.related.limit_range.defaultRequest[metric.resource]
}

_why(metric) := sprintf("there is no %s", [concat(", ", metric.missing)]) if {
	metric.absent
} else := sprintf("%s requests none", [concat(", ", metric.missing)])
