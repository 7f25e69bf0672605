package k8s.loki_retention_short_test

import data.k8s.loki_retention_short

_of(args, settings) := {
	"meta": {"kind": "StatefulSet", "name": "loki"},
	"pod": {"spec": {"volumes": [{"name": "config", "configMap": {"name": "loki"}}]}},
	"containers": [{
		"name": "logs",
		"role": "app",
		"path": "/c",
		"body": {
			"image": "grafana/loki:3.5.0",
			"args": array.concat(["-config.file=/config/a.yaml"], args),
			"volumeMounts": [{"name": "config", "mountPath": "/config"}],
		},
	}],
	"related": {"configuration_files": {"total": 1, "items": [{"container": "logs", "volume": "config", "path": "/config/a.yaml", "settings": settings}]}},
}

_compactor := {"compactor": {"retention_enabled": true, "delete_request_store": "s3"}}

_period(time) := {"limits_config": {"retention_period": time}}

_other_program := object.union(_of([], {}), {"containers": []})

_missing := "What stands in the file /config/a.yaml is not known: it lies on volume config, of the kind configMap."

_unread := object.remove(_of([], {}), ["related"])

_tenants := {"runtime_config": {"file": "/tenants"}}

_tenants_missing := "What stands in the file /tenants is not known: it lies in the container itself."

_less(time) := sprintf("Container logs keeps logs for %s, less than 30d.", [time])

_kept(time) := object.union(_compactor, _period(time))

# messages, skip, unknown
_cases := {
	"just so": [_of([], _kept("30d")), set(), set(), set()],
	"short": [_of([], _kept("719h")), {_less("719h")}, set(), set()],
	"for ever": [_of([], _kept("0s")), set(), set(), set()],
	"short stream": [_of([], object.union(_kept("1y"), {"limits_config": {"retention_stream": [{"period": "1d"}]}})), {_less("1d")}, set(), set()],
	"not enforced": [_of([], _period("1d")), set(), {"It deletes no logs."}, set()],
	"another part": [_of(["-target=read"], _kept("1d")), set(), {"Its Loki has the target read, which deletes no logs."}, set()],
	"another part that is idle": [_of(["-target=read"], {}), set(), {"Its Loki has the target read, which deletes no logs."}, set()],
	"another part, tenants unknown": [
		_of(["-target=read"], object.union(_kept("1y"), _tenants)),
		set(), {"Its Loki has the target read, which deletes no logs."}, set(),
	],
	"another part, file unknown": [
		object.remove(_of(["-target=read"], {}), ["related"]),
		set(), {"Its Loki has the target read, which deletes no logs."}, set(),
	],
	"another program": [_other_program, set(), {"It runs no Loki."}, set()],
	"file unknown": [_unread, set(), set(), {_missing}],
	"switch unknown": [
		_of(["-compactor.retention-enabled=$(ON)"], _period("1d")),
		set(), set(), {"compactor.retention_enabled is $(ON), which is neither true nor false."},
	],
	"one time unknown": [
		_of([], object.union(_kept("1d"), {"limits_config": {"retention_stream": [{"period": "x"}]}})),
		set(), set(), {"limits_config.retention_stream[0] is x, which is no duration."},
	],
	"tenants unknown": [_of([], object.union(_kept("30d"), _tenants)), set(), set(), {_tenants_missing}],
	"tenants unknown, and short": [_of([], object.union(_kept("1d"), _tenants)), {_less("1d")}, set(), {_tenants_missing}],
	"tenants unknown, not enforced": [_of([], object.union(_period("1d"), _tenants)), set(), {"It deletes no logs."}, set()],
}

test_verdict[note] if {
	some note, [document, messages, skipped, untold] in _cases
	found := loki_retention_short.fail with input as document
	{one.message | some one in found} == messages
	loki_retention_short.skip == skipped with input as document
	loki_retention_short.unknown == untold with input as document
}

test_finding if {
	loki_retention_short.fail == {{
		"path": "/c",
		"message": _less("7d"),
		"evidence": {"setting": "limits_config.retention_period", "time": "7d"},
	}} with input as _of([], _kept("7d"))
}
