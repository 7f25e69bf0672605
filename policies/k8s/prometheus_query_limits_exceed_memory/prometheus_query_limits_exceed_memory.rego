# METADATA
# title: Queries may take more memory than Prometheus has
# description: >-
#   A query may load as many samples as it is allowed, of 16 bytes each, and as many queries as are allowed run at
#   once. Where that is more than the limit of the memory, dashboards that many people open end Prometheus.
# related_resources: [{ref: "https://prometheus.io/docs/prometheus/latest/command-line/prometheus/"}]
# custom:
#   severity: low
#   category: stack
#   kinds: [long_running, Prometheus]
#   remediation: >-
#     Lower --query.max-concurrency and --query.max-samples, or maxConcurrency and maxSamples under spec.query,
#     until their product times 16 bytes fits, or raise the limit of the memory.
package k8s.prometheus_query_limits_exceed_memory

import data.lib.flags
import data.lib.prometheus
import data.lib.quantity

_bytes := (_concurrency * _samples) * 16

fail contains {
	"path": prometheus.path,
	"key": "queries",
	"message": sprintf("%s: queries may take %d MiB, its memory is limited to %v.", [prometheus.who, round(_bytes / 1048576), _limit]),
	"evidence": {"concurrency": _concurrency, "samples": _samples, "memory": _limit},
} if {
	count(prometheus.line_unread) == 0
	_bytes * 1000000000 > quantity.nano(_limit)
}

skip contains prometheus.absent

skip contains "Nothing limits its memory." if {
	not prometheus.absent
	not _limit
}

unknown contains prometheus.line_unread[_] if _limit

unknown contains "Its limits of queries cannot be told." if {
	_limit
	count(prometheus.line_unread) == 0
	not _bytes
}

_limit := prometheus.container.body.resources.limits.memory

_limit := input.spec.resources.limits.memory if prometheus.own

_concurrency := _number("--query.max-concurrency", "maxConcurrency", 20)

_samples := _number("--query.max-samples", "maxSamples", 50000000)

_number(_, field, preset) := object.get(input.spec, ["query", field], preset) if prometheus.own

_number(flag, _, preset) := to_number(given[count(given) - 1]) if {
	given := array.concat([sprintf("%d", [preset])], flags.values(prometheus.line, {flag}))
	regex.match(`^[0-9]{1,18}$`, given[count(given) - 1])
}
