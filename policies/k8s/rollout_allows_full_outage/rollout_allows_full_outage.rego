# METADATA
# title: Rollout may take every pod at once
# description: >-
#   maxUnavailable says how many pods a rolling update may take away before new ones are ready. Here
#   that is all of them: each release is an outage, and one that never becomes ready is a long one.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
# custom:
#   severity: [medium, info]
#   category: availability
#   kinds: [Deployment, StatefulSet, DaemonSet]
#   remediation: Set maxUnavailable to 1, or to a share that leaves enough pods to serve.
package k8s.rollout_allows_full_outage

import data.lib.cluster
import data.lib.rollout

_field := {"Deployment": "strategy", "StatefulSet": "updateStrategy", "DaemonSet": "updateStrategy"}[input.meta.kind]
_rolling := input.spec[_field].rollingUpdate if input.spec[_field].type == "RollingUpdate"

fail contains {
	"path": path,
	"message": sprintf("A rollout of %s may take all its pods at once: maxUnavailable is %v.", [input.meta.name, asked]),
	"evidence": object.union({"maxUnavailable": asked}, _resolved),
	"patch": [{"op": "replace", "path": path, "value": 1}],
} if {
	asked := _rolling.maxUnavailable
	_all(asked)
	not _ignored
	path := sprintf("/spec/%s/rollingUpdate/maxUnavailable", [_field])
}

fail contains {
	"path": "/spec/updateStrategy/type",
	"message": sprintf("Pods of %s are replaced when somebody deletes them, however many at once.", [input.meta.name]),
	"severity": "info",
} if _manual == "StatefulSet"

# whatever the number of pods is, which an autoscaler may set; a smaller share is never all of them
_all(asked) if rollout.percent(asked) >= 100

_all(asked) if {
	is_number(asked)
	asked >= input.spec.replicas
	input.spec.replicas >= 2
}

_resolved := object.union({"replicas": n}, rollout.fenceposts(n, surge, _rolling.maxUnavailable)) if {
	[n, surge] := [input.spec.replicas, object.get(_rolling, "maxSurge", 0)]
} else := {}

_ignored if cluster.minor < {"StatefulSet": 37}[input.meta.kind]
_manual := input.meta.kind if input.spec[_field].type != "RollingUpdate"

skip contains "Before v1.37 maxUnavailable counts only with a feature gate, MaxUnavailableStatefulSet." if {
	_rolling.maxUnavailable
	_ignored
}

skip contains "There is no rolling update of its pods." if _manual != "StatefulSet"
