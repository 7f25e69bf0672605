package k8s.pdb_sync_failed_test

import data.k8s.pdb_sync_failed

_none := {"total": 0, "items": []}

_agents := {"total": 2, "items": [{"kind": "DaemonSet", "name": "agent"}, {"kind": "Job", "name": "once"}]}

_document(spec, covered) := {"spec": spec, "related": {"covered": object.union({"unscaled": _none}, covered)}}

test_none if pdb_sync_failed.fail == set() with input as _document({"maxUnavailable": 1}, {})

test_owners_without_scale if {
	pdb_sync_failed.fail == {{
		"path": "/spec/maxUnavailable",
		"message": concat(" ", [
			"It is a share of what owners ask for, and DaemonSet agent, Job once has no scale,",
			"so it allows no eviction.",
		]),
		"evidence": {"unscaled": _agents, "failed": null},
	}} with input as _document({"maxUnavailable": 0}, {"unscaled": _agents})
}

test_one_owner_without_scale if {
	some finding in pdb_sync_failed.fail with input as _document(
		{"maxUnavailable": 1},
		{"unscaled": {"total": 1, "items": [{"kind": "Job", "name": "once"}]}},
	)
	startswith(finding.message, "It is a share of what owners ask for, and Job once has no scale,")
}

test_what_the_controller_says if {
	pdb_sync_failed.fail == {{
		"path": "/spec/minAvailable",
		"message": "The disruption controller cannot work it out, found no controllers, so it allows no eviction.",
		"evidence": {"unscaled": _agents, "failed": "found no controllers"},
	}} with input as _document({"minAvailable": "50%"}, {"unscaled": _agents, "failed": "found no controllers"})
}

test_neither if {
	some finding in pdb_sync_failed.fail with input as _document({}, {"failed": "x"})
	finding.path == "/spec"
}
