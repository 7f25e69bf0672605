package lib.configuration_test

import data.lib.configuration

_container := {
	"name": "server",
	"body": {"volumeMounts": [
		{"name": "config", "mountPath": "/etc/server"},
		{"name": "secret", "mountPath": "/etc/server/inner"},
	]},
}

_file(more) := object.union({"container": "server", "volume": "config", "path": "/etc/server/a.yml", "source": "a.yml of ConfigMap server"}, more)

_document(files) := {
	"pod": {"spec": {"volumes": [{"name": "config", "configMap": {"name": "server"}}, {"name": "secret", "secret": {}}]}},
	"related": {"configuration_files": {"total": count(files), "items": files}},
}

_set := {"settings": {"target": "all"}}

test_settings[path] if {
	some path in ["/etc/server/a.yml", "/etc/server//./a.yml", "a.yml"]
	configuration.settings(_container, path, "/etc/server") == {"target": "all"} with input as _document([_file(_set)])
	not configuration.unread(_container, path, "/etc/server") with input as _document([_file(_set)])
}

_unknown(path, place) := sprintf("What stands in the file %s is not known: it lies %s.", [path, place])

_on_config := "on volume config, of the kind configMap"

test_unread[note] if {
	some note, [path, file, want] in {
		"another file": ["/etc/server/b.yml", _file(_set), _unknown("/etc/server/b.yml", _on_config)],
		"another container": ["/etc/server/a.yml", _file({"container": "x"}), _unknown("/etc/server/a.yml", _on_config)],
		"hidden by another volume": [
			"/etc/server/inner/a.yml",
			_file(object.union(_set, {"path": "/etc/server/inner/a.yml"})),
			_unknown("/etc/server/inner/a.yml", "on volume secret, of the kind secret"),
		],
		"on no volume": ["/etc/a.yml", _file(_set), _unknown("/etc/a.yml", "in the container itself")],
		"broken": ["/etc/server/a.yml", _file({"fault": "line 3: why"}), "a.yml of ConfigMap server cannot be read: line 3: why."],
	}
	document := _document([file])
	configuration.unread(_container, path, "/home") == want with input as document
	not configuration.settings(_container, path, "/home") with input as document
}

test_nothing_was_read if {
	document := object.remove(_document([]), ["related"])
	configuration.unread(_container, "/etc/server/a.yml", "/") == _unknown("/etc/server/a.yml", _on_config) with input as document
}

test_text if {
	configuration.text("30d") == "30d"
	configuration.text(0) == "0"
	configuration.text(true) == "true"
	not configuration.text("")
}
