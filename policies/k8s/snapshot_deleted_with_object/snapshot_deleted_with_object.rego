# METADATA
# title: A snapshot of a volume is deleted with its object
# description: >-
#   Where the deletion policy is Delete, whoever deletes a VolumeSnapshot, or the namespace it stands in, deletes
#   the snapshot on the storage too: it is no help against a deletion by mistake. A class decides for the
#   snapshots to come; those that are there keep what they have.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volume-snapshot-classes/#deletionpolicy
#   - ref: https://kubernetes.io/docs/concepts/storage/volume-snapshots/#deletion-policy
# custom:
#   severity: low
#   category: retention
#   kinds: [VolumeSnapshotClass, VolumeSnapshotContent]
#   remediation: Set deletionPolicy to Retain where snapshots are backups, and delete those that are not needed.
package k8s.snapshot_deleted_with_object

fail contains object.union(_patch, {
	"path": _path,
	"message": sprintf("%s is deleted with its object.", [_what]),
	"evidence": {"driver": _driver, "deletionPolicy": "Delete"},
}) if {
	input.spec.deletionPolicy == "Delete"
	not _velero
}

skip contains "It is one of Velero, which keeps snapshots as long as its backups." if _velero

unknown contains "It has no deletion policy." if {
	not input.spec.deletionPolicy
	not _velero
}

_velero if {
	some key, _ in object.union(input.meta.labels, input.meta.annotations)
	startswith(key, "velero.io/")
}

_is_class if input.meta.kind == "VolumeSnapshotClass"

_path := "/deletionPolicy" if {
	_is_class
} else := "/spec/deletionPolicy"

_what := "What is made by this class" if {
	_is_class
} else := "This snapshot"

_driver := object.get(input.spec, "driver", "")

# a class cannot be changed
_patch := {} if {
	_is_class
} else := {"patch": [{"op": "replace", "path": "/spec/deletionPolicy", "value": "Retain"}]}
