package k8s.pdb_blocks_all_evictions_test

import data.k8s.pdb_blocks_all_evictions

_budget(spec) := {"meta": {"name": "web"}, "spec": object.union({"selector": {"matchLabels": {"app": "web"}}}, spec)}

# what the budget says: where it fails, and why
_blocking := {
	"no pod": [{"maxUnavailable": 0}, "/spec/maxUnavailable", "maxUnavailable is 0"],
	"none of all": [{"maxUnavailable": "0%"}, "/spec/maxUnavailable", "maxUnavailable is 0%"],
	"none, at length": [{"maxUnavailable": "00%"}, "/spec/maxUnavailable", "maxUnavailable is 00%"],
	"all": [{"minAvailable": "100%"}, "/spec/minAvailable", "minAvailable is 100%"],
	"more than all": [{"minAvailable": "150%"}, "/spec/minAvailable", "minAvailable is 150%"],
	"nothing": [{}, "/spec", "it has neither maxUnavailable nor minAvailable"],
	"nothing of all pods": [{"selector": {}}, "/spec", "it has neither maxUnavailable nor minAvailable"],
}

test_blocks[note] if {
	some note, [spec, path, says] in _blocking
	pdb_blocks_all_evictions.fail == {{
		"path": path,
		"message": sprintf("Budget web lets no pod be evicted: %s.", [says]),
		"evidence": object.remove(spec, ["selector"]),
	}} with input as _budget(spec)
	pdb_blocks_all_evictions.skip == set() with input as _budget(spec)
}

# what depends on the number of pods is judged elsewhere
_open := {
	"one": {"maxUnavailable": 1},
	"a hundredth": {"maxUnavailable": "1%"},
	"nearly all": {"minAvailable": "99%"},
	"any number": {"minAvailable": 100},
	"none must be there": {"minAvailable": 0},
	"none of all must be there": {"minAvailable": "0%"},
	"no percentage, which is refused": {"maxUnavailable": "0"},
	"nor this": {"minAvailable": "100"},
}

test_open[note] if {
	some note, spec in _open
	[pdb_blocks_all_evictions.fail, pdb_blocks_all_evictions.skip] == [set(), set()] with input as _budget(spec)
}

test_no_selector[note] if {
	some note, [spec, _, _] in _blocking
	[pdb_blocks_all_evictions.fail, pdb_blocks_all_evictions.skip] == [
		set(),
		{"It has no selector, so there is nothing that it could protect."},
	] with input as {"meta": {"name": "web"}, "spec": object.remove(spec, ["selector"])}
}
