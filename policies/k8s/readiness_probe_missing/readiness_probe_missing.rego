# METADATA
# title: Container without a readiness probe behind a Service
# description: >-
#   A Service sends requests to a pod as soon as its containers run, unless a readiness probe says that
#   they cannot answer yet, or no more. Without one every start and every overload is a time of errors.
#   A startup probe says nothing afterwards.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes
# custom:
#   severity: medium
#   category: availability
#   kinds: [long_running]
#   needs: [services]
#   remediation: >-
#     Give the container a readinessProbe that asks what it needs to answer requests, and not whether
#     others are well on which it depends.
#   same_as: [C-0018, readinessProbeMissing, no-readiness-probe]
#   parameters:
#     only_service_backed: {default: true, description: Whether only pods behind a Service are judged}
#     one_per_pod: {default: false, description: Whether one container with a probe is enough for a pod}
package k8s.readiness_probe_missing

_parameters := data.parameters.readiness_probe_missing

fail contains {
	"path": sprintf("%s/readinessProbe", [container.path]),
	"message": sprintf("Container %s has no readiness probe: it counts as ready as soon as it runs.", [container.name]),
	"evidence": {"container": container.name, "role": container.role, "services": _services},
} if {
	some container in input.containers
	not container.body.readinessProbe
	container.role in {"app", "sidecar"} # no others may have one
	not _spared(container)
	count(skip) == 0
}

# another container answers for the pod: by parameter, or because this one names no port
_spared(_) if {
	_parameters.one_per_pod
	_answered
}

_spared(container) if {
	count(object.get(container.body, "ports", [])) == 0
	_answered
}

_answered if {
	some container in input.containers
	container.body.readinessProbe
}

_services := [one.name | some one in input.related.services; not one.publishNotReadyAddresses]

skip contains "No Service waits for its pods to be ready." if {
	_parameters.only_service_backed
	_services == []
}

skip contains "It runs to its end." if input.pod.spec.restartPolicy != "Always"
