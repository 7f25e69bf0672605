package k8s.alertmanager_gossip_without_udp_test

import data.k8s.alertmanager_gossip_without_udp

_tcp := {"port": 9094, "protocol": "TCP"}

_udp := {"port": 9094, "protocol": "UDP"}

_finding(direction) := {
	"path": sprintf("/spec/%s", [direction]),
	"key": direction,
	"message": sprintf("Port 9094 is allowed by TCP alone (%s), and Alertmanagers speak UDP as well.", [direction]),
	"evidence": {"port": 9094, "allowed": ["TCP"]},
}

_cases := {
	"both": [{"ingress": [{"ports": [_tcp, _udp]}]}, set()],
	"both in two rules": [{"egress": [{"ports": [_tcp]}, {"ports": [_udp]}]}, set()],
	"in": [{"ingress": [{"ports": [_tcp, {"port": 9093}]}]}, {_finding("ingress")}],
	"by default": [{"ingress": [{"ports": [{"port": 9094}]}]}, {_finding("ingress")}],
	"out": [{"ingress": [{"ports": [_tcp, _udp]}], "egress": [{"ports": [_tcp]}]}, {_finding("egress")}],
	"another port by UDP": [{"ingress": [{"ports": [_tcp, {"port": 53, "protocol": "UDP"}]}]}, {_finding("ingress")}],
	"UDP alone": [{"ingress": [{"ports": [_udp]}]}, set()],
	"both ways": [{"ingress": [{"ports": [_tcp]}], "egress": [{"ports": [_tcp]}]}, {_finding("ingress"), _finding("egress")}],
}

test_verdict[note] if {
	some note, [spec, want] in _cases
	[alertmanager_gossip_without_udp.fail, alertmanager_gossip_without_udp.skip] == [want, set()] with input as {"spec": spec}
}

test_other[note] if {
	some note, spec in {
		"nothing": {},
		"all ports": {"ingress": [{}]},
		"other ports": {"ingress": [{"ports": [{"port": 9093}, {"port": "mesh"}]}]},
	}
	alertmanager_gossip_without_udp.fail == set() with input as {"spec": spec}
	alertmanager_gossip_without_udp.skip == {"It is not about the port of Alertmanagers among themselves."} with input as {"spec": spec}
}

test_only_out if {
	alertmanager_gossip_without_udp.skip == set() with input as {"spec": {"egress": [{"ports": [_tcp]}]}}
}
