package k8s.apiserver_client_authority_missing_test

import data.k8s.apiserver_client_authority_missing
import data.lib.static_pod

_verdict := [count(apiserver_client_authority_missing.fail), apiserver_client_authority_missing.unknown, apiserver_client_authority_missing.skip]

# arguments, how many findings
_cases := {
	"none": [[], 1],
	"all": [["--client-ca-file=/pki/ca.crt"], 0],
	"empty": [["--client-ca-file="], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_client_authority_missing.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver takes no client certificates: it has no --client-ca-file.",
		"evidence": {"container": "kube-apiserver", "flags": {}},
	}} with input as static_pod.of("kube-apiserver", {"args": []})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--client-ca-file from elsewhere": [{"args": ["--client-ca-file=$(ELSEWHERE)"]}, "The value of --client-ca-file is not in the pod."],
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
