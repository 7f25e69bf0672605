package k8s.apiserver_external_ips_allowed_test

import data.k8s.apiserver_external_ips_allowed
import data.lib.static_pod

_verdict := [count(apiserver_external_ips_allowed.fail), apiserver_external_ips_allowed.unknown, apiserver_external_ips_allowed.skip]

# arguments, how many findings
_cases := {
	"by default": [[], 1],
	"others": [["--enable-admission-plugins=LimitRanger"], 1],
	"on": [["--enable-admission-plugins=LimitRanger,DenyServiceExternalIPs"], 0],
	"on and off": [["--enable-admission-plugins=DenyServiceExternalIPs", "--disable-admission-plugins=DenyServiceExternalIPs"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_external_ips_allowed.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver runs without the admission plugin DenyServiceExternalIPs.",
		"evidence": {"container": "kube-apiserver", "flags": {"enable-admission-plugins": {"LimitRanger"}}},
	}} with input as static_pod.of("kube-apiserver", {"args": ["--enable-admission-plugins=LimitRanger"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--enable-admission-plugins from elsewhere": [{"args": ["--enable-admission-plugins=$(ELSEWHERE)"]}, "The value of --enable-admission-plugins is not in the pod."],
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
