package k8s.alert_replica_label_kept_test

import data.k8s.alert_replica_label_kept

_path := "/spec/template/spec/containers/0"

_runs(spec, settings) := {
	"meta": {"kind": "StatefulSet", "name": "metrics"},
	"spec": spec,
	"pod": {"spec": {"volumes": [{"name": "config", "configMap": {"name": "metrics"}}]}},
	"containers": [{
		"name": "server",
		"role": "app",
		"path": _path,
		"body": {"image": "prom/prometheus:v3.16.0", "volumeMounts": [{"name": "config", "mountPath": "/etc/prometheus"}]},
	}],
	"related": {"configuration_files": {"total": 1, "items": [{
		"container": "server",
		"volume": "config",
		"path": "/etc/prometheus/prometheus.yml",
		"settings": settings,
	}]}},
}

_labelled(labels, rules) := {"global": {"external_labels": labels}, "alerting": {"alert_relabel_configs": rules}}

_replica := {"cluster": "a", "replica": "$(POD_NAME)"}

_finding(label, value) := {
	"path": _path,
	"key": label,
	"message": sprintf("Container server: its 2 replicas send the label %s with their alerts, in which they differ.", [label]),
	"evidence": {"label": label, "value": value, "replicas": 2},
}

_kept := {_finding("replica", "$(POD_NAME)")}

_cases := {
	"no labels": [{}, set()],
	"labels of the cluster": [_labelled({"cluster": "a", "environment": 5}, []), set()],
	"nothing dropped": [_labelled(_replica, []), _kept],
	"no relabeling": [object.remove(_labelled(_replica, []), ["alerting"]), _kept],
	"dropped": [_labelled(_replica, [{"action": "labeldrop", "regex": "replica"}]), set()],
	"dropped by a pattern": [_labelled(_replica, [{"action": "LabelDrop", "regex": "prometheus.*|replica"}]), set()],
	"all dropped": [_labelled(_replica, [{"action": "labeldrop"}]), set()],
	"a part of its name": [_labelled(_replica, [{"action": "labeldrop", "regex": "rep"}, {"action": "labeldrop", "regex": "lica"}]), _kept],
	"others kept": [_labelled(_replica, [{"action": "labelkeep", "regex": "cluster"}]), set()],
	"kept": [_labelled(_replica, [{"action": "labelkeep", "regex": "cluster|replica"}]), _kept],
	"replaced": [_labelled(_replica, [{"target_label": "replica"}]), set()],
	"another replaced": [_labelled(_replica, [{"target_label": "cluster"}]), _kept],
	"mapped": [_labelled(_replica, [{"action": "labelmap", "target_label": "replica", "regex": "replica"}]), _kept],
	"by its name": [_labelled({"prometheus_replica": "a"}, []), {_finding("prometheus_replica", "a")}],
	"by its name, a number": [_labelled({"replica": 1}, []), {_finding("replica", 1)}],
	"by its value": [_labelled({"who": "${HOSTNAME}"}, []), {_finding("who", "${HOSTNAME}")}],
	"by the value of the pod": [_labelled({"who": "$POD"}, []), {_finding("who", "$POD")}],
	"another variable": [_labelled({"who": "$(POD_REGION)"}, []), set()],
}

test_verdict[note] if {
	some note, [settings, want] in _cases
	document := _runs({"replicas": 2}, settings)
	alert_replica_label_kept.fail == want with input as document
	[alert_replica_label_kept.skip, alert_replica_label_kept.unknown] == [set(), set()] with input as document
}

test_alone[note] if {
	some note, spec in {"one": {"replicas": 1}, "default": {}, "none": {"replicas": 0}}
	document := _runs(spec, _labelled(_replica, []))
	alert_replica_label_kept.fail == set() with input as document
	alert_replica_label_kept.skip == {"It has no second replica."} with input as document
	alert_replica_label_kept.unknown == set() with input as object.remove(document, ["related"])
}

test_absent if {
	document := object.union(_runs({"replicas": 1}, {}), {"containers": []})
	alert_replica_label_kept.skip == {"It runs no Prometheus."} with input as document
}

test_untold if {
	document := object.remove(_runs({"replicas": 2}, {}), ["related"])
	alert_replica_label_kept.unknown == {"What stands in the file /etc/prometheus/prometheus.yml is not known: it lies on volume config, of the kind configMap."} with input as document
}
