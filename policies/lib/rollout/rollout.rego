# METADATA
# title: How many pods a number or a percentage stands for
# description: >-
#   The API takes an integer or a text like "25%" wherever pods may be missing. What a percentage
#   comes to depends on the field: budgets, maxSurge and the maxUnavailable of a DaemonSet round up,
#   the maxUnavailable of a Deployment or a StatefulSet rounds down. Exact, without fractions.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
#   - ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages
package lib.rollout

# METADATA
# title: The number before the percent sign
# description: Undefined for an integer, and for a text that is no percentage, which the API server refuses.
percent(value) := to_number(digits) + 0 if {
	is_string(value)
	regex.match(`^[0-9]+%$`, value)
	digits := trim_suffix(value, "%")
}

# METADATA
# title: How many of a total, rounded up
# description: An integer stands for itself, even where it is more than there are.
up(value, _) := value if is_number(value)

up(value, total) := _hundredth((percent(value) * total) + 99)

# METADATA
# title: How many of a total, rounded down
down(value, _) := value if is_number(value)

down(value, total) := _hundredth(percent(value) * total)

_hundredth(number) := (number - (number % 100)) / 100

# METADATA
# title: How many pods a rolling update of a Deployment adds, and how many it may lack
# description: Where rounding leaves it no way forward, one pod may be missing.
fenceposts(replicas, max_surge, max_unavailable) := {"surge": 0, "unavailable": 1} if {
	up(max_surge, replicas) == 0
	down(max_unavailable, replicas) == 0
} else := {"surge": up(max_surge, replicas), "unavailable": down(max_unavailable, replicas)}
