package k8s.apiserver_etcd_without_tls_test

import data.k8s.apiserver_etcd_without_tls
import data.lib.static_pod

_verdict := [count(apiserver_etcd_without_tls.fail), apiserver_etcd_without_tls.unknown, apiserver_etcd_without_tls.skip]

# arguments, how many findings
_cases := {
	"none": [[], 1],
	"all": [["--etcd-cafile=/pki/etcd/ca.crt", "--etcd-certfile=/pki/etcd-client.crt", "--etcd-keyfile=/pki/etcd-client.key"], 0],
	"empty": [["--etcd-cafile=", "--etcd-certfile=", "--etcd-keyfile="], 1],
	"without etcd-cafile": [["--etcd-certfile=/pki/etcd-client.crt", "--etcd-keyfile=/pki/etcd-client.key"], 1],
	"without etcd-certfile": [["--etcd-cafile=/pki/etcd/ca.crt", "--etcd-keyfile=/pki/etcd-client.key"], 1],
	"without etcd-keyfile": [["--etcd-cafile=/pki/etcd/ca.crt", "--etcd-certfile=/pki/etcd-client.crt"], 1],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("kube-apiserver", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	apiserver_etcd_without_tls.fail == {{
		"path": "/spec/containers/0",
		"message": "kube-apiserver does not use TLS on both sides with etcd: it has no --etcd-cafile.",
		"evidence": {"container": "kube-apiserver", "flags": {"etcd-certfile": "/pki/etcd-client.crt", "etcd-keyfile": "/pki/etcd-client.key"}},
	}} with input as static_pod.of("kube-apiserver", {"args": ["--etcd-certfile=/pki/etcd-client.crt", "--etcd-keyfile=/pki/etcd-client.key"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "kube-apiserver"]}, "kube-apiserver is not started by its name, so its flags cannot be told."],
	"--etcd-cafile from elsewhere": [{"args": ["--etcd-cafile=$(ELSEWHERE)"]}, "The value of --etcd-cafile is not in the pod."],
	"--etcd-certfile from elsewhere": [{"args": ["--etcd-certfile=$(ELSEWHERE)"]}, "The value of --etcd-certfile is not in the pod."],
	"--etcd-keyfile from elsewhere": [{"args": ["--etcd-keyfile=$(ELSEWHERE)"]}, "The value of --etcd-keyfile is not in the pod."],
	"flags from elsewhere": [{"args": ["$(FLAGS)"]}, "A variable whose value is not in the pod stands for flags of kube-apiserver."],
}

test_untold[note] if {
	some note, [body, reason] in _untold
	verdict := _verdict with input as static_pod.of("kube-apiserver", body)
	verdict == [0, {reason}, set()]
}

test_all_missing if {
	{finding.message | some finding in apiserver_etcd_without_tls.fail} == {"kube-apiserver does not use TLS on both sides with etcd: it has no --etcd-cafile and --etcd-certfile and --etcd-keyfile."} with input as static_pod.of("kube-apiserver", {"args": []})
}

test_other_pod if {
	verdict := _verdict with input as static_pod.of("kube-proxy", {"args": []})
	verdict == [0, set(), {"This pod is not kube-apiserver of the cluster."}]
}
