# METADATA
# title: Manifest is written in a version that is gone
# description: >-
#   An API server refuses a manifest in a version that its release no longer has. What was applied before goes on
#   working, so that nobody notices until it is applied once more: after an upgrade, or when it is needed most. Only
#   manifests tell: a cluster gives every object in the version in which it is asked for.
# related_resources:
#   - ref: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
# custom:
#   severity: [high, medium]
#   category: stack
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, CronJob, HorizontalPodAutoscaler, PodDisruptionBudget, Ingress]
#   remediation: >-
#     Write it in the version that replaced it. The guide says which fields have changed; kubectl convert rewrites most.
#   same_as: [KSV-0107]
package k8s.api_deprecated_used

# by group-version: the minor release of Kubernetes 1 that no longer has it, and what replaced it; from the guide
_removed := {
	"apps/v1beta1": {"minor": 16, "instead": "apps/v1"},
	"apps/v1beta2": {"minor": 16, "instead": "apps/v1"},
	"networking.k8s.io/v1beta1": {"minor": 22, "instead": "networking.k8s.io/v1"},
	"batch/v1beta1": {"minor": 25, "instead": "batch/v1"},
	"policy/v1beta1": {"minor": 25, "instead": "policy/v1"},
	"autoscaling/v2beta1": {"minor": 25, "instead": "autoscaling/v2"},
	"autoscaling/v2beta2": {"minor": 26, "instead": "autoscaling/v2"},
}

_gone := _removed[input.meta.apiVersion]

fail contains {
	"path": "/apiVersion",
	"message": sprintf("Kubernetes 1.%d and later have no %s; %s replaced it.", [_gone.minor, _version, _gone.instead]),
	"severity": _severity,
	"evidence": {"version": _version, "removed_in": sprintf("1.%d", [_gone.minor]), "instead": _gone.instead},
} if {
	not input.cluster.live
}

skip contains "A cluster does not tell in which version an object was written." if input.cluster.live

_version := input.meta.apiVersion

default _severity := "high"

# meant for a release that still has it
_severity := "medium" if {
	parts := regex.split(`\D+`, input.cluster.version)
	parts[1] == "1"
	to_number(parts[2]) < _gone.minor
}
