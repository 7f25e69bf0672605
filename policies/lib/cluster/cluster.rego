# METADATA
# title: Which Kubernetes the objects are for
package lib.cluster

# METADATA
# title: The minor version of the cluster
# description: Undefined where it is not known, as for manifests without --kube-version.
minor := number_of(input.cluster.version)

# METADATA
# title: The minor version in a text like v1.36.3, v1.36 or v1.36.3-gke.1200
number_of(version) := to_number(found[0][1]) if {
	found := regex.find_all_string_submatch_n(`^v?1\.(0|[1-9][0-9]*)([.+-]|$)`, version, -1)
}
