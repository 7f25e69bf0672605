package k8s.netpol_service_unreachable_test

import data.k8s.netpol_service_unreachable

_told(items) := {"total": count(items), "items": items}

_document(facts) := {"related": {"service_reach": {name: _told(object.get(facts, name, [])) |
	some name in ["nobody", "closed", "unknown"]
}}}

_policies := ["ingress: NetworkPolicy shop/db isolates"]

_shut := {"port": "TCP 80", "at": 1, "policies": _policies}

_web := "Deployment shop/web"

_closed(at, port) := {"port": port, "at": at, "caller": _web, "policies": _policies}

_kept(path, port) := {
	"path": path,
	"key": sprintf("Deployment shop/web %s", [port]),
	"message": sprintf("Deployment shop/web calls it, and policies keep it from all pods behind %s.", [port]),
	"evidence": {"caller": _web, "policies": _policies},
}

_finding(message) := {"path": "/spec/ports/1", "message": message, "evidence": {"policies": _policies}}

_cases := {
	"open": [{}, set()],
	"nobody": [{"nobody": [_shut]}, {_finding("No pod behind it lets anybody in at TCP 80.")}],
	"the wrong port": [
		{"nobody": [object.union(_shut, {"open": true})]},
		{_finding(concat("", [
			"No pod behind it lets anybody in at TCP 80: policies open the number of its own port, ",
			"and the pods listen on another.",
		]))},
	],
	"a caller at a port": [{"closed": [_closed(0, "TCP 80")]}, {_kept("/spec/ports/0", "TCP 80")}],
}

test_verdict[note] if {
	some note, [facts, failing] in _cases
	verdict := [netpol_service_unreachable.fail, netpol_service_unreachable.unknown] with input as _document(facts)
	verdict == [failing, set()]
}

test_unknown if {
	found := netpol_service_unreachable.unknown with input as _document({"unknown": [{"caller": "anybody", "why": "why"}]})
	found == {"Whether policies let anybody in is not known: why."}
}
