# METADATA
# title: Prometheus or Alertmanager is served without TLS
# description: >-
#   What monitoring knows about a cluster is a map for who wants to break into it, and silences and queries travel
#   with it. Without TLS anybody on the way reads and changes them; TLS 1.0 and 1.1 are broken.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/https/
#   - ref: https://www.rfc-editor.org/rfc/rfc8996
# custom:
#   severity: medium
#   category: stack
#   kinds: [long_running, Prometheus, Alertmanager]
#   excuses: [configuration_files]
#   remediation: >-
#     Give --web.config.file a file with tls_server_config, or spec.web.tlsConfig to the operator's object, or let it
#     listen on 127.0.0.1 behind a proxy in the same pod that speaks TLS.
package k8s.monitoring_tls_missing

import data.lib.listener

fail contains {
	"path": listener.path,
	"key": "tls",
	"message": sprintf("%s listens without TLS.", [listener.who]),
	"evidence": {"tls": false},
} if {
	_judged
	not listener.tls
}

fail contains {
	"path": listener.path,
	"key": "version",
	"message": sprintf("%s speaks %s, which is broken.", [listener.who, listener.oldest]),
	"evidence": {"oldest": listener.oldest},
} if {
	_judged
	listener.oldest in {"TLS10", "TLS11"}
}

skip contains listener.absent

unknown contains listener.unread[_]

_judged if {
	not listener.absent
	count(listener.unread) == 0
}
