package k8s.apiserver_service_account_lookup_disabled_test

import data.k8s.apiserver_service_account_lookup_disabled
import data.lib.static_pod

_verdict := [count(apiserver_service_account_lookup_disabled.fail), apiserver_service_account_lookup_disabled.unknown, apiserver_service_account_lookup_disabled.skip]

# arguments, how many findings
_cases := {
	"by default": [[], 0],
	"on": [["--service-account-lookup=true"], 0],
	"off": [["--service-account-lookup=false"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_service_account_lookup_disabled.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver does not look whether the account of a token still exists.",
		"evidence": {"container": "kube-apiserver", "flags": {"service-account-lookup": false}},
	}} with input as static_pod.of("kube-apiserver", {"args": ["--service-account-lookup=false"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--service-account-lookup from elsewhere": [{"args": ["--service-account-lookup=$(ELSEWHERE)"]}, "The value of --service-account-lookup is not in the pod."],
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
