# METADATA
# title: Audit log lies inside the container
# description: >-
#   What a container writes outside its volumes is gone with it: each restart of the API server, also
#   the one after a crash or an attack, takes the trail along.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#log-backend
# custom:
#   severity: medium
#   category: control_plane
#   kinds: [Pod]
#   none_found: No pod of the API server was seen, as where the control plane is managed by others.
#   remediation: >-
#     Mount a folder of the node into the static pod of kube-apiserver (hostPath), and let
#     --audit-log-path name a file in it.
package k8s.audit_log_not_persisted

import data.lib.api_server
import data.lib.flags

fail contains {
	"path": api_server.container.path,
	"message": sprintf("The audit log %s of kube-apiserver lies on no volume that outlives the pod.", [api_server.audit_log]),
	"evidence": {"container": api_server.container.name, "file": api_server.audit_log, "volume": _volume},
} if {
	api_server.audit_log != ""
	count(unknown) == 0
	not _persists
}

_persists if {
	some volume in input.pod.spec.volumes
	volume.name == _volume
	some type in ["hostPath", "persistentVolumeClaim"]
	volume[type]
}

# the innermost of the volumes that it lies on
_volume := max(_mounts)[1]

_volume := "" if count(_mounts) == 0

_mounts := {[count(folder), mount.name] |
	some mount in api_server.container.body.volumeMounts
	folder := trim_suffix(mount.mountPath, "/")
	_lies_in(api_server.audit_log, folder)
}

_lies_in(file, file)

_lies_in(file, folder) if startswith(file, sprintf("%s/", [folder]))

unknown contains reason if some reason in api_server.unread

unknown contains "The value of --audit-log-path is not in the pod." if flags.obscure(api_server.audit_log)

skip contains api_server.no_audit_log
