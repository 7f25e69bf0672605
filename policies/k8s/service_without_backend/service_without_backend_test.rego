package k8s.service_without_backend_test

import data.k8s.service_without_backend

_document(kind, namespace, spec, facts, live) := {
	"meta": {"kind": kind, "namespace": namespace, "name": "web"},
	"spec": spec,
	"cluster": {"live": live},
	"related": {"backends": {"items": [object.union({"namespace": "shop", "name": "web"}, facts)]}},
}

_service(facts, live) := _document("Service", "shop", {"selector": {"app": "web"}}, facts, live)

_behind(total) := {"found": true, "ports": [80], "endpoints": {"total": total, "ready": 0}}

_nobody := {
	"path": "/spec/selector",
	"message": "Nobody answers behind Service web: it has no endpoint.",
	"evidence": {"selector": {"app": "web"}},
}

_manifest := "Manifests do not tell what is behind a Service."

_services := {
	"nobody": [_behind(0), true, {_nobody}, set()],
	"somebody": [_behind(1), true, set(), set()],
	"a name elsewhere": [{"found": true, "external": true}, true, set(), {"It is a name elsewhere."}],
	"a manifest": [{"found": true, "ports": [80]}, false, set(), {_manifest}],
}

test_service[note] if {
	some note, [facts, live, failing, skips] in _services
	verdict := [service_without_backend.fail, service_without_backend.skip] with input as _service(facts, live)
	verdict == [failing, skips]
}

test_service_without_selector if {
	document := _document("Service", "shop", {}, _behind(0), true)
	{finding.evidence.selector | some finding in service_without_backend.fail} == {{}} with input as document
}

_to(port) := {"service": {"name": "web", "port": port}}

_rule(host, path, port) := {"rules": [
	{"host": "x.example.com"},
	object.union(host, {"http": {"paths": [{"path": "/", "backend": {"resource": {}}}, object.union(path, {"backend": _to(port)})]}}),
]}

_finding(path, requests, port, fault) := {
	"path": path,
	"message": sprintf("Requests to %s find nobody: Service web %s.", [requests, fault]),
	"evidence": {"service": {"namespace": "shop", "name": "web", "port": port}},
}

_place := "/spec/rules/1/http/paths/1/backend/service"

_host := {"host": "shop.example.com"}

_gone := {"found": false}

_untold := "The manifests hold none of its Services, and the cluster may have them."

_default := {"defaultBackend": _to({"number": 80})}

# spec, what is told of the Service, findings, why it is left out
_ingresses := {
	"not there": [
		_rule(_host, {"path": "/api"}, {"number": 80}),
		_gone,
		{_finding(_place, "shop.example.com/api", 80, "does not exist")},
		set(),
	],
	"any host": [_rule({}, {}, {"name": "http"}), _gone, {_finding(_place, "any host/", "http", "does not exist")}, set()],
	"no such port": [
		_rule(_host, {}, {"name": "http"}),
		_behind(1),
		{_finding(_place, "shop.example.com/", "http", "has no port http")},
		set(),
	],
	"default": [_default, _gone, {_finding("/spec/defaultBackend/service", "any other host", 80, "does not exist")}, set()],
	"nobody ready": [
		_default,
		_behind(0),
		{_finding("/spec/defaultBackend/service", "any other host", 80, "has no endpoint that is ready")},
		set(),
	],
	"in a manifest": [_default, {}, set(), {_untold}],
	"a name elsewhere": [_default, {"found": true, "external": true}, set(), set()],
	"leads to no Service": [{"rules": [{"host": "x"}]}, _gone, set(), set()],
}

test_ingress[note] if {
	some note, [spec, facts, failing, skips] in _ingresses
	document := _document("Ingress", "shop", spec, facts, false)
	verdict := [service_without_backend.fail, service_without_backend.skip] with input as document
	verdict == [failing, skips]
}

test_ingress_of_the_default_namespace if {
	document := object.union(_document("Ingress", "", _default, {}, true), {"related": {"backends": {"items": [{
		"namespace": "default",
		"name": "web",
		"found": false,
	}]}}})
	count(service_without_backend.fail) == 1 with input as document
}
