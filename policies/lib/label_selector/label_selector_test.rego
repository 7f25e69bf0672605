package lib.label_selector_test

import data.lib.label_selector

_labels := {"app": "web", "tier": "front"}

_one(operator, key, values) := {"matchExpressions": [{"operator": operator, "key": key, "values": values}]}

_bare(operator, key) := {"matchExpressions": [{"operator": operator, "key": key}]}

_selecting := {
	"empty": {},
	"label": {"matchLabels": {"app": "web"}},
	"labels": {"matchLabels": {"app": "web", "tier": "front"}},
	"in": _one("In", "app", ["api", "web"]),
	"not in": _one("NotIn", "app", ["api"]),
	"not in, without the label": _one("NotIn", "zone", ["a"]),
	"exists": _bare("Exists", "app"),
	"does not exist": _bare("DoesNotExist", "zone"),
	"both": object.union({"matchLabels": {"app": "web"}}, _bare("Exists", "tier")),
}

_not_selecting := {
	"other value": {"matchLabels": {"app": "api"}},
	"one of two": {"matchLabels": {"app": "web", "tier": "back"}},
	"other label": {"matchLabels": {"zone": "a"}},
	"in": _one("In", "app", ["api"]),
	"in, without the label": _one("In", "zone", ["a"]),
	"not in": _one("NotIn", "app", ["api", "web"]),
	"exists": _bare("Exists", "zone"),
	"does not exist": _bare("DoesNotExist", "app"),
	"unknown": _one("Gt", "app", ["web"]),
	"expression of both": object.union({"matchLabels": {"app": "web"}}, _bare("Exists", "zone")),
	"label of both": object.union({"matchLabels": {"app": "api"}}, _bare("Exists", "tier")),
	"one of two expressions": {"matchExpressions": [
		{"operator": "Exists", "key": "app"},
		{"operator": "Exists", "key": "zone"},
	]},
}

test_selecting[note] if {
	some note, selector in _selecting
	label_selector.selects(selector, _labels)
}

test_not_selecting[note] if {
	some note, selector in _not_selecting
	not label_selector.selects(selector, _labels)
}
