package k8s.apiserver_encryption_missing_test

import data.k8s.apiserver_encryption_missing
import data.lib.static_pod

_verdict := [count(apiserver_encryption_missing.fail), apiserver_encryption_missing.unknown, apiserver_encryption_missing.skip]

# arguments, how many findings
_cases := {
	"none": [[], 1],
	"all": [["--encryption-provider-config=/etc/kubernetes/encryption.yaml"], 0],
	"empty": [["--encryption-provider-config="], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_encryption_missing.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver does not encrypt what it writes into etcd: it has no --encryption-provider-config.",
		"evidence": {"container": "kube-apiserver", "flags": {}},
	}} with input as static_pod.of("kube-apiserver", {"args": []})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--encryption-provider-config from elsewhere": [{"args": ["--encryption-provider-config=$(ELSEWHERE)"]}, "The value of --encryption-provider-config is not in the pod."],
	"flags from elsewhere": [{"args": ["$(FLAGS)"]}, "A variable whose value is not in the pod stands for flags of kube-apiserver."],
}

test_untold[note] if {
	some note, [body, reason] in _untold
	verdict := _verdict with input as static_pod.of("kube-apiserver", body)
	verdict == [0, {reason}, set()]
}

test_other_pod if {
	verdict := _verdict with input as static_pod.of("kube-proxy", {"args": []})
	verdict == [0, set(), {"This pod is not kube-apiserver of the cluster."}]
}
