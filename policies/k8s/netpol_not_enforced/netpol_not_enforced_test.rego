package k8s.netpol_not_enforced_test

import data.k8s.netpol_not_enforced

_plugin(enforces, others, served, policies) := {
	"plugin": "X",
	"enforces": enforces,
	"why": "it says so",
	"others": {"total": count(others), "items": others},
	"served": served,
	"policies": policies,
}

_no_plugin := "It is no network plugin that is known."

_no_policies := "There are no network policies to enforce."

_elsewhere := "Others enforce network policies: DaemonSet kube-system/calico-node, DaemonSet kube-system/x."

_unknown := "X: whether it enforces network policies is not known, it says so."

_other_api := "X does not enforce network policies, but APIs of another engine are there: cilium.io, kubeovn.io."

_calico := ["DaemonSet kube-system/calico-node", "DaemonSet kube-system/x"]

# findings, unknown, skip
_cases := {
	"does not": [_plugin("no", [], [], 2), 1, set(), set()],
	"does": [_plugin("yes", [], ["cilium.io", "kubeovn.io"], 2), 0, set(), set()],
	"does, as others do": [_plugin("yes", _calico, [], 2), 0, set(), set()],
	"may": [_plugin("unknown", [], [], 2), 0, {_unknown}, set()],
	"does not, and there is another API": [_plugin("no", [], ["cilium.io", "kubeovn.io"], 2), 0, {_other_api}, set()],
	"does not, others do": [_plugin("no", _calico, [], 2), 0, set(), {_elsewhere}],
	"does not, others do, and there is another API": [_plugin("no", _calico, ["cilium.io", "kubeovn.io"], 2), 0, set(), {_elsewhere}],
	"may, others do": [_plugin("unknown", _calico, [], 2), 0, set(), {_elsewhere}],
	"no policies": [_plugin("no", [], [], 0), 0, set(), {_no_policies}],
	"no policies, may": [_plugin("unknown", [], [], 0), 0, set(), {_no_policies}],
	"no policies, another API": [_plugin("no", [], ["cilium.io", "kubeovn.io"], 0), 0, set(), {_no_policies}],
	"one other does": [
		_plugin("no", ["DaemonSet kube-system/x"], [], 2), 0, set(),
		{"Others enforce network policies: DaemonSet kube-system/x."},
	],
	"one other API": [
		_plugin("no", [], ["cilium.io"], 2), 0,
		{"X does not enforce network policies, but APIs of another engine are there: cilium.io."}, set(),
	],
	"no plugin": [{}, 0, set(), {_no_plugin}],
}

test_verdict[note] if {
	some note, [plugin, findings, reasons, skips] in _cases
	verdict := [count(netpol_not_enforced.fail), netpol_not_enforced.unknown, netpol_not_enforced.skip] with input as {"related": {"network_plugins": plugin}}
	verdict == [findings, reasons, skips]
}

test_finding if {
	plugin := _plugin("no", [], [], 2)
	netpol_not_enforced.fail == {{
		"path": "/metadata/name",
		"message": "X does not enforce network policies (it says so), nothing else is known to, and there are 2 of them.",
		"evidence": plugin,
	}} with input as {"related": {"network_plugins": plugin}}
}
