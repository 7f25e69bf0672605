# METADATA
# title: Sensitive path of the host is open to a container
# description: >-
#   Here the node keeps its credentials, programs, devices and the data of other pods: to write is to own
#   the node, to read often as good, and a socket is as open read-only. Elsewhere, what is written stays.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
# custom:
#   severity: [critical, high, medium]
#   category: pod_security
#   kinds: [workload]
#   supersedes: [container_runtime_socket, host_path_volume, volume_type_restricted]
#   remediation: Use an emptyDir or a PersistentVolumeClaim, or mount only the folder that is needed, read-only.
#   same_as: [C-0045, C-0048, writable-host-mount, sensitive-host-mounts]
#   parameters:
#     sensitive: {description: Folders that count with all that lies in them (of / only itself), default: [/, /bin,
#       /boot, /dev, /etc, /home, /lib, /lib64, /opt, /proc, /root, /run, /sbin, /srv, /sys, /usr, /var]}
#     sockets: {description: Where runtimes listen on the node, default: [/run/docker.sock, /run/cri-dockerd.sock,
#       /run/containerd/containerd.sock, /run/crio/crio.sock, /run/podman/podman.sock, /run/k3s/containerd/containerd.sock,
#       /run/k0s/containerd.sock, /var/snap/docker/common/run/docker.sock, /var/snap/microk8s/common/run/containerd.sock]}
package k8s.sensitive_host_path

import data.lib.host_path

_sensitive := host_path.named(data.parameters.sensitive_host_path.sensitive)
_sockets := host_path.named(data.parameters.sensitive_host_path.sockets)

fail contains {
	"path": volume.path,
	"message": sprintf("%s %s %s.", [volume.who, words, concat(", ", {use.who | some use in worst})]),
	"severity": severity,
	"evidence": object.union(volume.evidence, {"containers": {use.who | some use in worst; use.mounted}}),
} if {
	some volume in host_path.volumes
	[severity, words] := min({_grade(use) | some use in volume.uses}) # the worst comes first in the alphabet
	worst := {use | some use in volume.uses; _grade(use) == [severity, words]}
}

# here the mount is at fault; host_path_volume tells of the volume
fail contains {
	"path": use.path,
	"message": sprintf("Container %s can write to %s of the node.", [use.who, use.real]),
	"severity": "medium",
	"evidence": object.union(volume.evidence, {"container": use.who}),
} if {
	some volume in host_path.volumes
	some use in volume.uses
	use.writable
	not _grade(use)
}

_grade(use) := ["critical", "brings the socket of a container runtime to"] if {
	use.mounted
	host_path.touched(use.real, _sockets) != set()
} else := ["critical", "can be written to by"] if {
	use.writable
	host_path.touched(use.real, _sensitive) != set()
} else := ["high", "can be read by"] if host_path.touched(use.real, _sensitive) != set()

unknown contains reason if some reason in host_path.hidden
