package k8s.controller_manager_exposed_test

import data.k8s.controller_manager_exposed
import data.lib.static_pod

_verdict := [count(controller_manager_exposed.fail), controller_manager_exposed.unknown, controller_manager_exposed.skip]

# arguments, how many findings
_cases := {
	"by default": [[], 1],
	"everywhere": [["--bind-address=0.0.0.0"], 1],
	"empty": [["--bind-address="], 1],
	"an address": [["--bind-address=10.0.0.1"], 1],
	"loopback": [["--bind-address=127.0.0.1"], 0],
	"loopback in v6": [["--bind-address=::1"], 0],
	"by name": [["--bind-address=localhost"], 0],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-controller-manager", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	controller_manager_exposed.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-controller-manager answers on 0.0.0.0.",
		"evidence": {"container": "kube-controller-manager", "flags": {"bind-address": "0.0.0.0"}},
	}} with input as static_pod.of("kube-controller-manager", {"args": []})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-controller-manager"]}, "kube-controller-manager is not started by its name, so its flags cannot be told."],
	"--bind-address from elsewhere": [{"args": ["--bind-address=$(ELSEWHERE)"]}, "The value of --bind-address is not in the pod."],
	"flags from elsewhere": [{"args": ["$(FLAGS)"]}, "A variable whose value is not in the pod stands for flags of kube-controller-manager."],
}

test_untold[note] if {
	some note, [body, reason] in _untold
	verdict := _verdict with input as static_pod.of("kube-controller-manager", body)
	verdict == [0, {reason}, set()]
}

test_other_pod if {
	verdict := _verdict with input as static_pod.of("kube-proxy", {"args": []})
	verdict == [0, set(), {"This pod is not kube-controller-manager of the cluster."}]
}
