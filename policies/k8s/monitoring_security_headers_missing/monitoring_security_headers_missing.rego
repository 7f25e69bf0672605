# METADATA
# title: Prometheus or Alertmanager sends no security headers
# description: >-
#   Both have pages for browsers. These headers tell a browser to load nothing from elsewhere, to show the page in
#   no other one and not to guess what a file is, so that who slips a link to somebody gains less by it.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/https/
#   - ref: https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
# custom:
#   severity: low
#   category: stack
#   kinds: [long_running, Prometheus, Alertmanager]
#   excuses: [configuration_files]
#   remediation: >-
#     Set them under http_server_config.headers in the file of --web.config.file, or under spec.web.httpConfig.headers
#     of the operator's object; for X-XSS-Protection 0 is right today.
#   parameters:
#     headers:
#       description: The headers that it sends.
#       default: [Content-Security-Policy, X-Content-Type-Options, X-Frame-Options, X-XSS-Protection]
package k8s.monitoring_security_headers_missing

import data.lib.listener

_missing := [name |
	some name in data.parameters.monitoring_security_headers_missing.headers
	not lower(name) in listener.headers
]

fail contains {
	"path": listener.path,
	"key": "headers",
	"message": sprintf("%s sends no %s.", [listener.who, concat(", ", _missing)]),
	"evidence": {"missing": _missing, "sent": sort(listener.headers)},
} if {
	not listener.absent
	count(listener.unread) == 0
	count(_missing) > 0
}

skip contains listener.absent

unknown contains listener.unread[_]
