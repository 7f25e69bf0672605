package lib.backend_test

import data.lib.backend

_hook := {"namespace": "guard", "name": "hook"}

_document(facts) := {"related": {"backends": {"total": 2, "items": [
	{"namespace": "guard", "name": "other", "found": false},
	{"namespace": "shop", "name": "hook", "found": false},
	object.union(_hook, facts),
]}}}

_there := {"found": true, "ports": [443, "https"]}

# port, what is told of the Service, why nobody answers
_cases := {
	"not there": [443, {"found": false}, {"does not exist"}],
	"no such port": [8443, _there, {"has no port 8443"}],
	"no port of that name": ["metrics", _there, {"has no port metrics"}],
	"no such port, and nobody": [8443, object.union(_there, {"endpoints": {"total": 0, "ready": 0}}), {"has no port 8443"}],
	"nobody": [443, object.union(_there, {"endpoints": {"total": 0, "ready": 0}}), {"has no endpoint that is ready"}],
	"nobody is ready": ["https", object.union(_there, {"endpoints": {"total": 2, "ready": 0}}), {"has no endpoint that is ready"}],
	"somebody is ready": [443, object.union(_there, {"endpoints": {"total": 2, "ready": 1}}), set()],
	"in manifests": ["https", _there, set()],
	"elsewhere": [443, {"found": true, "external": true}, set()],
	"not told": [443, {}, set()],
}

test_fault[note] if {
	some note, [port, facts, want] in _cases
	faults := {backend.fault(object.union(_hook, {"port": port})) | true} with input as _document(facts)
	faults == want
}

test_untold if {
	backend.untold(_hook) with input as _document({})
	backend.untold({"namespace": "x", "name": "hook"}) with input as _document({"found": true})
	not backend.untold(_hook) with input as _document({"found": false})
	not backend.untold(_hook) with input as _document({"found": true})
}

_reason := "The manifests hold none of its Services, and the cluster may have them."

test_none_told if {
	backend.none_told({_hook}) == _reason with input as _document({})
	not backend.none_told({_hook}) with input as _document({"found": true})
	not backend.none_told({_hook, {"namespace": "guard", "name": "other"}}) with input as _document({})
	not backend.none_told(set()) with input as _document({})
}
