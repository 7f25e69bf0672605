package k8s.apiserver_token_file_used_test

import data.k8s.apiserver_token_file_used
import data.lib.static_pod

_verdict := [count(apiserver_token_file_used.fail), apiserver_token_file_used.unknown, apiserver_token_file_used.skip]

# arguments, how many findings
_cases := {
	"none": [[], 0],
	"empty": [["--token-auth-file="], 0],
	"file": [["--token-auth-file=/etc/kubernetes/users.csv"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_token_file_used.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver takes tokens that never end out of a file.",
		"evidence": {"container": "kube-apiserver", "flags": {"token-auth-file": "/etc/kubernetes/users.csv"}},
	}} with input as static_pod.of("kube-apiserver", {"args": ["--token-auth-file=/etc/kubernetes/users.csv"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--token-auth-file from elsewhere": [{"args": ["--token-auth-file=$(ELSEWHERE)"]}, "The value of --token-auth-file is not in the pod."],
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
