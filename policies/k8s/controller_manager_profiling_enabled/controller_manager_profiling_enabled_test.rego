package k8s.controller_manager_profiling_enabled_test

import data.k8s.controller_manager_profiling_enabled
import data.lib.static_pod

_verdict := [count(controller_manager_profiling_enabled.fail), controller_manager_profiling_enabled.unknown, controller_manager_profiling_enabled.skip]

# arguments, how many findings
_cases := {
	"by default": [[], 1],
	"said": [["--profiling=true"], 1],
	"off": [["--profiling=false"], 0],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-controller-manager", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	controller_manager_profiling_enabled.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-controller-manager offers profiles.",
		"evidence": {"container": "kube-controller-manager", "flags": {"profiling": true}},
	}} with input as static_pod.of("kube-controller-manager", {"args": []})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-controller-manager"]}, "kube-controller-manager is not started by its name, so its flags cannot be told."],
	"--profiling from elsewhere": [{"args": ["--profiling=$(ELSEWHERE)"]}, "The value of --profiling is not in the pod."],
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
