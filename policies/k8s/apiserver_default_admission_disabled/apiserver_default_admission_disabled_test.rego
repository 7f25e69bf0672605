package k8s.apiserver_default_admission_disabled_test

import data.k8s.apiserver_default_admission_disabled
import data.lib.static_pod

_verdict := [count(apiserver_default_admission_disabled.fail), apiserver_default_admission_disabled.unknown, apiserver_default_admission_disabled.skip]

# arguments, how many findings
_cases := {
	"none": [[], 0],
	"others": [["--disable-admission-plugins=Priority"], 0],
	"ServiceAccount": [["--disable-admission-plugins=ServiceAccount"], 1],
	"NamespaceLifecycle": [["--disable-admission-plugins=Priority,NamespaceLifecycle"], 1],
	"PodSecurity": [["--disable-admission-plugins=PodSecurity"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_default_admission_disabled.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver has turned off PodSecurity and ServiceAccount.",
		"evidence": {"container": "kube-apiserver", "flags": {"disable-admission-plugins": {"PodSecurity", "ServiceAccount"}}},
	}} with input as static_pod.of("kube-apiserver", {"args": ["--disable-admission-plugins=ServiceAccount,PodSecurity,Priority"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--disable-admission-plugins from elsewhere": [{"args": ["--disable-admission-plugins=$(ELSEWHERE)"]}, "The value of --disable-admission-plugins is not in the pod."],
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
