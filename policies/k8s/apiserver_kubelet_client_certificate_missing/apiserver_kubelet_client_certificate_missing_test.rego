package k8s.apiserver_kubelet_client_certificate_missing_test

import data.k8s.apiserver_kubelet_client_certificate_missing
import data.lib.static_pod

_verdict := [count(apiserver_kubelet_client_certificate_missing.fail), apiserver_kubelet_client_certificate_missing.unknown, apiserver_kubelet_client_certificate_missing.skip]

# arguments, how many findings
_cases := {
	"none": [[], 1],
	"all": [["--kubelet-client-certificate=/pki/kubelet-client.crt", "--kubelet-client-key=/pki/kubelet-client.key"], 0],
	"empty": [["--kubelet-client-certificate=", "--kubelet-client-key="], 1],
	"without kubelet-client-certificate": [["--kubelet-client-key=/pki/kubelet-client.key"], 1],
	"without kubelet-client-key": [["--kubelet-client-certificate=/pki/kubelet-client.crt"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_kubelet_client_certificate_missing.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver asks kubelets without a certificate: it has no --kubelet-client-certificate.",
		"evidence": {"container": "kube-apiserver", "flags": {"kubelet-client-key": "/pki/kubelet-client.key"}},
	}} with input as static_pod.of("kube-apiserver", {"args": ["--kubelet-client-key=/pki/kubelet-client.key"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--kubelet-client-certificate from elsewhere": [{"args": ["--kubelet-client-certificate=$(ELSEWHERE)"]}, "The value of --kubelet-client-certificate is not in the pod."],
	"--kubelet-client-key from elsewhere": [{"args": ["--kubelet-client-key=$(ELSEWHERE)"]}, "The value of --kubelet-client-key is not in the pod."],
	"flags from elsewhere": [{"args": ["$(FLAGS)"]}, "A variable whose value is not in the pod stands for flags of kube-apiserver."],
}

test_untold[note] if {
	some note, [body, reason] in _untold
	verdict := _verdict with input as static_pod.of("kube-apiserver", body)
	verdict == [0, {reason}, set()]
}

test_all_missing if {
	{finding.message | some finding in apiserver_kubelet_client_certificate_missing.fail} == {"kube-apiserver asks kubelets without a certificate: it has no --kubelet-client-certificate and --kubelet-client-key."} with input as static_pod.of("kube-apiserver", {"args": []})
}

test_other_pod if {
	verdict := _verdict with input as static_pod.of("kube-proxy", {"args": []})
	verdict == [0, set(), {"This pod is not kube-apiserver of the cluster."}]
}
