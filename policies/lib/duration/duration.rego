# METADATA
# title: Durations as programs write them, in nanoseconds
# description: >-
#   Prometheus, Thanos and Loki know years, weeks and days, each unit once and the longest first; programs
#   that use the durations of Go know nothing longer than an hour, but fractions. Whole numbers, exact.
#   Undefined for what these programs refuse.
# related_resources:
#   - ref: https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
#   - ref: https://pkg.go.dev/time#ParseDuration
package lib.duration

# METADATA
# title: A duration of Prometheus, such as 15d or 1h30m
prometheus(text) := 0 if {
	text == "0"
} else := _fitting(amounts) if {
	regex.match(_prometheus, text)
	parts := regex.find_all_string_submatch_n(`0*([0-9]+)([a-z]+)`, text, -1)
	amounts := [amount | some part in parts; amount := to_number(part[1]) * _units[part[2]]]
	amounts != []
}

# METADATA
# title: A duration of Go, such as 120h or 1.5h
go(text) := 0 if {
	regex.match(`^\+?0$`, text)
} else := _fitting(amounts) if {
	regex.match(_go, text)
	parts := regex.find_all_string_submatch_n(_go_part, text, -1)
	amounts := [amount | some part in parts; amount := floor(_decimal(part[1], part[2]) * _units[part[3]])]
}

# what fits into 63 bits
_fitting(amounts) := total if {
	total := sum(amounts)
	total <= 9223372036854775807
}

_prometheus := concat("", array.flatten(["^", [part | some unit in _names; part := sprintf("(?:0*[0-9]{1,18}%s)?", [unit])], "$"]))

_names := ["y", "w", "d", "h", "m", "s", "ms"]

_go := `^\+?(?:(?:[0-9]{1,18}\.?[0-9]{0,18}|\.[0-9]{1,18})(?:ns|us|µs|μs|ms|s|m|h))+$`

_go_part := `0*([0-9]*)\.?([0-9]*)([a-zµμ]+)`

_decimal(whole, fraction) := to_number(sprintf("%s.%s0", [_led(whole), fraction]))

_led("") := "0"

_led(digits) := digits if digits != ""

_units := {
	"ns": 1,
	"us": 1000,
	"µs": 1000,
	"μs": 1000,
	"ms": 1000000,
	"s": 1000000000,
	"m": 60000000000,
	"h": 3600000000000,
	"d": 86400000000000,
	"w": 604800000000000,
	"y": 31536000000000000,
}
