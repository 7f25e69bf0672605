package k8s.apiserver_authorizes_everything_test

import data.k8s.apiserver_authorizes_everything
import data.lib.static_pod

_verdict := [count(apiserver_authorizes_everything.fail), apiserver_authorizes_everything.unknown, apiserver_authorizes_everything.skip]

# arguments, how many findings
_cases := {
	"by default": [[], 1],
	"always": [["--authorization-mode=AlwaysAllow"], 1],
	"among others": [["--authorization-mode=Node,RBAC, AlwaysAllow"], 1],
	"others": [["--authorization-mode=Node,RBAC"], 0],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_authorizes_everything.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver allows every request.",
		"evidence": {"container": "kube-apiserver", "flags": {"authorization-mode": {"AlwaysAllow", "RBAC"}}},
	}} with input as static_pod.of("kube-apiserver", {"args": ["--authorization-mode=RBAC,AlwaysAllow"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--authorization-mode from elsewhere": [{"args": ["--authorization-mode=$(ELSEWHERE)"]}, "The value of --authorization-mode is not in the pod."],
	"a file of --authorization-config": [{"args": ["--authorization-mode=RBAC,AlwaysAllow", "--authorization-config=/etc/authorization-config"]}, "What the file of --authorization-config says of it is not read."],
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
