# METADATA
# title: How Prometheus and Alertmanager listen
# description: >-
#   From the file that --web.config.file names, or from an object of their operator. For policies that judge
#   workloads and both kinds of the operator, and can do without configuration_files.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/configuration/https/
#   - ref: https://prometheus-operator.dev/docs/api-reference/api/
package lib.listener

import data.lib.configuration
import data.lib.flags
import data.lib.program

_homes := {"alertmanager": "/alertmanager", "prometheus": "/prometheus"}

_own if input.meta.kind in {"Prometheus", "Alertmanager"}

_found := [[name, container] | some name in ["prometheus", "alertmanager"]; some container in program.containers(name)][0]

# METADATA
# title: Why there is none to judge
absent := "It runs neither Prometheus nor Alertmanager." if {
	not _own
	not _found
} else := program.made_from if {
	not _own
} else := "It listens for its own pod only." if _inside

# METADATA
# title: The pointer, and the words that begin a message
path := "/spec" if _own

path := _found[1].path

who := sprintf("%s %s", [input.meta.kind, input.meta.name]) if _own

who := sprintf("Container %s", [_found[1].name])

_line := flags.words(_found[1], _found[0])

_inside if input.spec.listenLocal == true

_inside if {
	given := flags.values(_line, {"--web.listen-address"})
	count(given) > 0
	every address in given {
		regex.match(`^(?:127\.[0-9.]+|localhost|\[::1\]):`, address)
	}
}

# METADATA
# title: Whether it speaks TLS
# description: Of a container only where `unread` is empty.
tls if input.spec.web.tlsConfig

tls if _settings.tls_server_config

# METADATA
# title: The oldest version of TLS that it speaks, as TLS13
oldest := object.get(input.spec, ["web", "tlsConfig", "minVersion"], "TLS12") if _own

oldest := object.get(_settings, ["tls_server_config", "min_version"], "TLS12")

# METADATA
# title: The security headers that it sends, in small letters
headers contains lower(name) if some name in _settings.http_server_config.headers

headers contains name if {
	some field, name in _fields
	input.spec.web.httpConfig.headers[field]
}

_fields := {
	"contentSecurityPolicy": "content-security-policy",
	"strictTransportSecurity": "strict-transport-security",
	"xContentTypeOptions": "x-content-type-options",
	"xFrameOptions": "x-frame-options",
	"xXSSProtection": "x-xss-protection",
}

# METADATA
# title: Why it is not known how it listens
unread contains "Its command line, or a part of it, cannot be told." if {
	not _own
	not absent
	not _clear
}

unread contains reason if {
	not absent
	_clear
	file := _files[count(_files) - 1]
	reason := configuration.unread(_found[1], file, _homes[_found[0]])
}

_clear if {
	every word in _line {
		not regex.match(`^(?:@|\$\(|\{hidden\})`, word)
	}
	every file in _files {
		not flags.obscure(file)
	}
}

_files := flags.values(_line, {"--web.config.file"})

# without a file it has no settings of this kind
_settings := {} if {
	count(_files) == 0
} else := configuration.settings(_found[1], _files[count(_files) - 1], _homes[_found[0]])
