# METADATA
# title: Prometheus is killed while it reads its log
# description: >-
#   After a restart Prometheus reads its write-ahead log, for minutes where there is much of it, and answers on
#   /-/ready only afterwards. A liveness probe there, or a startup probe that gives up early, ends it before it is
#   done, again and again.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/management_api/
#   - ref: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
# custom:
#   severity: medium
#   category: stack
#   kinds: [long_running]
#   remediation: >-
#     Ask /-/healthy for liveness and /-/ready for readiness, and let a startup probe on /-/ready wait for 15 minutes.
#   parameters:
#     seconds: {default: 300, description: How long a startup probe on /-/ready waits at least.}
package k8s.prometheus_killed_while_starting

import data.lib.prometheus

_body := prometheus.container.body

fail contains _finding("livenessProbe", "its liveness probe asks /-/ready, and no startup probe comes before it", {}) if {
	_asks_ready("livenessProbe")
	not _body.startupProbe
}

fail contains _finding("startupProbe", sprintf("its startup probe gives up after %d s", [_waits]), {"seconds": _waits}) if {
	_asks_ready("startupProbe")
	_waits < data.parameters.prometheus_killed_while_starting.seconds
}

skip contains prometheus.absent

_asks_ready(probe) if endswith(_body[probe].httpGet.path, "/-/ready")

_waits := _setting("initialDelaySeconds", 0) + (_setting("periodSeconds", 10) * _setting("failureThreshold", 3))

_setting(name, preset) := object.get(_body.startupProbe, name, preset)

_finding(probe, says, more) := {
	"path": sprintf("%s/%s", [prometheus.path, probe]),
	"message": sprintf("%s: %s.", [prometheus.who, says]),
	"evidence": object.union({"asks": "/-/ready"}, more),
}
