# METADATA
# title: Prometheus can be changed through its own address
# description: >-
#   Prometheus asks nobody who they are. With these flags whoever reaches its port may end it, delete what it has
#   stored, or write samples that never were, and alerts with them. The flag for reloading opens /-/quit too.
# related_resources:
#   - ref: https://prometheus.io/docs/operating/security/
#   - ref: https://prometheus.io/docs/prometheus/latest/querying/api/#tsdb-admin-apis
# custom:
#   severity: [high, medium]
#   category: stack
#   kinds: [long_running, Prometheus]
#   remediation: >-
#     Leave the flag out. config-reloader reloads by a signal too (--reload-method=signal); what must write or
#     delete does so through a proxy that knows who it is.
package k8s.prometheus_control_api_enabled

import data.lib.prometheus

fail contains {
	"path": prometheus.path,
	"key": name,
	"message": sprintf("%s: %s lets whoever reaches its port %s.", [prometheus.who, name, lets]),
	"severity": severity,
	"evidence": {"set": name},
} if {
	some name, [severity, lets] in _given
}

skip contains prometheus.absent

skip contains "It listens for its own pod only." if prometheus.loopback

unknown contains prometheus.line_unread[_] if not prometheus.loopback

_given[name] := _flags[name] if {
	some name in prometheus.line
	not prometheus.loopback
}

_given[name] := _fields[name] if {
	prometheus.own
	some name, true in input.spec
}

_flags := {
	"--web.enable-admin-api": ["high", "delete its samples"],
	"--web.enable-lifecycle": ["medium", "reload its configuration, or end it"],
	"--web.enable-otlp-receiver": ["medium", "write samples into it"],
	"--web.enable-remote-write-receiver": ["medium", "write samples into it"],
	"--enable-feature=remote-write-receiver": ["medium", "write samples into it"],
}

_fields := {
	"enableAdminAPI": ["high", "delete its samples"],
	"enableOTLPReceiver": ["medium", "write samples into it"],
	"enableRemoteWriteReceiver": ["medium", "write samples into it"],
}
