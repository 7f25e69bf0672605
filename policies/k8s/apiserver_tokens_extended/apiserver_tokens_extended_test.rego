package k8s.apiserver_tokens_extended_test

import data.k8s.apiserver_tokens_extended
import data.lib.static_pod

_verdict := [count(apiserver_tokens_extended.fail), apiserver_tokens_extended.unknown, apiserver_tokens_extended.skip]

# arguments, how many findings
_cases := {
	"by default": [[], 1],
	"said": [["--service-account-extend-token-expiration=true"], 1],
	"off": [["--service-account-extend-token-expiration=false"], 0],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_tokens_extended.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver makes the tokens of pods good for a year.",
		"evidence": {"container": "kube-apiserver", "flags": {"service-account-extend-token-expiration": true}},
	}} with input as static_pod.of("kube-apiserver", {"args": []})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--service-account-extend-token-expiration from elsewhere": [{"args": ["--service-account-extend-token-expiration=$(ELSEWHERE)"]}, "The value of --service-account-extend-token-expiration is not in the pod."],
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
