package k8s.host_path_volume_test

import data.k8s.host_path_volume
import data.lib.example.document

test_every_host_path if {
	volumes := [
		{"name": "logs", "hostPath": {"path": "/var/log", "type": "Directory"}},
		{"name": "scratch", "emptyDir": {}},
		{"hostPath": {}},
	]
	wanted := {
		{
			"path": "/spec/template/spec/volumes/0/hostPath",
			"message": "Volume logs is the path /var/log of the node.",
			"evidence": {"volume": "logs", "path": "/var/log"},
		},
		{
			"path": "/spec/template/spec/volumes/2/hostPath",
			"message": "Volume  is the path  of the node.",
			"evidence": {"volume": "", "path": ""},
		},
	}
	host_path_volume.fail == wanted with input as document({"spec": {"volumes": volumes}})
}

test_no_volumes if host_path_volume.fail == set() with input as document({})
