package lib.service_account_test

import data.lib.example
import data.lib.service_account

_document(case) := object.union(
	example.document(case),
	{"related": {"service_account": object.get(case, "account", {"found": true, "name": "web"})}},
)

_set(value) := {"automountServiceAccountToken": value}

_by := {
	"nobody": [{}, true, "default"],
	"pod": [{"spec": _set(false), "account": _set(true)}, false, "the pod"],
	"pod, yes": [{"spec": _set(true), "account": _set(false)}, true, "the pod"],
	"account": [{"account": _set(false)}, false, "the ServiceAccount"],
	"account, yes": [{"account": _set(true)}, true, "the ServiceAccount"],
	"no account": [{"account": {"found": false}}, true, "default"],
}

test_automount[note] if {
	some note, [case, mounted, who] in _by
	found := service_account.automount with input as _document(case)
	found == {"mounted": mounted, "by": who}
}

_at(path, volume) := {"volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": volume, "mountPath": path}]}

_place := "/var/run/secrets/kubernetes.io/serviceaccount"

_takers := {
	"all": [[{}, _at("/tmp", "tmp"), {}], ["a", "b"]],
	"something else there": [[_at(_place, "token"), {}], ["b"]],
	"the token of a live pod": [[_at(_place, "kube-api-access-x7k2p"), {}], ["a", "b"]],
	"elsewhere": [[_at(concat("", [_place, "s"]), "token")], ["a"]],
	"none": [[_at(_place, "token"), _at(_place, "token")], []],
}

test_takers[note] if {
	some note, [bodies, want] in _takers
	found := service_account.takers with input as _document({"bodies": bodies})
	found == want
}

test_static if {
	case := {"annotations": {"kubernetes.io/config.mirror": "b4f1"}}
	reason := "It is a static pod, made from a file of its node: such pods have no ServiceAccount."
	service_account.static == reason with input as _document(case)
}

test_not_static if not service_account.static with input as _document({"annotations": {"a": "b"}})
