# METADATA
# title: User namespaces of pods
# description: With hostUsers false a pod has users of its own, which are nobody on the node.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
package lib.user_namespace

import data.lib.cluster

# METADATA
# title: Why the pod cannot have one, as far as that is known
# description: A policy that uses it has the relation nodes among its excuses.
unavailable contains "Windows has no user namespaces." if input.pod.spec.os.name == "windows"

unavailable contains "It shares namespaces or devices of the node, and so its users." if {
	some name in ["hostNetwork", "hostPID", "hostIPC"]
	input.pod.spec[name] == true
}

unavailable contains "It shares namespaces or devices of the node, and so its users." if {
	some container in input.containers
	container.body.volumeDevices
}

unavailable contains "Before v1.33 pods have no user namespaces." if cluster.minor < 33

unavailable contains "No node offers user namespaces." if input.related.nodes.user_namespaces == 0
