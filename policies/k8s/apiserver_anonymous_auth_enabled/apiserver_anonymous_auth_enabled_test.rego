package k8s.apiserver_anonymous_auth_enabled_test

import data.k8s.apiserver_anonymous_auth_enabled
import data.lib.static_pod

_verdict := [count(apiserver_anonymous_auth_enabled.fail), apiserver_anonymous_auth_enabled.unknown, apiserver_anonymous_auth_enabled.skip]

# arguments, how many findings
_cases := {
	"by default": [[], 1],
	"said": [["--anonymous-auth=true"], 1],
	"off": [["--anonymous-auth=false"], 0],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_anonymous_auth_enabled.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver lets requests without credentials in as system:anonymous.",
		"evidence": {"container": "kube-apiserver", "flags": {"anonymous-auth": true}},
	}} with input as static_pod.of("kube-apiserver", {"args": []})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--anonymous-auth from elsewhere": [{"args": ["--anonymous-auth=$(ELSEWHERE)"]}, "The value of --anonymous-auth is not in the pod."],
	"a file of --authentication-config": [{"args": ["--authentication-config=/etc/authentication-config"]}, "What the file of --authentication-config says of it is not read."],
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
