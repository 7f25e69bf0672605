# METADATA
# title: Autoscaler multiplies a database that does not share its load
# description: >-
#   Each replica of these programs does all the work and keeps its own data. Another one brings no relief: it
#   starts empty, asks every target once more and needs a volume of its own; when it goes, what it kept goes too.
# related_resources:
#   - ref: https://prometheus-operator.dev/docs/platform/high-availability/
#   - ref: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
# custom:
#   severity: medium
#   category: stack
#   kinds: [replicated]
#   needs: [replicas]
#   remediation: >-
#     Give it more memory and CPU, or divide what it is asked (shards); let the autoscaler scale what answers
#     queries and keeps nothing, such as Thanos Query.
#   parameters:
#     programs:
#       default: [prometheus, alertmanager, victoria-metrics, influxdb, postgres, mysql, mariadb, mongo, redis]
#       description: The programs, as their image or command is called.
package k8s.hpa_scales_database

import data.lib.program

_autoscalers := input.related.replicas.autoscalers.items

_found := [[name, container] |
	some name in data.parameters.hpa_scales_database.programs
	some container in program.containers(name)
][0]

fail contains {
	"path": "/spec/replicas",
	"key": "autoscaler",
	"message": sprintf("HorizontalPodAutoscaler %s multiplies %s, of which each replica has data of its own.", [_autoscalers[0].name, name]),
	"evidence": {"container": container.name, "autoscalers": _autoscalers},
	"related": [{"kind": "HorizontalPodAutoscaler", "namespace": input.meta.namespace, "name": one.name} | some one in _autoscalers],
} if {
	[name, container] := _found
	some one in _autoscalers
	one.max > one.min
}

skip contains "It is none of the programs that are told by the parameter." if not _found

skip contains "No autoscaler scales it." if {
	_found
	count(_autoscalers) == 0
}
