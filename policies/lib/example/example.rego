# METADATA
# title: Documents for the tests of policies
# description: A folder of one's own may use it in its tests too; no policy does.
package lib.example

# METADATA
# title: The document of a Deployment
# description: >-
#   From a case with any of: spec (of the pod), annotations (of the pod), bodies (of the containers,
#   which are called a, b, c), labels (of the namespace).
document(case) := {
	"pod": {
		"path": "/spec/template/spec",
		"labels": {},
		"annotations": object.get(case, "annotations", {}),
		"spec": object.get(case, "spec", {}),
	},
	"containers": [container |
		some i, body in object.get(case, "bodies", [])
		container := {
			"name": ["a", "b", "c"][i],
			"role": ["app", "sidecar", "ephemeral"][i],
			"path": sprintf("/spec/template/spec/containers/%d", [i]),
			"body": body,
		}
	],
	"related": {"namespace": {"name": "shop", "labels": object.get(case, "labels", {})}},
}
