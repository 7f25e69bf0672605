# METADATA
# title: How long something has been so
# description: For policies that need `now`, the time at which the cluster was read.
package lib.age

# METADATA
# title: Whether a time of the API lies further back than a duration such as 15m or 6h
older(since, duration) if {
	passed := time.parse_rfc3339_ns(input.now) - time.parse_rfc3339_ns(since)
	passed > time.parse_duration_ns(duration)
}
