# METADATA
# title: Label selectors
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
package lib.label_selector

# METADATA
# title: Whether a LabelSelector selects an object with these labels
# description: All of it must hold; an empty one selects everything.
selects(selector, labels) if {
	every key, value in object.get(selector, "matchLabels", {}) {
		labels[key] == value
	}
	every one in object.get(selector, "matchExpressions", []) {
		_holds(one.operator, object.get(labels, one.key, null), one)
	}
}

_holds("In", value, one) if value in one.values

# holds for those without the label too
_holds("NotIn", value, one) if not value in one.values

_holds("Exists", value, _) if value != null

_holds("DoesNotExist", null, _)
