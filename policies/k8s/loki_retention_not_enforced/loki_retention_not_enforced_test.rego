package k8s.loki_retention_not_enforced_test

import data.k8s.loki_retention_not_enforced

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

_idle := "Container logs is told to keep logs for 30d and deletes none: compactor.retention_enabled is not true."

_for_ever := "Container logs keeps logs for ever: no retention is set."

_no_store := "Container logs does not start: it deletes logs, and compactor.delete_request_store is missing."

# messages, skip, unknown
_cases := {
	"enforced": [_of([], object.union(_compactor, _period("30d"))), set(), set(), set()],
	"declared only": [_of([], _period("30d")), {_idle}, set(), set()],
	"nothing": [_of([], {}), {_for_ever}, set(), set()],
	"no period": [_of([], _compactor), {_for_ever}, set(), set()],
	"no store": [_of(["-compactor.retention-enabled"], _period("30d")), {_no_store}, set(), set()],
	"no store, and no period": [_of(["-compactor.retention-enabled"], {}), {_no_store, _for_ever}, set(), set()],
	"another part": [_of(["-target=read"], {}), set(), {"Its Loki has the target read, which deletes no logs."}, set()],
	"another part, file unknown": [object.remove(_of(["-target=read"], {}), ["related"]), set(), {"Its Loki has the target read, which deletes no logs."}, set()],
	"another part, tenants unknown": [_of(["-target=read"], _tenants), set(), {"Its Loki has the target read, which deletes no logs."}, set()],
	"another program": [_other_program, set(), {"It runs no Loki."}, set()],
	"table manager": [
		_of([], object.union(_period("30d"), {"table_manager": {"retention_deletes_enabled": true}})),
		set(), set(), {"Whether its table manager deletes logs depends on its index."},
	],
	"file unknown": [_unread, set(), set(), {_missing}],
	"tenants unknown": [_of([], object.union(_compactor, _tenants)), set(), set(), {_tenants_missing}],
	"tenants unknown, and declared": [_of([], object.union(_period("30d"), _tenants)), {_idle}, set(), set()],
}

test_verdict[note] if {
	some note, [document, messages, skipped, untold] in _cases
	found := loki_retention_not_enforced.fail with input as document
	{one.message | some one in found} == messages
	loki_retention_not_enforced.skip == skipped with input as document
	loki_retention_not_enforced.unknown == untold with input as document
}

test_finding if {
	loki_retention_not_enforced.fail == {{
		"path": "/c",
		"key": "logs/not enforced",
		"message": _idle,
		"evidence": {"retention_enabled": "false", "limits_config.retention_period": "30d"},
	}} with input as _of([], _period("30d"))
	loki_retention_not_enforced.fail == {{
		"path": "/c",
		"key": "logs/for ever",
		"message": _for_ever,
		"evidence": {"retention_enabled": "false"},
	}} with input as _of([], {})
}

test_key_without_a_store if {
	[found] := [one | some one in loki_retention_not_enforced.fail] with input as _of(["-compactor.retention-enabled"], _period("30d"))
	found.key == "logs/no store"
}

test_allowed if {
	loki_retention_not_enforced.fail == set() with input as _of([], {})
		with data.parameters.loki_retention_not_enforced as {"allow_unlimited": true}
}
