package lib.loki_test

import data.lib.loki

_file(path, settings) := {
	"container": "logs",
	"volume": "config",
	"path": sprintf("/etc/loki/%s", [path]),
	"source": sprintf("%s of ConfigMap loki", [path]),
	"settings": settings,
}

_run(body, files) := {
	"meta": {"kind": "StatefulSet", "name": "loki"},
	"pod": {"spec": {"volumes": [{"name": "config", "configMap": {"name": "loki"}}]}},
	"containers": [{
		"name": "logs",
		"role": "app",
		"path": "/c",
		"body": object.union({"image": "grafana/loki:3.5.0", "volumeMounts": [{"name": "config", "mountPath": "/etc/loki"}]}, body),
	}],
	"related": {"configuration_files": {"total": count(files), "items": files}},
}

_set(settings) := _run({}, [_file("local-config.yaml", settings)])

_flags(args, settings) := _run({"args": array.concat(["-config.file=/etc/loki/local-config.yaml"], args)}, [_file("local-config.yaml", settings)])

_and_tenants(settings, overrides) := _run({}, [_file("local-config.yaml", settings), _file("tenants.yaml", {"overrides": overrides})])

default _enforced := false

_enforced if loki.enforced

test_absent[note] if {
	some note, [document, want] in {
		"another program": [_run({"image": "grafana/loki-canary:3.5.0"}, []), "It runs no Loki."],
		"part": [_flags(["-target=read"], {}), "Its Loki has the target read, which deletes no logs."],
		"parts": [_flags(["--target", "read, write"], {}), "Its Loki has the target read, write, which deletes no logs."],
		"part by its file": [_set({"target": "querier"}), "Its Loki has the target querier, which deletes no logs."],
	}
	loki.absent == want with input as document
}

test_not_absent[note] if {
	some note, document in {
		"default": _set({}),
		"all": _set({"target": "all"}),
		"flag before file": _flags(["-target=backend"], {"target": "read"}),
		"one of several": _flags(["-target=read, compactor"], {}),
		"cannot be told": _flags(["-target=$(TARGET)"], {}),
		"file unknown": _run({}, []),
		"another name": _run({"image": "grafana/enterprise-logs:v3", "command": ["/usr/bin/enterprise-logs", "-target=all"]}, []),
	}
	not loki.absent with input as document
}

_compactor(value) := {"compactor": {"retention_enabled": value}}

test_enforced[note] if {
	some note, [document, want] in {
		"default": [_set({}), false],
		"on": [_set(_compactor(true)), true],
		"off": [_set(_compactor(false)), false],
		"text": [_set(_compactor("true")), true],
		"flag alone": [_flags(["-compactor.retention-enabled", "false"], {}), true],
		"flag with a value": [_flags(["--compactor.retention-enabled=1"], {}), true],
		"flag before file": [_flags(["-compactor.retention-enabled=false"], _compactor(true)), false],
		"last flag": [_flags(["-compactor.retention-enabled=false", "-compactor.retention-enabled"], {}), true],
		"other flag": [_flags(["-compactor.retention-enabled-not", "x-compactor.retention-enabled"], {}), false],
	}
	_enforced == want with input as document
	loki.unread == set() with input as document
}

_store(settings) := object.union(_compactor(true), {"compactor": settings})

test_storeless[note] if {
	some note, [document, want] in {
		"missing": [_set(_compactor(true)), true],
		"set": [_set(_store({"delete_request_store": "s3"})), false],
		"empty": [_set(_store({"delete_request_store": ""})), true],
		"by a flag": [_flags(["-compactor.delete-request-store=s3"], _compactor(true)), false],
		"by a flag and the file": [_flags(["-compactor.delete-request-store=s3"], _store({"delete_request_store": "gcs"})), false],
		"not enforced": [_set({}), false],
		"older": [
			object.union(_set(_compactor(true)), {"containers": [{
				"name": "logs",
				"role": "app",
				"path": "/c",
				"body": {"image": "grafana/loki:v2.9.10@sha256:0", "volumeMounts": [{"name": "config", "mountPath": "/etc/loki"}]},
			}]}),
			false,
		],
		"no version": [_run({"image": "grafana/loki"}, [_file("local-config.yaml", _compactor(true))]), false],
		"later": [_run({"image": "grafana/loki:v10.0.1"}, [_file("local-config.yaml", _compactor(true))]), true],
	}
	_storeless == want with input as document
}

default _storeless := false

_storeless if loki.storeless

_streams := [{"period": "24h"}, {"period": 0}, {}]

test_shown[note] if {
	some note, [document, want] in {
		"default": [_set({}), {"limits_config.retention_period": "0s"}],
		"period": [_set({"limits_config": {"retention_period": "30d"}}), {"limits_config.retention_period": "30d"}],
		"number": [_set({"limits_config": {"retention_period": 0}}), {"limits_config.retention_period": "0"}],
		"flag": [_flags(["-store.retention=1d"], {"limits_config": {"retention_period": "30d"}}), {"limits_config.retention_period": "1d"}],
		"streams": [
			_set({"limits_config": {"retention_stream": _streams}}),
			{"limits_config.retention_period": "0s", "limits_config.retention_stream[0]": "24h", "limits_config.retention_stream[1]": "0"},
		],
		"tenants": [
			_and_tenants({"runtime_config": {"file": "/etc/loki/tenants.yaml"}}, {"a": {"retention_period": "1h"}, "b": {"retention_stream": _streams}}),
			{
				"limits_config.retention_period": "0s",
				"overrides.a.retention_period": "1h",
				"overrides.b.retention_stream[0]": "24h",
				"overrides.b.retention_stream[1]": "0",
			},
		],
	}
	loki.shown == want with input as document
	loki.unread == set() with input as document
	loki.tenants_unread == set() with input as document
}

test_tenants_file[note] if {
	some note, [args, settings] in {
		"in the file": [[], {"runtime_config": {"file": "/etc/loki/tenants.yaml"}, "limits_config": {"per_tenant_override_config": "/x"}}],
		"as it was called": [[], {"limits_config": {"per_tenant_override_config": "/etc/loki/tenants.yaml"}}],
		"by a flag": [["-runtime-config.file=/etc/loki/tenants.yaml", "-limits.per-user-override-config=/x"], {"runtime_config": {"file": "/x"}}],
		"by an older flag": [["-limits.per-user-override-config=/etc/loki/tenants.yaml"], {"runtime_config": {"file": "/x"}}],
	}
	document := _run(
		{"args": array.concat(["-config.file=/etc/loki/local-config.yaml"], args)},
		[_file("local-config.yaml", settings), _file("tenants.yaml", {"overrides": {"a": {"retention_period": "1h"}}})],
	)
	loki.shown["overrides.a.retention_period"] == "1h" with input as document
	loki.tenants_unread == set() with input as document
}

test_tenants_unread if {
	document := _set({"runtime_config": {"file": "/run/tenants.yaml"}})
	loki.tenants_unread == {"What stands in the file /run/tenants.yaml is not known: it lies in the container itself."} with input as document
	loki.unread == set() with input as document
}

test_kept if {
	document := _set({"limits_config": {"retention_period": "30d", "retention_stream": _streams}})
	loki.kept == {"limits_config.retention_period": 2592000000000000, "limits_config.retention_stream[0]": 86400000000000} with input as document
	loki.shortest == "limits_config.retention_stream[0]" with input as document
}

test_kept_for_ever if {
	loki.kept == {} with input as _set({})
	not loki.shortest with input as _set({})
}

_unknown(path) := sprintf("What stands in the file %s is not known: it lies in the container itself.", [path])

test_unread[note] if {
	some note, [document, want] in {
		"shell": [_run({"command": ["sh", "-c", "loki"]}, [_file("local-config.yaml", {})]), {"The command line of Loki cannot be told."}],
		"variable": [_flags(["$(MORE)"], {}), {"A part of the command line of Loki cannot be told."}],
		"hidden": [_flags([{"class": "named", "length": 3}], {}), {"A part of the command line of Loki cannot be told."}],
		"file of flags": [_flags(["@/x"], {}), {"A part of the command line of Loki cannot be told."}],
		"variable elsewhere": [_flags(["-log.level=$(LEVEL)"], {}), set()],
		"no file": [_run({"args": ["-config.file=/x.yaml"]}, []), {_unknown("/x.yaml")}],
		"the program's own file": [_run({"args": ["-log.level=warn"]}, []), {_unknown("config.yaml")}],
		"the same with a command": [_run({"command": ["loki"]}, []), {_unknown("config.yaml")}],
		"file by a variable": [_run({"args": ["-config.file=$(FILE)"]}, []), {"Which configuration file Loki reads cannot be told."}],
		"target": [_flags(["-target=$(TARGET)"], {}), {"Its target is $(TARGET), which cannot be told."}],
		"switch": [_set(_compactor("${ON}")), {"compactor.retention_enabled is ${ON}, which is neither true nor false."}],
		"period": [_set({"limits_config": {"retention_period": "${P}"}}), {"limits_config.retention_period is ${P}, which is no duration."}],
		"table manager": [_set({"table_manager": {"retention_deletes_enabled": true}}), {"Whether its table manager deletes logs depends on its index."}],
		"idle table manager": [_set({"table_manager": {"retention_deletes_enabled": false}}), set()],
		"table manager and compactor": [_set(object.union({"table_manager": {"retention_deletes_enabled": true}}, _compactor(true))), set()],
		"another program": [_run({"image": "nginx"}, []), set()],
	}
	loki.unread == want with input as document
}

test_switch_values[value] if {
	some value, on in {
		"true": true, "True": true, "TRUE": true, "t": true, "T": true, "1": true,
		"false": false, "False": false, "FALSE": false, "f": false, "F": false, "0": false,
	}
	document := _flags([sprintf("-compactor.retention-enabled=%s", [value])], {})
	_enforced == on with input as document
	loki.unread == set() with input as document
}

_volume_path(path) := sprintf("What stands in the file %s is not known: it lies on volume config, of the kind configMap.", [path])

test_paths_start_at_the_root if {
	tenants := {"runtime_config": {"file": "etc/loki/tenants.yaml"}}
	document := _run(
		{"args": ["-config.file=etc/loki/local-config.yaml"]},
		[_file("local-config.yaml", tenants), _file("tenants.yaml", {"overrides": {"a": {"retention_period": "1h"}}})],
	)
	loki.shown["overrides.a.retention_period"] == "1h" with input as document
	loki.unread == set() with input as document
	loki.tenants_unread == {_volume_path("etc/loki/tenants.yaml")} with input as _run(
		{"args": ["-config.file=etc/loki/local-config.yaml"]},
		[_file("local-config.yaml", tenants)],
	)
	loki.unread == {_volume_path("etc/loki/none.yaml")} with input as _run({"args": ["-config.file=etc/loki/none.yaml"]}, [])
}
