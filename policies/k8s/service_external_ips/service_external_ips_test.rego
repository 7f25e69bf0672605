package k8s.service_external_ips_test

import data.k8s.service_external_ips

test_addresses if {
	service_external_ips.fail == {{
		"path": "/spec/externalIPs",
		"message": "Every node sends what goes to 192.0.2.1, 192.0.2.2 to this Service.",
		"evidence": {"externalIPs": ["192.0.2.1", "192.0.2.2"]},
		"patch": [{"op": "remove", "path": "/spec/externalIPs"}],
	}} with input as {"spec": {"externalIPs": ["192.0.2.1", "192.0.2.2"]}}
}

test_one_address if count(service_external_ips.fail) == 1 with input as {"spec": {"externalIPs": ["192.0.2.1"]}}

test_none[i] if {
	some i, spec in [{}, {"externalIPs": []}]
	service_external_ips.fail == set() with input as {"spec": spec}
}
