package lib.cluster_test

import data.lib.cluster

_known := {
	"v1.36.3": 36,
	"1.36.3": 36,
	"v1.36": 36,
	"v1.9.0": 9,
	"v1.0": 0,
	"v1.33.4-gke.1245000": 33,
	"v1.32.9+k3s1": 32,
	"v1.31+": 31,
	"v1.30-eks": 30,
}

test_minor[version] if {
	some version, want in _known
	minor := cluster.minor with input as {"cluster": {"version": version}}
	minor == want
}

test_unknown[version] if {
	some version in {"", "v2.1.0", "v1.036.1", "v1.x", "v1", "latest", "xv1.36", "v1.36beta"}
	not cluster.number_of(version)
}

test_no_cluster if not cluster.minor with input as {}
