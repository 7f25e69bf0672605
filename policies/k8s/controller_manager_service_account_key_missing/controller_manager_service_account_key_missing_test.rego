package k8s.controller_manager_service_account_key_missing_test

import data.k8s.controller_manager_service_account_key_missing
import data.lib.static_pod

_verdict := [count(controller_manager_service_account_key_missing.fail), controller_manager_service_account_key_missing.unknown, controller_manager_service_account_key_missing.skip]

# arguments, how many findings
_cases := {
	"none": [[], 1],
	"all": [["--service-account-private-key-file=/pki/sa.key"], 0],
	"empty": [["--service-account-private-key-file="], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-controller-manager", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	controller_manager_service_account_key_missing.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-controller-manager has no key for tokens: it has no --service-account-private-key-file.",
		"evidence": {"container": "kube-controller-manager", "flags": {}},
	}} with input as static_pod.of("kube-controller-manager", {"args": []})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-controller-manager"]}, "kube-controller-manager is not started by its name, so its flags cannot be told."],
	"--service-account-private-key-file from elsewhere": [{"args": ["--service-account-private-key-file=$(ELSEWHERE)"]}, "The value of --service-account-private-key-file is not in the pod."],
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
