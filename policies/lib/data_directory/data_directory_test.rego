package lib.data_directory_test

import data.lib.data_directory

_document := {
	"spec": {"volumeClaimTemplates": [{"metadata": {"name": "other"}}, {"metadata": {"name": "data"}, "spec": {}}]},
	"pod": {"spec": {"volumes": [
		{"name": "scratch", "emptyDir": {}},
		{"name": "data", "emptyDir": {}},
		{"name": "disk", "persistentVolumeClaim": {"claimName": "web"}},
	]}},
}

_mounts := [
	{"name": "scratch", "mountPath": "/data/"},
	{"name": "disk", "mountPath": "/data/long"},
	{"name": "data", "mountPath": "/home/web/store"},
	{"name": "gone", "mountPath": "/gone"},
]

_scratch := {"kind": "emptyDir", "name": "scratch", "source": {}}

_disk := {"kind": "persistentVolumeClaim", "name": "disk", "source": {"claimName": "web"}}

_made := {"kind": "template", "name": "data", "source": {"metadata": {"name": "data"}, "spec": {}}}

# body, path, volume
_cases := {
	"mounted": [{"volumeMounts": _mounts}, "/data", _scratch],
	"below": [{"volumeMounts": _mounts}, "/data/a/b", _scratch],
	"the deeper of two": [{"volumeMounts": _mounts}, "/data/long/tsdb/", _disk],
	"the deeper of two, the other way round": [{"volumeMounts": [_mounts[1], _mounts[0]]}, "/data/long", _disk],
	"only begins alike": [{"volumeMounts": _mounts}, "/data/longer", _scratch],
	"elsewhere": [{"volumeMounts": _mounts}, "/database", {"kind": "none"}],
	"above": [{"volumeMounts": _mounts}, "/", {"kind": "none"}],
	"nothing mounted": [{}, "/data", {"kind": "none"}],
	"in no volume of the pod": [{"volumeMounts": _mounts}, "/gone", {"kind": "unknown", "name": "gone"}],
	"template before volume": [{"volumeMounts": _mounts}, "/home/web/store", _made],
	"relative to the image": [{"volumeMounts": _mounts}, "store/", _made],
	"relative to elsewhere": [{"volumeMounts": _mounts, "workingDir": "/data"}, "long", _disk],
	"absolute, wherever it works": [{"volumeMounts": _mounts, "workingDir": "/data"}, "/long", {"kind": "none"}],
}

test_volume[note] if {
	some note, [body, path, want] in _cases
	data_directory.volume({"body": body}, path, "/home/web") == want with input as _document
}

test_fleeting[kind] if {
	some kind in ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "gitRepo", "image", "none", "projected", "secret"]
	data_directory.fleeting(kind)
}

test_lasting[kind] if {
	some kind in ["template", "persistentVolumeClaim", "hostPath", "nfs", "unknown"]
	not data_directory.fleeting(kind)
}

test_place if {
	data_directory.place({"kind": "none"}) == "in the container itself"
	data_directory.place(_scratch) == "on volume scratch, of the kind emptyDir"
}
