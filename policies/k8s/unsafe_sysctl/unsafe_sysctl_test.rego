package k8s.unsafe_sysctl_test

import data.k8s.unsafe_sysctl
import data.lib.example.document

# the first minor version that allows it
_since := {
	"kernel.shm_rmid_forced": 0,
	"net.ipv4.ip_local_port_range": 0,
	"net.ipv4.tcp_syncookies": 0,
	"net.ipv4.ping_group_range": 0,
	"net.ipv4.ip_unprivileged_port_start": 0,
	"net.ipv4.ip_local_reserved_ports": 27,
	"net.ipv4.tcp_keepalive_time": 29,
	"net.ipv4.tcp_fin_timeout": 29,
	"net.ipv4.tcp_keepalive_intvl": 29,
	"net.ipv4.tcp_keepalive_probes": 29,
	"net.ipv4.tcp_rmem": 32,
	"net.ipv4.tcp_wmem": 32,
	"net.ipv4.tcp_slow_start_after_idle": 37,
	"net.ipv4.tcp_notsent_lowat": 37,
}

_findings(sysctls, version) := findings if {
	findings := unsafe_sysctl.fail with input as document({"spec": {"securityContext": {"sysctls": sysctls}}})
		with data.parameters.unsafe_sysctl as {"pss_version": version}
}

test_since[name] if {
	some name, minor in _since
	count(_findings([{"name": name, "value": "1"}], sprintf("v1.%d", [minor]))) == 0
}

# v1.0 is the first version: those it allows were never unsafe
test_before[name] if {
	some name, minor in _since
	version := sprintf("v1.%d", [max([minor - 1, 0])])
	count(_findings([{"name": name, "value": "1"}], version)) == min([minor, 1])
}

test_finding if {
	path := "/spec/template/spec/securityContext/sysctls/%d"
	sysctls := [
		{"name": "kernel.shm_rmid_forced", "value": "1"},
		{"name": "net/ipv4/tcp_syncookies", "value": "1"},
		{},
	]
	_findings(sysctls, "latest") == {
		{
			"path": sprintf(path, [1]),
			"message": "The pod sets the sysctl net/ipv4/tcp_syncookies, which is outside the safe list.",
			"evidence": {"name": "net/ipv4/tcp_syncookies", "value": "1"},
			"patch": [{"op": "remove", "path": sprintf(path, [1])}],
		},
		{
			"path": sprintf(path, [2]),
			"message": "The pod sets the sysctl , which is outside the safe list.",
			"evidence": {"name": "", "value": ""},
			"patch": [{"op": "remove", "path": sprintf(path, [2])}],
		},
	}
}
