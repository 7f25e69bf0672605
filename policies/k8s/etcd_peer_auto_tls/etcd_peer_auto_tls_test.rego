package k8s.etcd_peer_auto_tls_test

import data.k8s.etcd_peer_auto_tls
import data.lib.static_pod

_verdict := [count(etcd_peer_auto_tls.fail), etcd_peer_auto_tls.unknown, etcd_peer_auto_tls.skip]

# arguments, how many findings
_cases := {
	"by default": [[], 0],
	"on": [["--peer-auto-tls=true"], 1],
	"bare": [["-peer-auto-tls"], 1],
	"off": [["--peer-auto-tls=false"], 0],
}

test_verdict[note] if {
	some note, [args, want] in _cases
	verdict := _verdict with input as static_pod.of("etcd", {"args": args})
	verdict == [want, set(), set()]
}

test_finding if {
	etcd_peer_auto_tls.fail == {{
		"path": "/spec/containers/0",
		"message": "etcd makes its own certificate for peers.",
		"evidence": {"container": "etcd", "flags": {"peer-auto-tls": true}},
	}} with input as static_pod.of("etcd", {"args": ["--peer-auto-tls"]})
}

# what the container runs, why it cannot be told
_untold := {
	"shell": [{"command": ["sh", "-c", "etcd"]}, "etcd is not started by its name, so its flags cannot be told."],
	"--peer-auto-tls from elsewhere": [{"args": ["--peer-auto-tls=$(ELSEWHERE)"]}, "The value of --peer-auto-tls is not in the pod."],
	"a file of --config-file": [{"args": ["--peer-auto-tls", "--config-file=/etc/config-file"]}, "What the file of --config-file says of it is not read."],
	"flags from elsewhere": [{"args": ["$(FLAGS)"]}, "A variable whose value is not in the pod stands for flags of etcd."],
}

test_untold[note] if {
	some note, [body, reason] in _untold
	verdict := _verdict with input as static_pod.of("etcd", body)
	verdict == [0, {reason}, set()]
}

test_other_pod if {
	verdict := _verdict with input as static_pod.of("kube-proxy", {"args": []})
	verdict == [0, set(), {"This pod is not etcd of the cluster."}]
}
