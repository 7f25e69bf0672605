package k8s.volume_type_restricted_test

import data.k8s.volume_type_restricted
import data.lib.example.document

_allowed := {
	"configMap",
	"csi",
	"downwardAPI",
	"emptyDir",
	"ephemeral",
	"image",
	"persistentVolumeClaim",
	"projected",
	"secret",
}

test_allowed[type] if {
	some type in _allowed
	volumes := [{"name": "data", type: {}}]
	volume_type_restricted.fail == set() with input as document({"spec": {"volumes": volumes}})
}

# as in admission, one allowed source is enough
test_two_sources if {
	volumes := [{"name": "data", "hostPath": {"path": "/"}, "emptyDir": {}}]
	volume_type_restricted.fail == set() with input as document({"spec": {"volumes": volumes}})
}

test_every_other_type if {
	volumes := [
		{"name": "tmp", "emptyDir": {}},
		{"name": "share", "nfs": {"server": "files.example.com", "path": "/"}},
		{"newType": {}, "hostPath": {}},
	]
	volume_type_restricted.fail == {
		{
			"path": "/spec/template/spec/volumes/1",
			"message": "Volume share is of the type nfs.",
			"evidence": {"volume": "share", "types": {"nfs"}},
		},
		{
			"path": "/spec/template/spec/volumes/2",
			"message": "Volume  is of the type hostPath, newType.",
			"evidence": {"volume": "", "types": {"hostPath", "newType"}},
		},
	} with input as document({"spec": {"volumes": volumes}})
}

test_no_volumes if volume_type_restricted.fail == set() with input as document({})
