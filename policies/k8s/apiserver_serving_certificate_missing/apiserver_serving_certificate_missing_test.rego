package k8s.apiserver_serving_certificate_missing_test

import data.k8s.apiserver_serving_certificate_missing
import data.lib.static_pod

_verdict := [count(apiserver_serving_certificate_missing.fail), apiserver_serving_certificate_missing.unknown, apiserver_serving_certificate_missing.skip]

# arguments, how many findings
_cases := {
	"none": [[], 1],
	"all": [["--tls-cert-file=/pki/apiserver.crt", "--tls-private-key-file=/pki/apiserver.key"], 0],
	"empty": [["--tls-cert-file=", "--tls-private-key-file="], 1],
	"without tls-cert-file": [["--tls-private-key-file=/pki/apiserver.key"], 1],
	"without tls-private-key-file": [["--tls-cert-file=/pki/apiserver.crt"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_serving_certificate_missing.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver serves with a certificate of its own making: it has no --tls-cert-file.",
		"evidence": {"container": "kube-apiserver", "flags": {"tls-private-key-file": "/pki/apiserver.key"}},
	}} with input as static_pod.of("kube-apiserver", {"args": ["--tls-private-key-file=/pki/apiserver.key"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--tls-cert-file from elsewhere": [{"args": ["--tls-cert-file=$(ELSEWHERE)"]}, "The value of --tls-cert-file is not in the pod."],
	"--tls-private-key-file from elsewhere": [{"args": ["--tls-private-key-file=$(ELSEWHERE)"]}, "The value of --tls-private-key-file is not in the pod."],
	"flags from elsewhere": [{"args": ["$(FLAGS)"]}, "A variable whose value is not in the pod stands for flags of kube-apiserver."],
}

test_untold[note] if {
	some note, [body, reason] in _untold
	verdict := _verdict with input as static_pod.of("kube-apiserver", body)
	verdict == [0, {reason}, set()]
}

test_all_missing if {
	{finding.message | some finding in apiserver_serving_certificate_missing.fail} == {"kube-apiserver serves with a certificate of its own making: it has no --tls-cert-file and --tls-private-key-file."} with input as static_pod.of("kube-apiserver", {"args": []})
}

test_other_pod if {
	verdict := _verdict with input as static_pod.of("kube-proxy", {"args": []})
	verdict == [0, set(), {"This pod is not kube-apiserver of the cluster."}]
}
