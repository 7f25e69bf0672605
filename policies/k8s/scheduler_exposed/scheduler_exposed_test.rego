package k8s.scheduler_exposed_test

import data.k8s.scheduler_exposed
import data.lib.static_pod

_verdict := [count(scheduler_exposed.fail), scheduler_exposed.unknown, scheduler_exposed.skip]

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
	verdict := _verdict with input as static_pod.of("kube-scheduler", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	scheduler_exposed.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-scheduler answers on 0.0.0.0.",
		"evidence": {"container": "kube-scheduler", "flags": {"bind-address": "0.0.0.0"}},
	}} with input as static_pod.of("kube-scheduler", {"args": []})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-scheduler"]}, "kube-scheduler is not started by its name, so its flags cannot be told."],
	"--bind-address from elsewhere": [{"args": ["--bind-address=$(ELSEWHERE)"]}, "The value of --bind-address is not in the pod."],
	"a file of --config": [{"args": ["--config=/etc/config"]}, "What the file of --config says of it is not read."],
	"flags from elsewhere": [{"args": ["$(FLAGS)"]}, "A variable whose value is not in the pod stands for flags of kube-scheduler."],
}

test_untold[note] if {
	some note, [body, reason] in _untold
	verdict := _verdict with input as static_pod.of("kube-scheduler", body)
	verdict == [0, {reason}, set()]
}

test_other_pod if {
	verdict := _verdict with input as static_pod.of("kube-proxy", {"args": []})
	verdict == [0, set(), {"This pod is not kube-scheduler of the cluster."}]
}
