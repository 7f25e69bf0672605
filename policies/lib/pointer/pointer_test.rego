package lib.pointer_test

import data.lib.pointer

test_annotation_of_template if {
	path := pointer.annotation("a~b/c") with input as {"pod": {"path": "/spec/jobTemplate/spec/template/spec"}}
	path == "/spec/jobTemplate/spec/template/metadata/annotations/a~0b~1c"
}

test_annotation_of_pod if {
	path := pointer.annotation("a") with input as {"pod": {"path": "/spec"}}
	path == "/metadata/annotations/a"
}

_bodies := {
	"nothing there": [{}, ["/b/x", "/b/x/y", "/b/x/y/z"]],
	"parent there": [{"x": {}}, ["/b/x/y", "/b/x/y/z"]],
	"parents there": [{"x": {"y": {"z": 1}}}, ["/b/x/y/z"]],
}

test_put[note] if {
	some note, [body, paths] in _bodies
	patch := pointer.put("/b", body, ["x", "y", "z"], true)
	[op.path | some op in patch] == paths
	{op.op | some op in patch} == {"add"}
	[op.value | some i, op in patch; i < count(patch) - 1] == array.slice([{}, {}], 0, count(patch) - 1)
	patch[count(patch) - 1].value == true
}
