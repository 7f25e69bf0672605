package k8s.git_repo_volume_test

import data.k8s.git_repo_volume
import data.lib.example.document

test_every_git_repo if {
	volumes := [
		{"name": "tmp", "emptyDir": {}},
		{"name": "code", "gitRepo": {"repository": "https://git.example.com/shop/web"}},
		{"gitRepo": {}},
	]
	git_repo_volume.fail == {
		{
			"path": "/spec/template/spec/volumes/1/gitRepo",
			"message": "Volume code clones a git repository on the node.",
			"evidence": {"volume": "code"},
		},
		{
			"path": "/spec/template/spec/volumes/2/gitRepo",
			"message": "Volume  clones a git repository on the node.",
			"evidence": {"volume": ""},
		},
	} with input as document({"spec": {"volumes": volumes}})
}

test_no_volumes if git_repo_volume.fail == set() with input as document({})
