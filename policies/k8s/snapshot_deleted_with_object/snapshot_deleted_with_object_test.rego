package k8s.snapshot_deleted_with_object_test

import data.k8s.snapshot_deleted_with_object

_of(kind, spec, labels) := {"meta": {"kind": kind, "name": "x", "labels": labels, "annotations": {}}, "spec": spec}

_deleted := {"driver": "disk.example.com", "deletionPolicy": "Delete"}

test_class if {
	snapshot_deleted_with_object.fail == {{
		"path": "/deletionPolicy",
		"message": "What is made by this class is deleted with its object.",
		"evidence": {"driver": "disk.example.com", "deletionPolicy": "Delete"},
	}} with input as _of("VolumeSnapshotClass", _deleted, {})
}

test_content if {
	snapshot_deleted_with_object.fail == {{
		"path": "/spec/deletionPolicy",
		"message": "This snapshot is deleted with its object.",
		"evidence": {"driver": "", "deletionPolicy": "Delete"},
		"patch": [{"op": "replace", "path": "/spec/deletionPolicy", "value": "Retain"}],
	}} with input as _of("VolumeSnapshotContent", {"deletionPolicy": "Delete"}, {})
}

_cases := {
	"kept": [_of("VolumeSnapshotClass", {"deletionPolicy": "Retain"}, {}), 0, set(), set()],
	"no policy": [_of("VolumeSnapshotClass", {}, {}), 0, set(), {"It has no deletion policy."}],
	"other labels": [_of("VolumeSnapshotClass", _deleted, {"app": "velero.io/x"}), 1, set(), set()],
}

test_verdict[note] if {
	some note, [document, number, skipped, untold] in _cases
	found := snapshot_deleted_with_object.fail with input as document
	count(found) == number
	snapshot_deleted_with_object.skip == skipped with input as document
	snapshot_deleted_with_object.unknown == untold with input as document
}

test_velero[note] if {
	some note, document in {
		"label": _of("VolumeSnapshotClass", _deleted, {"velero.io/csi-volumesnapshot-class": "true"}),
		"annotation": object.union(
			_of("VolumeSnapshotContent", _deleted, {}),
			{"meta": {"annotations": {"velero.io/csi-volumesnapshot-handle": "x"}}},
		),
		"without a policy": _of("VolumeSnapshotClass", {}, {"velero.io/csi-volumesnapshot-class": "true"}),
	}
	snapshot_deleted_with_object.fail == set() with input as document
	snapshot_deleted_with_object.unknown == set() with input as document
	snapshot_deleted_with_object.skip == {"It is one of Velero, which keeps snapshots as long as its backups."} with input as document
}
