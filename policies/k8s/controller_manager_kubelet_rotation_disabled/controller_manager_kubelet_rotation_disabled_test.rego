package k8s.controller_manager_kubelet_rotation_disabled_test

import data.k8s.controller_manager_kubelet_rotation_disabled
import data.lib.static_pod

_verdict := [count(controller_manager_kubelet_rotation_disabled.fail), controller_manager_kubelet_rotation_disabled.unknown, controller_manager_kubelet_rotation_disabled.skip]

# arguments, how many findings
_cases := {
	"by default": [[], 0],
	"others": [["--feature-gates=AllAlpha=false"], 0],
	"on": [["--feature-gates=RotateKubeletServerCertificate=true"], 0],
	"off": [["--feature-gates=AllAlpha=false,RotateKubeletServerCertificate=false"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-controller-manager", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	controller_manager_kubelet_rotation_disabled.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-controller-manager has turned off RotateKubeletServerCertificate.",
		"evidence": {"container": "kube-controller-manager", "flags": {"feature-gates": {"RotateKubeletServerCertificate=false"}}},
	}} with input as static_pod.of("kube-controller-manager", {"args": ["--feature-gates=RotateKubeletServerCertificate=false"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-controller-manager"]}, "kube-controller-manager is not started by its name, so its flags cannot be told."],
	"--feature-gates from elsewhere": [{"args": ["--feature-gates=$(ELSEWHERE)"]}, "The value of --feature-gates is not in the pod."],
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
