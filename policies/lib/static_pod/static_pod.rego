# METADATA
# title: Documents of static pods for the tests of policies
# description: No policy uses it.
package lib.static_pod

# METADATA
# title: The document of a component of the control plane, as its mirror pod has it
of(component, body) := {
	"meta": {"namespace": "kube-system", "labels": {"component": component}},
	"containers": [{"name": component, "role": "app", "path": "/spec/containers/0", "body": body}],
}
